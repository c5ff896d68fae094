"""The split, the metrics, the features and the models that a plan begins with."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from iterata.actions.beginnings.outcomes import TargetLook, target_look
from iterata.actions.beginnings.survey import Look, survey
from iterata.actions.beginnings.times import FOLDS, block_length, time_column
from iterata.documents.models.enums import STATUS_QUO, ModelKind, OutcomeKind, RankingMeasure, UpliftMethod
from iterata.documents.models.kpi import RankingSpec, UpliftSpec, outcome_of

if TYPE_CHECKING:
    from pathlib import Path

    from iterata.actions.beginnings.survey import Survey
    from iterata.actions.beginnings.values import Values
    from iterata.documents.models.kpi import KpiSpec
    from iterata.documents.models.lift import LiftSpec
    from iterata.repository.projects import Project

ALL = "all"
"""The feature set of all columns."""


class _Model(NamedTuple):
    """An estimator to begin with."""

    name: str
    estimator: str
    params: Values = {}  # noqa: RUF012  # never changed

    def on(self, features: str, name: str = "") -> Values:
        """The variant that learns from a feature set."""
        variant = {"name": name or self.name, "estimator": self.estimator, "features": features}
        return {**variant, **({"params": self.params} if self.params else {})}


_LOGISTIC = _Model("logistic", "sklearn.linear_model.LogisticRegression", {"max_iter": 1000})
_LINEAR = _Model("linear", "sklearn.linear_model.Ridge")
_BOOSTED_CLASSES = _Model("boosted", "sklearn.ensemble.HistGradientBoostingClassifier")
_BOOSTED_NUMBERS = _Model("boosted", "sklearn.ensemble.HistGradientBoostingRegressor")

_MOST_FOLDS = 5
_FOLDS = {"kind": "stratified_folds", "folds": _MOST_FOLDS, "repeats": 2, "seed": 1}


class _Problem(NamedTuple):
    """What decides how a plan begins."""

    lift: LiftSpec
    model_kind: ModelKind | None
    seen: Survey | None
    """The rows, if they are in a file that can be read."""
    look: TargetLook | None
    """What the target holds, if that is known."""

    @property
    def kpi(self) -> KpiSpec:
        """The KPI that decides."""
        return self.lift.kpi

    @property
    def of_numbers(self) -> bool:
        """Whether models predict a number: an amount, or a degree of relevance that is not only yes or no."""
        outcome = outcome_of(self.kpi)
        degrees = outcome is OutcomeKind.RELEVANCE and self.look is not None and len(self.look.values) > 2
        return outcome is OutcomeKind.NUMBER or degrees

    @property
    def in_time(self) -> bool:
        """Whether rows are predicted from the rows before them."""
        if self.model_kind is ModelKind.FORECASTING:
            return True
        return self.kpi.kind == "forecast_cost" and bool(self.seen and self.seen.named(Look.DATE))

    @property
    def texts(self) -> list[str]:
        """The columns of text, as far as the rows show them."""
        target = self.lift.data.target if self.lift.data else None
        return [name for name in (self.seen.named(Look.TEXT) if self.seen else []) if name != target]

    @property
    def others(self) -> list[str]:
        """The columns of numbers and categories that a model could learn from."""
        data = self.lift.data
        taken = {data.target, data.status_quo.column, data.unit_id} if data else set()
        looks = (Look.NUMBER, Look.CATEGORY)
        return [
            name
            for look in looks
            for name in (self.seen.named(look) if self.seen else [])
            if name not in taken
        ]


def plan_values(lift: LiftSpec, model_kind: ModelKind | None, project: Project, root: Path) -> Values:
    """What the KPI and the rows determine of a plan.

    Args:
        lift: the analysis of the assessment that applies.
        model_kind: the kind of model that the requirements suggest; None if they are not known.
        project: the project.
        root: the knowledge base.
    """
    described = lift.data.model_dump(exclude_none=True) if lift.data else {}
    seen = survey(root / project.path, root, described) if lift.data else None
    look = target_look(seen.values(lift.data.target), model_kind) if seen and lift.data else None
    problem = _Problem(lift, model_kind, seen, look)
    sets, variants = _models(problem)
    return {
        "metrics": {"primary": lift.kpi.name, "secondary": _secondary(problem)},
        "split": _split(problem),
        "features": sets,
        "variants": variants,
        "hypotheses": [
            {"id": "H1", "supported_if": {"variant": variants[0]["name"], "over": STATUS_QUO, "by": 0}}
        ],
    }


def _split(problem: _Problem) -> Values:
    if problem.in_time:
        return _time_ordered(problem)
    if isinstance(problem.kpi, RankingSpec):
        return {**_FOLDS, "kind": "group_folds", "column": problem.kpi.group}
    if problem.of_numbers and not isinstance(problem.kpi, UpliftSpec):  # these are stratified by arm
        return {**_FOLDS, "kind": "group_folds"}
    rarest = problem.look.rarest if problem.look else 0
    return {**_FOLDS, "folds": min(_MOST_FOLDS, max(rarest, 2))} if rarest else dict(_FOLDS)


def _time_ordered(problem: _Problem) -> Values:
    data, column = problem.lift.data, time_column(problem.seen)
    split: Values = {"kind": "time_ordered", "column": column, "folds": FOLDS}
    if data is not None and (data.blocks or data.unit_id):  # these are resampled
        return split
    length = block_length(problem.seen, column)
    return split if length is None else {**split, "block": length}


def _secondary(problem: _Problem) -> list[Values]:
    if isinstance(problem.kpi, UpliftSpec):
        return []  # metrics compare predictions with outcomes, and these are effects
    match outcome_of(problem.kpi):
        case OutcomeKind.RELEVANCE:
            names = [_other_ranking_metric(problem.kpi)] if problem.of_numbers else ["roc_auc"]
        case OutcomeKind.NUMBER:
            names = ["r2"]
        case OutcomeKind.CLASSES:
            names = ["f1_macro", "balanced_accuracy"]
        case _:
            names = ["roc_auc"]
    return [{"metric": name} for name in names]


def _two_models(model: _Model) -> Values:
    """The variant that estimates the effect by one model for each arm."""
    return {**model.on(ALL, f"two models, {model.name}"), "uplift": UpliftMethod.TWO_MODELS.value}


def _other_ranking_metric(kpi: KpiSpec) -> str:
    """A ranking metric that is not the KPI."""
    if not isinstance(kpi, RankingSpec):
        return "ndcg_at_10"
    return f"precision_at_{kpi.k}" if kpi.measure is RankingMeasure.NDCG else f"ndcg_at_{kpi.k}"


def _models(problem: _Problem) -> tuple[Values, list[Values]]:
    """The feature sets, and the models that learn from them."""
    linear = _LINEAR if problem.of_numbers else _LOGISTIC
    boosted = _BOOSTED_NUMBERS if problem.of_numbers else _BOOSTED_CLASSES
    if isinstance(problem.kpi, UpliftSpec):
        return {ALL: ["*", *problem.texts]}, [_two_models(linear), _two_models(boosted)]
    if not problem.texts:
        return {ALL: ["*"]}, [linear.on(ALL), boosted.on(ALL)]
    if not problem.others:
        return {"words": problem.texts}, [linear.on("words", "words")]
    sets: Values = {"words": problem.texts, ALL: ["*", *problem.texts]}
    return sets, [linear.on("words", "words"), linear.on(ALL, f"{linear.name}, all columns")]
