"""RES024: names, settings and descriptions in a result are those of the approved plan."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from iterata.documents.models.enums import STATUS_QUO, OutcomeKind
from iterata.documents.models.inheritance import overrides
from iterata.documents.models.kpi import ForecastCostSpec, MetricSpec, group_of, outcome_of
from iterata.documents.models.splits import GroupFolds, TimeOrdered, describe_split
from iterata.documents.models.variants import FileVariant, SklearnVariant
from iterata.results.experiment import NO_FEATURE_SET
from iterata.rules.figures.fault import Fault, close, unequal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iterata.documents.models.kpi import KpiSpec
    from iterata.documents.models.lift import LiftSpec
    from iterata.documents.models.proposal import Plan, Proposal
    from iterata.documents.models.rows import Weights
    from iterata.documents.models.variants import Variant
    from iterata.errors import FieldPath
    from iterata.results import ExperimentResult, SampleResult, VariantResult

CODE = "RES024"
OF_PLAN = "the plan has"
BLOCKS = "blocks of "
"""How the unit of rows that depend on each other in time begins."""
KINDS = ("probability", "score", "decision")
"""What an estimator can predict."""
CLASS = "class"
"""What every variant predicts if the target has classes."""


def setting_faults(result: ExperimentResult, plan: Plan) -> Iterator[Fault]:
    """Seed, resamples, split, label and weights."""
    yield from unequal(CODE, ("seed",), result.seed, plan.seed, OF_PLAN)
    yield from unequal(CODE, ("interval", "resamples"), result.interval.resamples, plan.resamples, OF_PLAN)
    label = plan.status_quo.label
    yield from unequal(CODE, ("scale", "status_quo_label"), result.scale.status_quo_label, label, OF_PLAN)
    words = {describe_split(plan.split, None), describe_split(plan.split, result.interval.unit)}
    if result.split not in words:
        yield from unequal(CODE, ("split",), result.split, min(words), OF_PLAN)
    yield from weight_faults(result, plan.data[0].weights)


def weight_faults(result: SampleResult, weights: Weights | None) -> Iterator[Fault]:
    """Weights that the description of the rows does not have."""
    found = result.sample.weights if result.sample else None
    place: FieldPath = ("sample", "weights")
    if result.sample is None or "weights" not in result.sample.model_fields_set:
        return
    if found is None or weights is None:
        if (found is None) != (weights is None):
            yield Fault(CODE, place, "rows are weighted if, and only if, their description says so")
        return
    yield from unequal(CODE, (*place, "column"), found.column, weights.column, "the rows are weighted by")
    rates = found.base_rate, weights.base_rate
    if (rates[0] is None) != (rates[1] is None) or not close(rates[0] or 0.0, rates[1] or 0.0):
        yield from unequal(CODE, (*place, "base_rate"), *rates, "the description of the rows has")


def unit_faults(result: SampleResult, unit: str | None, *, may_be_blocks: bool) -> Iterator[Fault]:
    """Another unit of resampling than the description of the rows has."""
    found = result.interval.unit
    if may_be_blocks and found.startswith(BLOCKS):
        return
    yield from unequal(CODE, ("interval", "unit"), found, unit or "row", "the unit of the rows is")


def rows_faults(result: ExperimentResult, plan: Plan, lift: LiftSpec | None) -> Iterator[Fault]:
    """The unit of the plan's rows, and what the plan says differently from the assessment."""
    data = plan.data[0]
    of_split = plan.split.column if isinstance(plan.split, GroupFolds) else None
    unit = data.unit_id or of_split or group_of(lift.kpi if lift else None)
    may_be_blocks = data.blocks is not None or isinstance(plan.split, TimeOrdered)
    if unit or not may_be_blocks:
        with_block = isinstance(plan.split, TimeOrdered) and plan.split.block is not None
        yield from unit_faults(result, unit, may_be_blocks=with_block)
    elif not result.interval.unit.startswith(BLOCKS):
        yield from unequal(CODE, ("interval", "unit"), result.interval.unit, "blocks of time", "rows are in")


def override_faults(result: ExperimentResult, proposal: Proposal, lift: LiftSpec) -> Iterator[Fault]:
    """What the plan says differently from the assessment, and the amendments before the run."""
    differing = [(item.name, item.assessment, item.plan) for item in overrides(proposal.plan, lift)]
    found = [(record.name, record.assessment, record.plan) for record in result.overrides]
    if "overrides" in result.model_fields_set:
        yield from unequal(CODE, ("overrides",), found, differing, "plan and assessment differ in")
        reason = (proposal.plan.override_reason or "") if differing else ""
        yield from unequal(CODE, ("override_reason",), result.override_reason, reason, OF_PLAN)
    amended = [(entry.on.isoformat(), entry.what, entry.why) for entry in proposal.amendments]
    for number, record in enumerate(result.amendments):
        entry = amended[number] if number < len(amended) else None
        if entry != (record.on, record.what, record.why):
            yield Fault(CODE, ("amendments", number), "is not an amendment of the proposal")


def name_faults(result: ExperimentResult, plan: Plan) -> Iterator[Fault]:
    """Variants, metrics, guardrails, segments and hypotheses that are not those of the plan."""
    variants = [variant.name for variant in plan.variants]
    metrics = [secondary.metric for secondary in plan.metrics.secondary]
    yield from _names(("variants",), [variant.name for variant in result.variants], variants)
    yield from _names(("status_quo_metrics",), [metric.name for metric in result.status_quo_metrics], metrics)
    for number, variant in enumerate(result.variants):
        found = [metric.name for metric in variant.metrics]
        yield from _names(("variants", number, "metrics"), found, metrics)
    guarded = [f"{rail.name} of {variant}" for rail in plan.metrics.guardrail for variant in variants]
    found = [f"{rail.name} of {rail.variant}" for rail in result.guardrails]
    yield from _names(("guardrails",), found, guarded)
    columns = list(dict.fromkeys(segment.column for segment in result.segments))
    yield from _names(("segments",), columns, list(dict.fromkeys(plan.segments)))
    for number, segment in enumerate(result.segments):
        found = [variant.name for variant in segment.variants]
        yield from _names(("segments", number, "variants"), found, variants)
    found = [hypothesis.id for hypothesis in result.hypotheses]
    yield from _names(("hypotheses",), found, [hypothesis.id for hypothesis in plan.hypotheses])


def _names(place: FieldPath, found: Sequence[str], expected: Sequence[str]) -> Iterator[Fault]:
    yield from unequal(CODE, place, ", ".join(found), ", ".join(expected), OF_PLAN)


def hypothesis_faults(result: ExperimentResult, plan: Plan) -> Iterator[Fault]:
    """Claims and required differences that are not those of the plan."""
    of_plan = {hypothesis.id: hypothesis for hypothesis in plan.hypotheses}
    for number, found in enumerate(result.hypotheses):
        hypothesis, place = of_plan.get(found.id), ("hypotheses", number)
        if hypothesis is None:
            continue
        support = hypothesis.supported_if
        yield from unequal(CODE, (*place, "claim"), found.claim, hypothesis.claim, OF_PLAN)
        yield from unequal(CODE, (*place, "variant"), found.variant, support.variant, OF_PLAN)
        yield from unequal(CODE, (*place, "over"), found.over, support.over, OF_PLAN)
        if not close(found.by, support.by):
            yield from unequal(CODE, (*place, "by"), found.by, support.by, OF_PLAN)


def guardrail_faults(result: ExperimentResult, plan: Plan) -> Iterator[Fault]:
    """Margins and directions that are not those of the plan."""
    of_plan = {guardrail.name: guardrail for guardrail in plan.metrics.guardrail}
    for number, found in enumerate(result.guardrails):
        guardrail, place = of_plan.get(found.name), ("guardrails", number)
        if guardrail is None:
            continue
        yield from unequal(CODE, (*place, "better"), found.better, guardrail.better, OF_PLAN)
        yield from unequal(CODE, (*place, "share_of"), found.share_of, guardrail.share_of, OF_PLAN)
        if not close(found.margin, guardrail.margin):
            yield from unequal(CODE, (*place, "margin"), found.margin, guardrail.margin, OF_PLAN)


def variant_faults(result: ExperimentResult, plan: Plan) -> Iterator[Fault]:
    """Estimators, parameters and feature sets that are not those of the plan."""
    of_plan = {variant.name: variant for variant in plan.variants}
    for number, found in enumerate(result.variants):
        if (variant := of_plan.get(found.name)) is not None:
            kinds = list(KINDS) if result.sample.positives is not None else [*KINDS, ""]
            if result.status_quo_confusion is not None:
                kinds = [CLASS]
            yield from _variant(found, variant, ("variants", number), kinds)
            columns = result.features.get(found.features)
            count = 0 if isinstance(variant, FileVariant) else len(columns or ())
            if columns is not None or isinstance(variant, FileVariant):
                why = "its feature set has"
                yield from unequal(CODE, ("variants", number, "columns"), found.columns, count, why)


def _variant(
    found: VariantResult, variant: Variant, place: FieldPath, kinds: Sequence[str]
) -> Iterator[Fault]:
    features = NO_FEATURE_SET if isinstance(variant, FileVariant) else variant.features
    params = {} if isinstance(variant, FileVariant) else variant.params
    yield from unequal(CODE, (*place, "estimator"), found.estimator, variant.origin, OF_PLAN)
    yield from unequal(CODE, (*place, "features"), found.features, features, OF_PLAN)
    yield from unequal(CODE, (*place, "params"), _plain(found.params), _plain(params), OF_PLAN)
    text = variant.text_settings if isinstance(variant, SklearnVariant) else {}
    yield from unequal(CODE, (*place, "text"), _plain(found.text), _plain(text), OF_PLAN)
    effect = variant.uplift if isinstance(variant, SklearnVariant) else None
    yield from unequal(CODE, (*place, "uplift"), found.uplift, effect, OF_PLAN)
    of_outcome = isinstance(variant, SklearnVariant) and effect is None
    possible = kinds if of_outcome or kinds == [CLASS] else ("",)
    if "predictions" in found.model_fields_set and found.predictions not in possible:
        yield Fault(CODE, (*place, "predictions"), f"is {found.predictions!r}, which nothing predicts")
    grid = variant.tune if isinstance(variant, SklearnVariant) else {}
    if bool(grid) != bool(found.tuned):
        yield Fault(CODE, (*place, "tuned"), "has parameters if, and only if, the plan tunes some")
        return
    for fold, chosen in enumerate(found.tuned):
        for name, value in chosen.items():
            if _plain(value) not in [_plain(choice) for choice in grid.get(name, ())]:
                yield Fault(CODE, (*place, "tuned", fold, name), f"is {value}, which the plan does not try")
        if chosen.keys() != grid.keys():
            yield from unequal(CODE, (*place, "tuned", fold), sorted(chosen), sorted(grid), "the plan tunes")


def _plain(value: object) -> object:
    """A parameter as JSON holds it: every key is text, and numbers are equal whatever their type."""
    if isinstance(value, dict):
        return {str(key): _plain(entry) for key, entry in value.items()}
    return [_plain(entry) for entry in value] if isinstance(value, list) else value


def stopping(plan: Plan, spec: LiftSpec) -> set[str]:
    """The models that may leave a part of the budget, because of a `stop_below`."""
    found = {variant.name for variant in plan.variants if variant.stop_below is not None}
    of_lift = None if spec.data is None else spec.data.status_quo
    status_quo = plan.status_quo or of_lift
    if status_quo is None or status_quo.stop_below is not None:
        found.add(STATUS_QUO)
    return found


def feature_faults(result: ExperimentResult, plan: Plan) -> Iterator[Fault]:
    """Columns of a feature set that its patterns do not match, or that are none of its features."""
    if "features" not in result.model_fields_set:
        return
    used = {variant.features for variant in plan.variants if not isinstance(variant, FileVariant)}
    yield from unequal(CODE, ("features",), sorted(result.features), sorted(used), "the variants use")
    never = plan.data[0].known_afterwards | {plan.target.column}
    for name, columns in result.features.items():
        patterns = plan.features.get(name, [])
        for number, column in enumerate(columns):
            if column in never or column in result.left_out or not is_selected(column, patterns):
                yield Fault(CODE, ("features", name, number), f"{column} is no feature of this set")
        if len(set(columns)) < len(columns):
            yield Fault(CODE, ("features", name), "has a column twice")
    yield from _across_sets(result, plan, never)
    for column in result.left_out:
        if not any(is_selected(column, plan.features.get(name, [])) for name in used):
            yield Fault(CODE, ("left_out", column), "no feature set has this column")


def _across_sets(result: ExperimentResult, plan: Plan, never: frozenset[str]) -> Iterator[Fault]:
    """Columns that a set lacks although its patterns select them; categories and texts that are in no set."""
    every = {column for columns in result.features.values() for column in columns}
    for name, columns in result.features.items():
        for column in every - {*columns, *result.left_out, *never}:
            if is_selected(column, plan.features.get(name, [])):
                yield Fault(CODE, ("features", name), f"lacks {column}, which its patterns select")
    for kind, columns in (("categories", result.categories), ("texts", result.texts)):
        for number, column in enumerate(columns):
            if column not in every:
                yield Fault(CODE, (kind, number), f"{column} is no feature")


def is_selected(column: str, patterns: Sequence[str]) -> bool:
    """Whether the patterns of a feature set select a column: the last one that matches it decides."""
    selected = False
    for pattern in patterns:
        plain = pattern.removeprefix("!")
        if column == plain or fnmatchcase(column, plain):
            selected = not pattern.startswith("!")
    return selected


def tuning_faults(result: ExperimentResult, spec: KpiSpec | None) -> Iterator[Fault]:
    """A criterion of tuning without tuning, or another one than suits the KPI."""
    tuned = any(variant.tuned for variant in result.variants)
    if tuned != bool(result.tuned_by):
        yield Fault(CODE, ("tuned_by",), "names a metric if, and only if, a variant is tuned")
    elif tuned and spec is not None and result.tuned_by not in _criteria(spec):
        yield Fault(CODE, ("tuned_by",), f"is {result.tuned_by}: tuning maximizes {_criteria(spec)[0]}")


def _criteria(spec: KpiSpec) -> tuple[str, ...]:
    """What tuning can maximize for a KPI; `experiment.variants.tuning` chooses among them."""
    if isinstance(spec, ForecastCostSpec):
        return (f"pinball loss at {spec.under / (spec.under + spec.over):.4g}",)
    if isinstance(spec, MetricSpec) and spec.of_numbers:
        return (spec.metric,)
    return ("roc_auc",) if outcome_of(spec) is OutcomeKind.YES_NO else ("neg_mean_squared_error", "roc_auc")


def leak_faults(result: ExperimentResult) -> Iterator[Fault]:
    """Signs of leaks that name models or columns which the result does not have."""
    names = {variant.name for variant in result.variants}
    names |= {column for columns in result.features.values() for column in columns}
    if not result.features:
        return
    for number, notice in enumerate(result.leaks):
        for key, figures in (("found", notice.found), ("strongest", notice.strongest)):
            for inner, figure in enumerate(figures):
                if figure.name not in names:
                    place: FieldPath = ("leaks", number, key, inner, "name")
                    yield Fault(CODE, place, f"{figure.name} is neither a variant nor a feature")
