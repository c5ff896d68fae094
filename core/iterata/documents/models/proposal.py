"""Stage 3: the plan everyone agrees to before anything is run."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from iterata.documents.models.base import Day, Digest, Header, Identifier, Iteration, Name, Part, Seed, Text
from iterata.documents.models.rows import Place, StatusQuo
from iterata.documents.models.splits import Split
from iterata.documents.models.variants import Variant
from iterata.stages import Stage


class DataSet(Place):
    """A table the experiment reads."""

    name: Name = Field(description="What to call it.")
    digest: Digest | None = Field(
        None, description="The fingerprint of its rows; written by `iterata move` at approval."
    )
    unit_id: Name | None = Field(
        None, description="The column naming the independent unit, if a row is not one."
    )


class Target(Part):
    """What the models learn to predict."""

    column: Name = Field(description="The column that holds it.")
    positive: str | int | float | bool = Field(1, description="The value that counts as positive.")
    made_by: Text = Field(description="How the labels came to be, and when they are known.")


class SecondaryMetric(Part):
    """A further number to report, by scikit-learn's name for its scorer."""

    metric: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")] = Field(
        description="A scikit-learn scorer, such as roc_auc or r2; for rankings also ndcg_at_10 and the like."
    )


class Guardrail(Part):
    """A number that must not get worse by more than its margin, whatever the primary metric gains."""

    name: Name = Field(description="What to call it.")
    metric: str | None = Field(None, pattern=r"^[a-z][a-z0-9_]*$", description="A scikit-learn scorer.")
    share_of: Text | None = Field(
        None,
        description="Instead: the share of those acted upon for whom this expression over columns holds.",
    )
    better: Literal["higher", "lower"] = Field("higher", description="Which way is better.")
    margin: float = Field(ge=0, description="How much worse than the status quo is still acceptable.")

    @model_validator(mode="after")
    def _one_measure(self) -> Guardrail:
        if (self.metric is None) == (self.share_of is None):
            raise ValueError("a guardrail needs either metric or share_of, and not both")
        return self


class Metrics(Part):
    """What is measured."""

    primary: Name = Field(description="The KPI of the assessment, by its name; it decides.")
    secondary: list[SecondaryMetric] = Field(default_factory=list, description="Further numbers to report.")
    guardrail: list[Guardrail] = Field(default_factory=list, description="What must not get worse.")


class Support(Part):
    """The effect that would support a hypothesis."""

    variant: Name = Field(description="The variant that should do better.")
    over: Name = Field("status quo", description="What it should beat: another variant, or status quo.")
    by: float = Field(0.0, description="By how much, in the primary metric's unit and period.")


class Hypothesis(Part):
    """A claim about the world that the experiment can speak for or against."""

    id: Identifier = Field(description="H1, H2 …, unique in the plan.")
    claim: Text = Field(description="What is believed of the customers, the market or the data's world.")
    supported_if: Support = Field(description="The effect that would support it.")


class Plan(Part):
    """The machine-readable half of the proposal: `iterata run` does this and nothing else."""

    data: list[DataSet] = Field(min_length=1, max_length=1, description="The table the experiment reads.")
    target: Target = Field(description="What is predicted.")
    split: Split = Field(description="How rows are kept apart from the models that predict them.")
    status_quo: StatusQuo = Field(description="What is done today, over the same rows.")
    metrics: Metrics = Field(description="What is measured.")
    features: dict[Identifier, list[Text]] = Field(
        min_length=1,
        description="Feature sets: names to lists of column patterns; a leading ! leaves columns out.",
    )
    variants: list[Variant] = Field(min_length=1, description="What to try.")
    segments: list[Name] = Field(
        default_factory=list, description="Columns by whose values results are split."
    )
    hypotheses: list[Hypothesis] = Field(min_length=1, description="What the experiment is to find out.")
    resamples: int = Field(
        2000, ge=200, le=100_000, description="How many bootstrap resamples the intervals use."
    )
    seed: Seed = Field(0, description="Makes the models and the intervals repeatable.")


class Resources(Part):
    """What the work needs to run on."""

    cpu: int = Field(ge=0, description="Processor cores.")
    memory_gb: float = Field(gt=0, description="Memory in gigabytes.")
    gpu: int = Field(0, ge=0, description="Graphics processors.")
    tpu: int = Field(0, ge=0, description="Tensor processors.")
    storage_gb: float = Field(0, ge=0, description="Disk space in gigabytes.")
    network: Text = Field("none", description="Connections it needs.")
    cloud: Text = Field("none", description="The cloud and service, or none.")


class Infrastructure(Part):
    """What training and a later release need."""

    training: Resources = Field(description="For the experiment.")
    deployment: Resources = Field(description="For a release, as far as it can be foreseen.")


class Risk(Part):
    """What may go wrong."""

    risk: Text = Field(description="What may go wrong.")
    answer: Text = Field(description="What is done about it.")


class ReusableComponent(Part):
    """Something general the experiment needs, built elsewhere so that this iteration stays small."""

    name: Name = Field(description="What it is.")
    project: Text = Field(description="The engineering project that builds it.")
    why: Text = Field(description="What this iteration needs it for.")


class Amendment(Part):
    """A change to an approved plan, agreed to anew."""

    on: Day = Field(description="The day, as YYYY-MM-DD.")
    what: Text = Field(description="What changed in the plan.")
    why: Text = Field(description="Why it could not wait for the next iteration.")


class Proposal(Header):
    """The front matter of `proposal.md`."""

    stage: Literal[Stage.PROPOSAL] = Field(description="Always proposal.")
    iteration: Iteration | None = Field(
        None, description="The iteration, where it begins here (data, feature)."
    )
    plan: Plan = Field(description="What `iterata run` will do.")
    plan_digest: Digest | None = Field(
        None, description="The approved plan's fingerprint; written by `iterata move`."
    )
    infrastructure: Infrastructure = Field(description="What training and a release need.")
    risks: list[Risk] = Field(min_length=1, description="What may go wrong, and the answer to it.")
    rewards: list[Text] = Field(min_length=1, description="What is won if the hypotheses hold.")
    reusable_components: list[ReusableComponent] = Field(
        default_factory=list, description="General parts it needs, each built in its own engineering project."
    )
    timebox: Name = Field(description="How long the experiment may take, such as 5 days.")
    amendments: list[Amendment] = Field(default_factory=list, description="Changes agreed to after approval.")
