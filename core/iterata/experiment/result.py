"""The result of a run, from the predictions of its variants."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from iterata.data.columns import column_values
from iterata.documents.models.enums import STATUS_QUO, Decide
from iterata.documents.models.kpi import UpliftSpec
from iterata.documents.models.splits import GroupFolds, StratifiedFolds, describe_split
from iterata.documents.models.variants import FileVariant, SklearnVariant
from iterata.experiment.analysis.answer_shares import answer_masks
from iterata.experiment.analysis.compare import compare
from iterata.experiment.analysis.fold_ranks import fold_ranks
from iterata.experiment.analysis.leakage import Scored, find_leaks
from iterata.experiment.analysis.learners import FoldComparison, learner_results
from iterata.experiment.folds import not_learned
from iterata.experiment.variants.file import FileProducer
from iterata.experiment.variants.parameters import plain_params
from iterata.experiment.variants.preprocess import is_text
from iterata.experiment.variants.sklearn import SklearnProducer
from iterata.measure.intervals import CONFIDENCE
from iterata.measure.uplift.balance import balance
from iterata.results import ExperimentResult, IntervalMethod, LeakNotice, LearnerResult, VariantResult
from iterata.results.classes import UnlearnedClass
from iterata.results.experiment import NO_FEATURE_SET

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

    from iterata.arrays import Floats
    from iterata.documents.models.proposal import Plan
    from iterata.documents.models.variants import Variant
    from iterata.experiment.analysis.compare import Comparison, VariantFigures
    from iterata.experiment.engines.out_of_fold import OutOfFold
    from iterata.experiment.prepare import PlanInputs
    from iterata.experiment.variants.base import Producer
    from iterata.experiment.variants.build import ProducerContext
    from iterata.measure.kpi_scale import KpiScale
    from iterata.results import Balance, Provenance


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """A run whose variants have predicted all folds: everything that the result is computed from."""

    context: ProducerContext
    kpi_scale: KpiScale
    producers: Mapping[str, Producer]
    predictions: Mapping[str, OutOfFold]
    plan_digest: str
    provenance: Provenance

    @property
    def plan(self) -> Plan:
        """The plan that was run."""
        return self.context.plan

    @property
    def inputs(self) -> PlanInputs:
        """The rows, folds and columns of the plan."""
        return self.context.inputs

    def result(self) -> ExperimentResult:
        """Compare the predictions, and put the result together."""
        plan, inputs = self.plan, self.inputs
        data = inputs.evaluation.data
        by_fold = self._by_fold()
        comparison = self._comparison(by_fold)
        status_quo = comparison.status_quo_answers
        return ExperimentResult(
            plan_digest=self.plan_digest,
            kpi=self.kpi_scale.described(),
            sample=data.sample(),
            scale=comparison.scale,
            status_quo_metrics=comparison.status_quo_metrics,
            status_quo_curve=comparison.status_quo_curve,
            potential_lift_identified=comparison.potential_identified,
            balance=self._balance(),
            status_quo_confusion=status_quo and status_quo.confusion,
            status_quo_classes=status_quo.classes if status_quo else [],
            status_quo_to_person=status_quo and status_quo.to_person,
            unlearned=self._unlearned(),
            variants=self._variants(comparison, by_fold),
            guardrails=comparison.guardrails,
            segments=comparison.segments,
            hypotheses=comparison.hypotheses,
            leaks=self._leaks(comparison),
            interval=IntervalMethod(confidence=CONFIDENCE, resamples=plan.resamples, unit=data.unit_name),
            split=describe_split(plan.split, None if inputs.split_inputs.groups is None else data.unit_name),
            features={name: list(columns) for name, columns in inputs.features.items()},
            left_out=dict(inputs.left_out),
            categories=self._columns(lambda column: column.dtype == "category"),
            texts=self._columns(is_text),
            tuned_by=self._tuned_by(),
            seed=plan.seed,
            provenance=self.provenance,
        )

    def _comparison(self, by_fold: FoldComparison | None) -> Comparison:
        evaluation = self.inputs.evaluation
        variants = {
            name: prediction.columns(self.inputs.predicted) for name, prediction in self.predictions.items()
        }
        for name in self._refitted:
            ranks = fold_ranks(self._scores(name), self.inputs.folds, evaluation.data.outcomes.counts)
            variants[name] = [
                part._replace(ranks=line) for part, line in zip(variants[name], ranks, strict=True)
            ]
        predictions = {STATUS_QUO: [evaluation.data.status_quo_column], **variants}
        return compare(
            self.plan,
            self.kpi_scale,
            predictions,
            units=evaluation.data.units,
            plan_segments=evaluation.segments,
            guardrail_masks=evaluation.guardrail_masks,
            by_fold=by_fold,
            resampled=evaluation.data.resampled,
            answer_masks=answer_masks(self.plan, self.context.kpi, evaluation.data, predictions),
        )

    def _balance(self) -> Balance | None:
        """Whether the arms of the campaign are alike in the features; None if the rows are none."""
        data = self.inputs.data
        if data.outcomes.assignment is None:
            return None
        names = dict.fromkeys(name for columns in self.inputs.features.values() for name in columns)
        return balance(data.outcomes, data.units, {name: column_values(data.table[name]) for name in names})

    def _leaks(self, comparison: Comparison) -> list[LeakNotice]:
        """The signs that variants use what is only known after the decision."""
        inputs, scored = self.inputs, {}
        for variant in self.plan.variants:
            captured = comparison.variants[variant.name].captured_share
            scored[variant.name] = Scored(
                self.predictions[variant.name].columns(inputs.predicted)[0].scores,
                None if captured is None else captured.value,
                () if isinstance(variant, FileVariant) else inputs.features[variant.features],
            )
        trained = [
            producer.features for producer in self.producers.values() if isinstance(producer, SklearnProducer)
        ]
        of_effects = isinstance(self.kpi_scale.spec, UpliftSpec)
        return find_leaks(inputs.data, trained, inputs.evaluation.data, scored, of_effects=of_effects)

    @property
    def _refitted(self) -> frozenset[str]:
        """The variants that were fitted for each of the random folds; none if folds are not random."""
        if not isinstance(self.plan.split, StratifiedFolds | GroupFolds):
            return frozenset()
        return frozenset(
            name
            for name, producer in self.producers.items()
            if not isinstance(producer, FileProducer) or producer.is_out_of_fold
        )

    def _scores(self, variant: str) -> Floats:
        """The scores of a variant, whether it acts upon a row or not: `(repeats, n)`."""
        prediction = self.predictions[variant]
        return prediction.scores if prediction.unstopped is None else prediction.unstopped

    def _by_fold(self) -> FoldComparison | None:
        """All models in each of the random folds; None if no variant was fitted on them."""
        if not self._refitted:
            return None
        scores = {name: prediction.scores for name, prediction in self.predictions.items()}
        return FoldComparison(self.kpi_scale, self.inputs.folds, scores, self._refitted)

    def _variants(self, comparison: Comparison, by_fold: FoldComparison | None) -> list[VariantResult]:
        comparable = [name for name, figures in comparison.variants.items() if figures.difference.interval]
        learners = {} if by_fold is None else learner_results(by_fold, comparable)
        return [
            self._variant(variant, comparison.variants[variant.name], learners.get(variant.name))
            for variant in self.plan.variants
        ]

    def _variant(
        self, variant: Variant, figures: VariantFigures, learner: LearnerResult | None
    ) -> VariantResult:
        prediction, answers = self.predictions[variant.name], figures.answers
        params, features, columns = {}, NO_FEATURE_SET, 0
        if not isinstance(variant, FileVariant):
            params, features = plain_params(variant.params), variant.features
            columns = len(self.inputs.features[features])
        return VariantResult(
            name=variant.name,
            estimator=variant.origin,
            params=params,
            text=variant.text_settings if isinstance(variant, SklearnVariant) else {},
            features=features,
            columns=columns,
            kpi=figures.kpi,
            difference=figures.difference,
            captured_share=figures.captured_share,
            captured_share_identified=figures.captured_identified,
            curve=figures.curve,
            metrics=figures.metrics,
            learner=learner,
            tuned=[plain_params(chosen) for chosen in prediction.best_params],
            warnings=prediction.warnings,
            uplift=variant.uplift if isinstance(variant, SklearnVariant) else None,
            predictions=prediction.kind.value if prediction.kind else "",
            decides=_decides(variant),
            confusion=answers and answers.confusion,
            classes=answers.classes if answers else [],
            to_person=answers and answers.to_person,
        )

    def _unlearned(self) -> list[UnlearnedClass]:
        """The classes that some fold predicts without having learned them, in the order of the classes."""
        inputs, counts = self.inputs, dict[str, list[int]]()
        for fold in inputs.folds:
            for missing in not_learned(fold, inputs.split_inputs, self.plan.split):
                counts.setdefault(missing.name, []).append(missing.rows)
        return [
            UnlearnedClass(name=name, folds=len(rows), rows=sum(rows))
            for name, rows in sorted(counts.items())
        ]

    def _columns(self, is_kind: Callable[[pd.Series], bool]) -> list[str]:
        """The columns of a kind that estimators get, in the order of the variants."""
        tables = [
            producer.features for producer in self.producers.values() if isinstance(producer, SklearnProducer)
        ]
        return list(dict.fromkeys(str(name) for table in tables for name in table if is_kind(table[name])))

    def _tuned_by(self) -> str:
        """What tuning maximises inside the training folds; empty if no variant is tuned."""
        tuned = any(prediction.best_params for prediction in self.predictions.values())
        return self.context.tuning.label if tuned else ""


def _decides(variant: Variant) -> str:
    """How a variant turns probabilities of classes into answers, in words; empty for the likeliest class."""
    words = ["the answer with the highest expected value"] if variant.decide is Decide.MOST_VALUABLE else []
    if variant.person_below is not None:
        words.append(f"a person where the best probability is below {variant.person_below:g}")
    return ", and ".join(words)
