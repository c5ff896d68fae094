"""How an assessment describes its KPI: one model for each kind."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from iterata.documents.models.base import Name, Part
from iterata.documents.models.enums import (
    Direction,
    EmptyGroups,
    OutcomeKind,
    RandomAnswers,
    RandomModel,
    RankingMeasure,
    Spend,
)

INHERITED = ""
"""A name or a unit that the requirements say; `complete_assessment` replaces it."""


class KpiBase(Part):
    """What descriptions of all kinds have in common."""

    name: Name = Field(
        INHERITED,
        description="The name, such as policies sold; leave it out for the first KPI of the requirements.",
    )
    unit: Name = Field(
        INHERITED, description="The unit, such as policies or EUR; leave it out if the requirements say it."
    )
    direction: Direction = Field(
        Direction.MAXIMISE,
        description="Whether more or less is better; leave it out if the requirements say it.",
    )


def _share_or_number(budget: float) -> float:
    if budget > 1 and (budget < 2 or budget != int(budget)):
        raise ValueError("must be a share up to 1, such as 0.2, or a whole number of units, such as 800")
    return budget


Budget = Annotated[float, Field(gt=0), AfterValidator(_share_or_number)]
"""A share of the rows, or their number: rows are contacted, even if several belong to one unit."""


class TargetingSpec(KpiBase):
    """The value of contacting the best-scored rows within a budget."""

    kind: Literal["targeting"] = Field(description="Contact the best-scored rows within a budget.")
    budget: Budget = Field(description="Up to 1: the share of rows to contact. From 2: their number.")
    value_per_hit: float = Field(1.0, description="What one contacted positive is worth, in the unit.")
    cost_per_contact: float = Field(0.0, ge=0, description="What one contact costs, in the unit.")
    spend: Spend = Field(Spend.FORCED, description="Whether the whole budget is spent in any case.")

    @property
    def may_stop(self) -> bool:
        """Whether a model may leave a part of the budget unspent."""
        return self.spend is Spend.OPTIONAL


class UpliftSpec(KpiBase):
    """What treating the chosen rows gains over treating nobody, from a campaign that chance decided.

    `treated` of the data says who was treated. The gain is estimated, never counted: nobody is seen both
    treated and untreated.
    """

    kind: Literal["uplift"] = Field(description="Gain by treating: what the treatment causes, not hits.")
    budget: Budget = Field(
        1.0, description="Up to 1: the share of rows that may be treated. From 2: their number."
    )
    value_per_outcome: float = Field(
        1.0, description="What one positive outcome, or one unit of the outcome's number, is worth."
    )
    cost_per_contact: float = Field(0.0, ge=0, description="What treating one row costs, in the unit.")
    spend: Spend = Field(
        Spend.OPTIONAL, description="Whether the whole budget is spent in any case, or may be left."
    )
    outcome: Literal[OutcomeKind.YES_NO, OutcomeKind.NUMBER] = Field(
        OutcomeKind.YES_NO, description="The kind of values in the target column: yes_no or number."
    )
    strata: list[Name] = Field(
        default_factory=list,
        description="Columns, known before the treatment, whose values divide the rows into groups of "
        "different effects: they can narrow the bounds of the perfect model. At most 10 groups are used.",
    )
    turned_away_at_most: float | None = Field(
        None,
        ge=0,
        le=1,
        description="An assumption: the largest share of rows that the treatment turns away; 0 is no harm.",
    )

    @model_validator(mode="after")
    def _worth_something(self) -> UpliftSpec:
        if self.value_per_outcome == 0:
            raise ValueError("value_per_outcome is 0: no treatment could gain anything; write its worth")
        if self.outcome is not OutcomeKind.YES_NO and (self.strata or self.turned_away_at_most is not None):
            raise ValueError("strata and turned_away_at_most are for an outcome of yes or no; remove them")
        return self

    @property
    def may_stop(self) -> bool:
        """Whether a model may leave a part of the budget unspent."""
        return self.spend is Spend.OPTIONAL


class CellValues(Part):
    """What one row in each cell of the confusion matrix is worth, in the KPI's unit."""

    tp: float = Field(description="Positive, and acted upon.")
    fp: float = Field(description="Negative, and acted upon.")
    fn: float = Field(description="Positive, and not acted upon.")
    tn: float = Field(description="Negative, and not acted upon.")


class OutcomeValueSpec(KpiBase):
    """The total value of yes / no decisions."""

    kind: Literal["outcome_value"] = Field(description="Sum the value of each yes / no decision.")
    values: CellValues = Field(description="What one row in each cell of the confusion matrix is worth.")
    threshold: float = Field(0.5, description="The lowest score that counts as yes; decisions are 0 or 1.")
    random: RandomModel = Field(
        RandomModel.STATUS_QUO_RATE, description="How many rows the random model acts upon."
    )


def class_text(name: object) -> object:
    """The text of a class: a key that YAML reads as a number, or as true or false, is written as in a table.

    >>> class_text(1), class_text(2.0), class_text(True), class_text("billing")
    ('1', '2', 'true', 'billing')
    """
    if isinstance(name, bool):
        return str(name).lower()
    if isinstance(name, float) and name == int(name):
        return str(int(name))
    return str(name) if isinstance(name, int | float) else name


def texts_as_keys(values: object) -> object:
    """A block whose keys are classes; anything else as it is."""
    return {class_text(key): value for key, value in values.items()} if isinstance(values, dict) else values


ByTruth = Annotated[dict[Name, float], BeforeValidator(texts_as_keys)]
"""What an answer is worth, by the class that is true."""

ByAnswer = Annotated[dict[Name, ByTruth], BeforeValidator(texts_as_keys)]
"""`answer: {truth: value}`."""


class PersonAnswer(Part):
    """The answer that hands a row to a person."""

    answer: Name = Field("to a person", description="Its name, as in the status quo's column and in tables.")
    value: float = Field(description="What one row is worth that is handed over, in the unit.")


class ClassValueSpec(KpiBase):
    """The total value of answers, each one of several classes."""

    kind: Literal["class_value"] = Field(
        description="Sum the value of each answer, by the class that is true."
    )
    values: ByAnswer = Field(
        default_factory=dict,
        description="What one row is worth, written `answer: {truth: value}`, such as "
        "`billing: {technical: -3}`; pairs that are not listed are worth `right` or `wrong`.",
    )
    right: float = Field(1.0, description="What a right answer is worth that `values` does not list.")
    wrong: float = Field(0.0, description="What a wrong answer is worth that `values` does not list.")
    person: PersonAnswer | None = Field(
        None, description="The answer that hands a row to a person; leave it out if there is none."
    )
    random: RandomAnswers = Field(
        RandomAnswers.STATUS_QUO_SHARES, description="How often the random model gives each answer."
    )

    @model_validator(mode="after")
    def _values_fit(self) -> ClassValueSpec:
        person = self.person
        truths = {truth for by_truth in self.values.values() for truth in by_truth}
        if person is not None and person.answer in truths:
            raise ValueError(f"`{person.answer}` is the answer of `person`, so it cannot be a true class")
        if self.direction is Direction.MINIMISE and not {"right", "wrong"} & self.model_fields_set:
            raise ValueError("a cost needs `right` and `wrong`, such as `right: 0` and `wrong: 1`")
        return self


class ForecastCostSpec(KpiBase):
    """The cost of forecasts that are too low or too high."""

    kind: Literal["forecast_cost"] = Field(description="The cost of each unit by which a forecast is wrong.")
    direction: Literal[Direction.MINIMISE] = Field(Direction.MINIMISE, description="A cost: less is better.")
    under: float = Field(gt=0, description="The cost of a unit that was needed, but not forecast.")
    over: float = Field(gt=0, description="The cost of a unit that was forecast, but not needed.")


class RankingSpec(KpiBase):
    """A ranking metric of the first rows of each group."""

    kind: Literal["ranking"] = Field(description="Measure the first rows of each group.")
    direction: Literal[Direction.MAXIMISE] = Field(Direction.MAXIMISE, description="More is better.")
    measure: RankingMeasure = Field(description="The ranking metric.")
    k: int = Field(ge=1, description="How many rows of each group are measured.")
    group: Name = Field(description="The column of the groups within which rows are ranked.")
    empty_groups: EmptyGroups = Field(
        EmptyGroups.SKIP, description="How a group without any relevant row counts."
    )


class MetricSpec(KpiBase):
    """A scikit-learn metric, for a project that has no KPI in business units yet."""

    kind: Literal["metric"] = Field(description="A scikit-learn scorer; prefer a KPI in business units.")
    direction: Literal[Direction.MAXIMISE] = Field(
        Direction.MAXIMISE, description="More is better, as with every scorer."
    )
    metric: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")] = Field(
        description="A scikit-learn scorer, such as roc_auc, f1_macro or neg_mean_absolute_error."
    )
    outcome: Literal[OutcomeKind.YES_NO, OutcomeKind.CLASSES] | None = Field(
        None,
        description="`classes` if the target has several classes, and `yes_no` if it has two outcomes; leave "
        "it out if the scorer shows it, as f1 and f1_macro do. accuracy is for yes / no without it.",
    )

    person: Name | None = Field(
        None,
        description="For several classes: the answer that hands a row to a person, which no metric counts as "
        "right.",
    )

    @property
    def of_numbers(self) -> bool:
        """Whether it scores forecasts of numbers instead of yes / no predictions."""
        return self.metric in NUMBER_SCORERS or self.metric.startswith(NUMBER_PREFIXES)

    @property
    def of_classes(self) -> bool:
        """Whether it scores answers that are one of several classes."""
        return self.outcome is OutcomeKind.CLASSES or (self.outcome is None and is_class_scorer(self.metric))


NUMBER_SCORERS = frozenset({"r2", "explained_variance", "d2_absolute_error_score"})
NUMBER_PREFIXES = ("neg_mean_", "neg_median_", "neg_root_", "neg_max_")
"""scikit-learn's scorers of regressors, listed here because `check` does not import scikit-learn."""

CLASS_SCORERS = frozenset({"top_k_accuracy"})
CLASS_SUFFIXES = ("_macro", "_micro", "_weighted", "_ovr", "_ovo")
"""scikit-learn's scorers that only make sense for several classes."""


def is_class_scorer(name: str) -> bool:
    """Whether the name of a scorer shows that it is for several classes."""
    return name in CLASS_SCORERS or name.endswith(CLASS_SUFFIXES)


class PythonSpec(KpiBase):
    """A function of the project, which only `lift`, `run` and `verify` call."""

    kind: Literal["python"] = Field(description="A function in the project's own code.")
    function: Annotated[str, Field(pattern=r"^[A-Za-z_]\w*:[A-Za-z_]\w*$")] = Field(
        description="Module and name, such as kpis:margin for `def margin(frame, prediction, sample_weight)`."
    )
    columns: list[Name] = Field(default_factory=list, description="The columns it needs besides the target.")
    outcome: OutcomeKind = Field(OutcomeKind.YES_NO, description="The kind of values in the target column.")


KpiSpec = Annotated[
    TargetingSpec
    | UpliftSpec
    | OutcomeValueSpec
    | ClassValueSpec
    | ForecastCostSpec
    | RankingSpec
    | MetricSpec
    | PythonSpec,
    Field(discriminator="kind"),
]
"""A KPI of any kind; `kind` selects the model."""


_OUTCOMES: dict[type[KpiBase], OutcomeKind] = {
    ClassValueSpec: OutcomeKind.CLASSES,
    ForecastCostSpec: OutcomeKind.NUMBER,
    RankingSpec: OutcomeKind.RELEVANCE,
}
"""What a kind of KPI needs in the target column, if that is always the same and not yes or no."""


def outcome_of(spec: KpiSpec) -> OutcomeKind:
    """The kind of values that the KPI needs in the target column."""
    match spec:
        case PythonSpec() | UpliftSpec():
            return spec.outcome
        case MetricSpec() if spec.of_classes:
            return OutcomeKind.CLASSES
        case MetricSpec() if spec.of_numbers:
            return OutcomeKind.NUMBER
        case _:
            return _OUTCOMES.get(type(spec), OutcomeKind.YES_NO)


def may_stop(spec: KpiSpec) -> bool:
    """Whether a model may act on fewer rows than the budget allows: `stop_below` says from which score on."""
    return isinstance(spec, TargetingSpec | UpliftSpec) and spec.may_stop


def person_of(spec: KpiSpec) -> str | None:
    """The answer that hands a row to a person; None if there is none."""
    match spec:
        case ClassValueSpec():
            return spec.person.answer if spec.person else None
        case MetricSpec():
            return spec.person
        case _:
            return None


def group_of(spec: KpiSpec | None) -> str | None:
    """The column of the groups within which rows are ranked; None for other kinds of KPI."""
    return spec.group if isinstance(spec, RankingSpec) else None
