"""How an assessment describes its KPI: one model per kind."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from iterata.documents.models.base import Name, Part
from iterata.documents.models.enums import (
    Direction,
    EmptyGroups,
    OutcomeKind,
    RandomModel,
    RankingMeasure,
    Spend,
)


class KpiBase(Part):
    """What every KPI says of itself."""

    name: Name = Field(description="What it is called, such as policies sold.")
    unit: Name = Field(description="What it is counted in, such as policies or EUR.")
    direction: Direction = Field(Direction.MAXIMISE, description="Which way is better.")


def _share_or_number(budget: float) -> float:
    if budget > 1 and (budget < 2 or budget != int(budget)):
        raise ValueError("must be a share up to 1, such as 0.2, or a whole number of units, such as 800")
    return budget


Budget = Annotated[float, Field(gt=0), AfterValidator(_share_or_number)]
"""A share of the units, or their number."""


class TargetingSpec(KpiBase):
    """The value of contacting the best-scored units within a budget."""

    kind: Literal["targeting"] = Field(description="Contact the best-scored units within a budget.")
    budget: Budget = Field(description="Up to 1: the share of units to contact. From 2: their number.")
    value_per_hit: float = Field(1.0, description="What one contacted positive is worth, in the unit.")
    cost_per_contact: float = Field(0.0, ge=0, description="What one contact costs, in the unit.")
    spend: Spend = Field(Spend.FORCED, description="Whether the whole budget is spent whoever is left.")


class CellValues(Part):
    """What one row in each cell of the confusion table is worth, in the KPI's unit."""

    tp: float = Field(description="Positive, and acted upon.")
    fp: float = Field(description="Negative, and acted upon.")
    fn: float = Field(description="Positive, and left alone.")
    tn: float = Field(description="Negative, and left alone.")


class OutcomeValueSpec(KpiBase):
    """The summed value of yes / no decisions."""

    kind: Literal["outcome_value"] = Field(description="Sum the value of each yes / no decision.")
    values: CellValues = Field(description="What each kind of outcome is worth.")
    threshold: float = Field(0.5, description="A score from here on counts as yes; decisions are 0 or 1.")
    random: RandomModel = Field(
        RandomModel.STATUS_QUO_RATE, description="How many rows the random model acts upon."
    )


class ForecastCostSpec(KpiBase):
    """What it costs to expect too little, or too much."""

    kind: Literal["forecast_cost"] = Field(description="Price every unit short and every unit in excess.")
    direction: Literal[Direction.MINIMISE] = Field(Direction.MINIMISE, description="A cost: less is better.")
    under: float = Field(gt=0, description="What a unit costs that was needed and not expected.")
    over: float = Field(gt=0, description="What a unit costs that was expected and not needed.")


class RankingSpec(KpiBase):
    """How good the first few rows of each group are."""

    kind: Literal["ranking"] = Field(description="Judge the first rows of each group.")
    direction: Literal[Direction.MAXIMISE] = Field(Direction.MAXIMISE, description="More is better.")
    measure: RankingMeasure = Field(description="How the first rows are judged.")
    k: int = Field(ge=1, description="How many of each group's rows are looked at.")
    group: Name = Field(description="The column that says which rows are ranked against each other.")
    empty_groups: EmptyGroups = Field(
        EmptyGroups.SKIP, description="What a group counts for in which nothing is relevant."
    )


class MetricSpec(KpiBase):
    """A metric of scikit-learn, where no number in business units is to be had yet."""

    kind: Literal["metric"] = Field(description="A scikit-learn scorer; a KPI in business units says more.")
    direction: Literal[Direction.MAXIMISE] = Field(
        Direction.MAXIMISE, description="More is better, as with every scorer."
    )
    metric: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")] = Field(
        description="A scikit-learn scorer, such as roc_auc or neg_mean_absolute_error."
    )

    @property
    def of_numbers(self) -> bool:
        """Whether it judges forecasts of a number, rather than of yes or no."""
        return self.metric in NUMBER_SCORERS or self.metric.startswith(NUMBER_PREFIXES)


NUMBER_SCORERS = frozenset({"r2", "explained_variance", "d2_absolute_error_score"})
NUMBER_PREFIXES = ("neg_mean_", "neg_median_", "neg_root_", "neg_max_")
"""scikit-learn's scorers of regressions, so that `check` need not load scikit-learn to tell."""


class PythonSpec(KpiBase):
    """A function of the project: run by `lift`, `run` and `verify` only."""

    kind: Literal["python"] = Field(description="A function of the project's own code.")
    function: Annotated[str, Field(pattern=r"^[A-Za-z_]\w*:[A-Za-z_]\w*$")] = Field(
        description="Where it is, such as kpis:margin for `def margin(frame, prediction, sample_weight)`."
    )
    columns: list[Name] = Field(default_factory=list, description="The columns it needs beside the target.")
    outcome: OutcomeKind = Field(OutcomeKind.YES_NO, description="What the target holds.")


KpiSpec = Annotated[
    TargetingSpec | OutcomeValueSpec | ForecastCostSpec | RankingSpec | MetricSpec | PythonSpec,
    Field(discriminator="kind"),
]
"""One model per kind of KPI, told apart by `kind`."""


def outcome_of(spec: KpiSpec) -> OutcomeKind:
    """What the target must hold for a KPI."""
    match spec:
        case PythonSpec():
            return spec.outcome
        case ForecastCostSpec():
            return OutcomeKind.NUMBER
        case RankingSpec():
            return OutcomeKind.RELEVANCE
        case MetricSpec() if spec.of_numbers:
            return OutcomeKind.NUMBER
        case _:
            return OutcomeKind.YES_NO


def group_of(spec: KpiSpec | None) -> str | None:
    """The column of what is ranked against each other; none for other kinds."""
    return spec.group if isinstance(spec, RankingSpec) else None
