"""From the variants of a plan to the producers of their predictions. Building them executes code."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from sklearn.base import is_classifier

from iterata.data.target_classes import TargetClasses
from iterata.documents.models.enums import Decide, UpliftMethod
from iterata.documents.models.kpi import (
    ClassValueSpec,
    MetricSpec,
    OutcomeValueSpec,
    UpliftSpec,
    group_of,
)
from iterata.documents.models.text import TextSettings
from iterata.documents.models.variants import CommandVariant, FileVariant, SklearnVariant
from iterata.errors import IterataError, Location, RunError
from iterata.experiment.variants.alignment import ROW_ID
from iterata.experiment.variants.answers import AnswerRule
from iterata.experiment.variants.command import CommandProducer
from iterata.experiment.variants.estimator_types import EstimatorType, scoring_method
from iterata.experiment.variants.estimators import build_estimator, package_names
from iterata.experiment.variants.file import open_predictions
from iterata.experiment.variants.fold_folder import Exchange
from iterata.experiment.variants.named_answers import AnswerNames
from iterata.experiment.variants.parameters import sample_weight_parameter
from iterata.experiment.variants.preprocess import numbers_and_categories
from iterata.experiment.variants.refusals import (
    NoTextColumn,
    NoWeights,
    ProbabilitiesMissing,
    ThresholdNotProbability,
    at_variant,
)
from iterata.experiment.variants.shared_matrices import SharedMatrices
from iterata.experiment.variants.sklearn import SklearnProducer
from iterata.experiment.variants.text_features import NoWords, has_words
from iterata.experiment.variants.tuning import RankingScorer, class_criterion, tuning_criterion
from iterata.experiment.variants.uplift import Treatment, UpliftProducer
from iterata.measure.classes.metrics import CLASS_METRICS
from iterata.measure.kpi.class_value import ClassValue
from iterata.measure.kpi.metric import metric_needs
from iterata.measure.metrics import Needs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray
    from sklearn.base import BaseEstimator

    from iterata.arrays import Floats
    from iterata.documents.models.kpi import KpiSpec
    from iterata.documents.models.proposal import Plan
    from iterata.documents.models.rows import TargetValue
    from iterata.documents.models.variants import Variant
    from iterata.experiment.prepare import PlanInputs
    from iterata.experiment.variants.base import Producer
    from iterata.experiment.variants.tuning import TuningCriterion


@dataclass(frozen=True, slots=True)
class ProducerContext:
    """What producers are built from."""

    plan: Plan
    kpi: KpiSpec
    inputs: PlanInputs
    project: Path
    root: Path
    """The repository."""
    proposal: str
    """The plan's document, relative to the repository."""
    shared: Path | None = None
    """A folder in which the processes of a run keep matrices of text for each other."""

    @property
    def needs_probabilities(self) -> bool:
        """Whether the KPI compares predictions with a threshold for probabilities."""
        return isinstance(self.kpi, OutcomeValueSpec) and 0 < self.kpi.threshold <= 1

    @property
    def needs(self) -> Needs:
        """What the KPI needs of a classifier."""
        if isinstance(self.kpi, OutcomeValueSpec):
            return Needs.DECISION
        return metric_needs(self.kpi.metric) if isinstance(self.kpi, MetricSpec) else Needs.SCORE

    @property
    def positive(self) -> tuple[TargetValue, ...]:
        """The positive values of the target."""
        return TargetClasses.of(self.plan.target.positive).positive

    @property
    def classes(self) -> tuple[str, ...] | None:
        """The classes of the whole table; None if the target has none."""
        return self.inputs.data.outcomes.classes

    def answers(self, variant: Variant) -> AnswerNames | None:
        """What a program or a file may answer; None if the target has no classes."""
        if self.classes is None:
            return None
        described = self.kpi.person if isinstance(self.kpi, ClassValueSpec) else None
        person = None if described is None else described.answer
        return AnswerNames(self.classes, person, self.needs_class_probabilities(variant))

    def needs_class_probabilities(self, variant: Variant) -> bool:
        """Whether the KPI or the answers of a variant need the probability of every class."""
        by_metric = isinstance(self.kpi, MetricSpec) and self.needs is not Needs.DECISION
        return variant.needs_probabilities or by_metric

    @property
    def measures_probabilities(self) -> bool:
        """Whether a metric of the plan evaluates the probabilities of classes."""
        metrics = self.plan.metrics
        named = [metric.metric for metric in metrics.secondary]
        named += [guardrail.metric for guardrail in metrics.guardrail if guardrail.metric is not None]
        named += [self.kpi.metric] if isinstance(self.kpi, MetricSpec) else []
        chosen = (CLASS_METRICS[name] for name in named if name in CLASS_METRICS)
        return any(metric.needs is Needs.CLASS_PROBABILITIES for metric in chosen)

    @property
    def estimator_type(self) -> EstimatorType:
        """The type of estimator that the target needs."""
        has_classes = self.inputs.data.binary or self.classes is not None
        return EstimatorType.CLASSIFIER if has_classes else EstimatorType.REGRESSOR

    def estimator_type_of(self, variant: SklearnVariant) -> EstimatorType:
        """The type of a variant's estimator: for an effect on a binary target, either will do."""
        is_effect = variant.uplift is not None and self.inputs.data.binary
        return EstimatorType.ANY if is_effect else self.estimator_type

    @property
    def treatment(self) -> Treatment:
        """Who was treated; only for a KPI of effects."""
        assignment, treated = self.inputs.data.outcomes.assignment, self.plan.data[0].treated
        if assignment is None or treated is None or not isinstance(self.kpi, UpliftSpec):
            raise ValueError("a KPI of kind uplift has a treatment")
        sign = self.kpi.direction.sign * float(np.sign(self.kpi.value_per_outcome))
        return Treatment(treated.column, assignment.treated, assignment.probability, sign)

    @property
    def target(self) -> NDArray[np.int64] | Floats:
        """What models learn, `(n,)`: 1 or 0, the code of a class, or numbers."""
        frame = self.inputs.data
        if self.classes is not None:
            return frame.outcomes.target.astype(np.int64)
        return frame.positive.astype(np.int64) if frame.binary else frame.outcomes.target

    @property
    def tuning(self) -> TuningCriterion:
        """What tuning maximises within the training rows."""
        if self.classes is not None:
            return class_criterion(self.kpi, self.classes)
        return tuning_criterion(self.kpi, self.estimator_type, RankingScorer(self.positive, self.needs))

    @property
    def sklearn_variants(self) -> list[SklearnVariant]:
        """The variants that are estimators."""
        return [variant for variant in self.plan.variants if isinstance(variant, SklearnVariant)]


def build_producers(context: ProducerContext) -> dict[str, Producer]:
    """The producer of each variant, by the variant's name.

    Raises:
        DataError: a feature cannot be used, or a file of predictions is missing.
        RunError: a variant cannot be built. All of them are built before any is run.
    """
    columns = dict.fromkeys(
        name for variant in context.sklearn_variants for name in context.inputs.features[variant.features]
    )
    frame = context.inputs.data
    features = numbers_and_categories(frame.table[list(columns)], frame.source, context.inputs.texts)
    return dict(_producers(context, features))


def _producers(context: ProducerContext, features: pd.DataFrame) -> Iterator[tuple[str, Producer]]:
    for variant in context.plan.variants:
        try:
            yield variant.name, _producer(variant, context, features)
        except IterataError as error:
            raise at_variant(error, Location(variant=variant.name)) from None


def _producer(variant: Variant, context: ProducerContext, features: pd.DataFrame) -> Producer:
    match variant:
        case SklearnVariant():
            return _sklearn_producer(variant, context, features)
        case CommandVariant():
            return _command_producer(variant, context)
        case FileVariant():
            table, needs_probabilities = context.inputs.data.table, context.needs_probabilities
            return open_predictions(
                variant,
                context.project,
                context.root,
                table,
                probabilities=needs_probabilities,
                answers=context.answers(variant),
            )


def answer_rule(variant: Variant, context: ProducerContext) -> AnswerRule:
    """How a variant turns probabilities of classes into answers."""
    kpi, classes = context.kpi, context.classes or ()
    worth = None
    if isinstance(kpi, ClassValueSpec) and variant.decide is Decide.MOST_VALUABLE:
        worth = kpi.direction.sign * ClassValue.of(kpi).values(context.inputs.data.outcomes)
    return AnswerRule(worth, variant.person_below, len(classes))


def estimator_packages(context: ProducerContext) -> list[str]:
    """The packages that the estimators come from."""
    names: list[str] = []
    for variant in context.sklearn_variants:
        estimator_type = context.estimator_type_of(variant)
        estimator = build_estimator(variant, context.plan.seed, context.project, estimator_type)
        names.extend(package_names(estimator, context.project))
    return names


def _sklearn_producer(
    variant: SklearnVariant, context: ProducerContext, features: pd.DataFrame
) -> SklearnProducer:
    inputs, plan = context.inputs, context.plan
    estimator = build_estimator(variant, plan.seed, context.project, context.estimator_type_of(variant))
    _check_scoring(variant, context, estimator)
    _check_text(variant, context)
    producer = SklearnProducer(
        variant=variant,
        project=context.project,
        features=features[inputs.features[variant.features]],
        target=context.target,
        estimator_type=context.estimator_type_of(variant),
        tuning=context.tuning,
        split=plan.split,
        split_inputs=inputs.split_inputs,
        seed=plan.seed,
        positive=context.positive,
        needs=context.needs,
        weights=_weights(variant, context, estimator) if variant.sample_weight else None,
        row_weights=inputs.data.outcomes.weight,
        classes=context.classes,
        shared=SharedMatrices(context.shared),
    )
    return producer if variant.uplift is None else _of_effects(producer, context.treatment, estimator)


def _of_effects(producer: SklearnProducer, treatment: Treatment, estimator: BaseEstimator) -> UpliftProducer:
    """The same estimator, as one of effects."""
    if is_classifier(estimator) and producer.variant.uplift is UpliftMethod.TRANSFORMED_OUTCOME:
        treatment.check_arms(estimator, producer.variant.origin)
    settings = {field.name: getattr(producer, field.name) for field in fields(producer)}
    return UpliftProducer(**settings, treatment=treatment)


def _check_scoring(variant: SklearnVariant, context: ProducerContext, estimator: BaseEstimator) -> None:
    """Refuse a classifier whose predictions the KPI cannot use."""
    if context.classes is not None:
        if context.needs_class_probabilities(variant) and not hasattr(estimator, "predict_proba"):
            raise ProbabilitiesMissing(variant.origin, "the KPI, `decide` or `person_below`")
        return
    if not is_classifier(estimator):
        return
    needs = context.needs if variant.uplift is None else Needs.PROBABILITY
    if scoring_method(estimator, needs) is None:
        raise ProbabilitiesMissing(variant.origin)
    kpi = context.kpi
    if isinstance(kpi, OutcomeValueSpec) and not 0 < kpi.threshold <= 1:
        raise ThresholdNotProbability(kpi.threshold)


def _check_text(variant: SklearnVariant, context: ProducerContext) -> None:
    """Refuse settings of text without a column of text, and columns of text without a word."""
    texts = context.inputs.texts & {*context.inputs.features[variant.features]}
    if not texts and (variant.text is not None or variant.tuned_text):
        raise NoTextColumn(variant.features)
    if not variant.preprocess or (variant.text or TextSettings()).analyzer != "words":
        return
    for column in sorted(texts):
        if not has_words(context.inputs.data.table[column]):
            raise NoWords(column, variant.text or TextSettings())


def _weights(variant: SklearnVariant, context: ProducerContext, estimator: BaseEstimator) -> Floats:
    """The weight of each row, which `fit` gets."""
    sample_weight_parameter(estimator, variant.origin)
    weights = context.inputs.data.outcomes.weight
    if weights is None:
        raise NoWeights
    return weights


def _command_producer(variant: CommandVariant, context: ProducerContext) -> CommandProducer:
    iteration = "/".join(PurePosixPath(context.proposal).parent.parts[-2:])
    exchange = _exchange(variant, context)
    producer = CommandProducer(variant, context.project, context.root, iteration, exchange)
    producer.identity  # noqa: B018  # reads every file that the plan names, before anything is run
    return producer


def _exchange(variant: CommandVariant, context: ProducerContext) -> Exchange:
    plan, frame = context.plan, context.inputs.data
    features = context.inputs.features[variant.features]
    group = group_of(context.kpi)
    target = context.target if context.classes is None else np.array(context.classes, object)[context.target]
    hidden = {plan.target.column: target}
    weights = plan.data[0].weights.column if plan.data[0].weights else None
    treated = plan.data[0].treated.columns if plan.data[0].treated else ()
    hidden_columns = [plan.data[0].unit_id, getattr(plan.split, "column", None), group, weights, *treated]
    for name in filter(None, hidden_columns):
        hidden[name] = frame.table[name].to_numpy()
    if ROW_ID in [*features, *hidden]:
        message = f"the data have a column {ROW_ID}, which is the name for the number of a row"
        raise RunError(message, remedy="rename the column in the data, or exclude it from the features")
    return Exchange(
        features=frame.table[features],
        hidden=pd.DataFrame(hidden, index=frame.table.index),
        group=group,
        target=plan.target.column,
        split=plan.split,
        seed=plan.seed,
        probabilities=context.needs_probabilities,
        answers=context.answers(variant),
        treated=plan.data[0].treated,
    )
