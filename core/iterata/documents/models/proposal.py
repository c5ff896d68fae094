"""Stage 3: the plan everyone agrees to before anything is run."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, model_validator

from iterata.documents.models.base import (
    Amendment,
    Digest,
    Header,
    Identifier,
    Iteration,
    Name,
    Part,
    Seed,
    Text,
    at_most_one_of,
)
from iterata.documents.models.rows import (
    NEGATIVE,
    POSITIVE,
    TREATED,
    RowSource,
    StatusQuo,
    TargetValue,
    TargetValues,
    Treated,
    Weights,
)
from iterata.documents.models.splits import Split
from iterata.documents.models.variants import Variant
from iterata.stages import Stage


class DataSet(RowSource):
    """The table that the experiment reads. What it leaves out is as in the assessment."""

    model_config = ConfigDict(json_schema_extra=at_most_one_of("source", "query"))

    name: Name = Field("rows", description="The table's name.")
    digest: Digest | None = Field(
        None, description="The fingerprint of its rows; written by `iterata move` at approval."
    )
    unit_id: Name | None = Field(
        None, description="The column of the independent unit; null if each row is one."
    )
    weights: Weights | None = Field(
        None, description="Sample weights, if the table is not a random sample; null for none."
    )
    treated: Treated | None = Field(None, description=f"{TREATED} Null for none.")

    @model_validator(mode="after")
    def _source_or_query(self) -> DataSet:
        if self.source is not None and self.query is not None:
            raise ValueError("give either source or query, and not both")
        if self.database is not None and self.query is None:
            raise ValueError("a database needs a query")
        return self

    @property
    def has_rows(self) -> bool:
        """Whether it says where the rows come from."""
        return self.source is not None or self.query is not None


class ProposedTarget(Part):
    """What the models predict. What it leaves out is as in the assessment."""

    column: Name | None = Field(None, description="The column of the true outcomes.")
    positive: TargetValue | TargetValues | None = Field(
        None, description=f"{POSITIVE} It is 1 if neither document says it."
    )
    negative: TargetValue | TargetValues | None = Field(None, description=NEGATIVE)
    made_by: Text = Field(description="How the labels are made, and when they are known.")


class Target(ProposedTarget):
    """The target of a complete plan."""

    column: Name = Field(description="The column of the true outcomes.")
    positive: TargetValue | TargetValues = Field(1, description=POSITIVE)


class SecondaryMetric(Part):
    """A further metric to report, by the name of its scikit-learn scorer."""

    metric: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")] = Field(
        description="A scikit-learn scorer, such as roc_auc or r2; for rankings also ndcg_at_10 and similar."
    )


class Guardrail(Part):
    """A number that must not get worse by more than a margin, even if the primary metric improves."""

    name: Name = Field(description="The name in tables.")
    metric: str | None = Field(None, pattern=r"^[a-z][a-z0-9_]*$", description="A scikit-learn scorer.")
    share_of: Text | None = Field(
        None,
        description="Instead: the share of rows acted upon for which this expression is true; with classes "
        "the share of all rows, and the expression names the `answer`.",
    )
    better: Literal["higher", "lower"] = Field(
        "higher", description="Whether a higher or a lower value is better."
    )
    margin: float = Field(ge=0, description="How much worse than the status quo is still acceptable.")

    @model_validator(mode="after")
    def _one_measure(self) -> Guardrail:
        if (self.metric is None) == (self.share_of is None):
            raise ValueError("a guardrail needs either metric or share_of, and not both")
        return self


class Metrics(Part):
    """What is measured."""

    primary: Name = Field(description="The name of the assessment's KPI, which decides.")
    secondary: list[SecondaryMetric] = Field(default_factory=list, description="Further metrics to report.")
    guardrail: list[Guardrail] = Field(default_factory=list, description="What must not get worse.")


class Support(Part):
    """The difference that supports a hypothesis."""

    variant: Name = Field(description="The variant that is expected to be better.")
    over: Name = Field("status quo", description="What it is compared with: a variant or status quo.")
    by: float = Field(
        0.0, description="The difference that is required, in the primary metric's unit and period."
    )


class Hypothesis(Part):
    """A claim about the world that the experiment tests."""

    id: Identifier = Field(description="H1, H2 …, unique in the plan.")
    claim: Text = Field(description="The claim about the customers, the market or the world behind the data.")
    supported_if: Support = Field(description="The difference that supports it.")
    tests: list[Identifier] = Field(
        default_factory=list,
        description="The business hypotheses of the requirements that it tests, such as B1; a claim that "
        "names them in its words need not list them. It may be added after the approval.",
    )


class ProposedPlan(Part):
    """The machine-readable part of the proposal: `iterata run` does exactly this.

    The approved assessment describes the rows: their source, the target, the unit, the weights and the status
    quo. The plan need not repeat it; `iterata.documents.models.inheritance` completes it.
    """

    data: list[DataSet] | None = Field(
        None,
        min_length=1,
        max_length=1,
        description="The table the experiment reads; leave it out if it is the assessment's.",
    )
    data_digest: Digest | None = Field(
        None,
        description="The fingerprint of the assessment's rows, for a plan without `data`; written by "
        "`iterata move` at approval.",
    )
    target: ProposedTarget | None = Field(
        None, description="What the models predict; leave out what is as in the assessment."
    )
    split: Split = Field(description="How rows are split into those to learn from and those to predict.")
    status_quo: StatusQuo | None = Field(
        None,
        description="The current practice for the same rows; leave it out if it is the assessment's.",
    )
    override_reason: Text | None = Field(
        None, description="Why the plan describes its rows differently from the assessment."
    )
    drop_reasons: dict[Name, Text] = Field(
        default_factory=dict,
        description="Why the plan drops a guardrail or an excluded column of the plan it follows, by name.",
    )
    metrics: Metrics = Field(description="What is measured.")
    features: dict[Identifier, list[Text]] = Field(
        min_length=1,
        description="Feature sets: names to lists of column patterns; a leading ! leaves columns out.",
    )
    variants: list[Variant] = Field(min_length=1, description="The models to compare.")
    segments: list[Name] = Field(
        default_factory=list, description="Columns by whose values the results are broken down."
    )
    hypotheses: list[Hypothesis] = Field(min_length=1, description="The claims that the experiment tests.")
    resamples: int = Field(
        2000, ge=200, le=100_000, description="How many bootstrap resamples the intervals use."
    )
    seed: Seed = Field(0, description="Makes the models and the intervals reproducible.")

    @model_validator(mode="after")
    def _one_digest(self) -> ProposedPlan:
        if self.data is not None and self.data_digest is not None:
            raise ValueError("`data_digest` is for a plan without `data`; remove it")
        return self


class Plan(ProposedPlan):
    """A complete plan: with the description of its rows, whichever document it is from."""

    data: list[DataSet] = Field(min_length=1, max_length=1, description="The table the experiment reads.")
    target: Target = Field(description="What the models predict.")
    status_quo: StatusQuo = Field(description="The current practice for the same rows.")

    @model_validator(mode="after")
    def _has_rows(self) -> Plan:
        if not self.data[0].has_rows:
            raise ValueError("the data need a source or a query")
        return self


class Resources(Part):
    """What the work needs to run."""

    cpu: int = Field(ge=0, description="Processor cores.")
    memory_gb: float = Field(gt=0, description="Memory in gigabytes.")
    gpu: int = Field(0, ge=0, description="Graphics processors.")
    tpu: int = Field(0, ge=0, description="Tensor processors.")
    storage_gb: float = Field(0, ge=0, description="Disk space in gigabytes.")
    network: Text = Field("none", description="Network connections.")
    cloud: Text = Field("none", description="The cloud provider and service, or none.")


class Infrastructure(Part):
    """What training and a later release need."""

    training: Resources = Field(description="For the experiment.")
    deployment: Resources = Field(description="For a release, as far as it is known.")


class Risk(Part):
    """A risk, and how it is handled."""

    risk: Text = Field(description="What could go wrong.")
    answer: Text = Field(description="How it is handled.")


class ReusableComponent(Part):
    """A general component that the experiment needs, and that an engineering project builds."""

    name: Name = Field(description="The component.")
    project: Text = Field(description="The engineering project that builds it.")
    why: Text = Field(description="Why this iteration needs it.")


class Proposal(Header):
    """The front matter of `proposal.md`."""

    stage: Literal[Stage.PROPOSAL] = Field(description="Always proposal.")
    iteration: Iteration | None = Field(None, description="The iteration, if it begins here (data, feature).")
    plan: ProposedPlan = Field(description="What `iterata run` will do.")
    plan_digest: Digest | None = Field(
        None, description="The approved plan's fingerprint; written by `iterata move`."
    )
    code_digest: Digest | None = Field(
        None,
        description="The fingerprint of the approved code that the plan names; written by `iterata move`.",
    )
    infrastructure: Infrastructure = Field(description="What training and a release need.")
    risks: list[Risk] = Field(min_length=1, description="What could go wrong, and how it is handled.")
    rewards: list[Text] = Field(min_length=1, description="What is gained if the hypotheses are true.")
    reusable_components: list[ReusableComponent] = Field(
        default_factory=list, description="General components, each built in its own engineering project."
    )
    timebox: Name = Field(description="How long the experiment may take, such as 5 days.")
    amendments: list[Amendment] = Field(
        default_factory=list, description="Changes to the plan after its approval."
    )
