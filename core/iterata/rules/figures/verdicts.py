"""RES023: p-values, verdicts and guardrails follow from the figures, by the functions that `run` uses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from iterata.documents.models.enums import STATUS_QUO, Verdict
from iterata.documents.models.splits import GroupFolds, StratifiedFolds
from iterata.documents.models.variants import FileVariant
from iterata.measure.multiplicity import LEVEL, false_discovery, holm, verdict
from iterata.measure.student_t import quantile, two_sided_p
from iterata.rules.figures.counts import number_of_fits
from iterata.rules.figures.derived import FOLDS_DECIDE
from iterata.rules.figures.fault import ROUNDED, Fault, close, differs, unequal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iterata.documents.models.proposal import Plan
    from iterata.errors import FieldPath
    from iterata.results import Estimate, ExperimentResult, HypothesisResult

    _Tests = Sequence[tuple[FieldPath, float | None, float | None]]
    """The place of each test, its p and its adjusted p."""

CODE = "RES023"
PREDICTIONS_DECIDE = "these predictions on other rows: paired bootstrap of "
_FOLDS = re.compile(
    rf"{FOLDS_DECIDE}: corrected resampled t over (\d+) folds(?: \((\d+) without this KPI left out\))?"
)
MOST_FREEDOM = 9
"""The most degrees of freedom of a verdict from folds; `experiment.analysis.learners` says why."""


class FoldSizes(NamedTuple):
    """What a plan tells about the test rows of its folds."""

    fits: int
    are_equal: bool
    """Whether all folds have as many rows, up to one."""


def p_faults(result: ExperimentResult) -> Iterator[Fault]:
    """p-values outside of 0 to 1, or not adjusted for the number of hypotheses, variants or segments."""
    hypotheses = [
        (("hypotheses", number), hypothesis.p, hypothesis.p_holm)
        for number, hypothesis in enumerate(result.hypotheses)
    ]
    learners = [
        (("variants", number, "learner"), variant.learner.p, variant.learner.p_holm)
        for number, variant in enumerate(result.variants)
        if variant.learner is not None
    ]
    yield from _holm(hypotheses, "hypotheses")
    yield from _holm(learners, "variants")
    segments = [
        (("segments", number, "variants", inner), variant.p, variant.p_adjusted)
        for number, segment in enumerate(result.segments)
        for inner, variant in enumerate(segment.variants)
    ]
    yield from _possible(segments)
    if all(p is None or 0 <= p <= 1 for _, p, _ in segments):
        why = "p adjusted for all segments and variants (Benjamini and Hochberg)"
        adjusted = false_discovery([p for _, p, _ in segments])
        for (place, _, found), expected in zip(segments, adjusted, strict=True):
            yield from differs(CODE, (*place, "p_adjusted"), found, expected, why)


def _holm(tests: _Tests, noun: str) -> Iterator[Fault]:
    yield from _possible(tests)
    known = [p for _, p, _ in tests if p is not None]
    if not all(0 <= p <= 1 for p in known):
        return
    adjusted = iter(holm(known))
    for place, p, found in tests:
        expected = None if p is None else next(adjusted)
        why = f"p adjusted for the number of {noun} (Holm)"
        yield from differs(CODE, (*place, "p_holm"), found, expected, why)


def _possible(tests: _Tests) -> Iterator[Fault]:
    for place, p, _ in tests:
        if p is not None and not 0 <= p <= 1:
            yield Fault(CODE, (*place, "p"), f"is {p:.7g}, but a probability is from 0 to 1")


def verdict_faults(result: ExperimentResult) -> Iterator[Fault]:
    """Verdicts that do not follow from p and the difference."""
    for number, hypothesis in enumerate(result.hypotheses):
        place: FieldPath = ("hypotheses", number)
        ends = hypothesis.difference.interval
        if (
            hypothesis.p_holm is None
            and hypothesis.verdict is not Verdict.TOO_FEW
            and _predates_p(hypothesis)
        ):
            yield from _by_interval(hypothesis, place)
            continue
        expected = _verdict(hypothesis)
        if hypothesis.verdict is not expected:
            why = f"is {hypothesis.verdict}, but p_holm and the difference say {expected}"
            yield Fault(CODE, (*place, "verdict"), why)
        if (hypothesis.p is None) != bool(hypothesis.needed):
            yield Fault(CODE, (*place, "needed"), "says what is missing if, and only if, there is no p")
        if (hypothesis.p is None) == (ends is not None):
            yield Fault(CODE, (*place, "difference"), "has an interval if, and only if, there is a p")
        if hypothesis.p is not None and ends is not None:
            yield from _p_and_interval(hypothesis, place)


def _predates_p(hypothesis: HypothesisResult) -> bool:
    """Whether an earlier version wrote the verdict, without any p."""
    return not {"p", "p_holm", "method"} & hypothesis.model_fields_set


def _by_interval(hypothesis: HypothesisResult, place: FieldPath) -> Iterator[Fault]:
    low, high = hypothesis.difference.interval or (hypothesis.difference.value,) * 2
    contradicts = {Verdict.SUPPORTED: low < hypothesis.by, Verdict.REFUTED: high > hypothesis.by}
    if contradicts.get(hypothesis.verdict):
        message = f"is {hypothesis.verdict}, but the interval is {low:.7g} to {high:.7g} and by is"
        yield Fault(CODE, (*place, "verdict"), f"{message} {hypothesis.by:.7g}")


def _verdict(hypothesis: HypothesisResult) -> Verdict:
    low, high = hypothesis.difference.interval or (hypothesis.difference.value,) * 2
    reached = hypothesis.difference.value > hypothesis.by
    if hypothesis.p_holm is not None and hypothesis.p_holm <= LEVEL and not low <= hypothesis.by <= high:
        reached = low > hypothesis.by
    return verdict(hypothesis.p_holm, reached=reached)


def _p_and_interval(hypothesis: HypothesisResult, place: FieldPath) -> Iterator[Fault]:
    """The interval and p come from one test: the interval excludes `by` if, and only if, p is at most 5 %."""
    (low, high), p, by = hypothesis.difference.interval or (0, 0), hypothesis.p or 0.0, hypothesis.by
    slack = 0.0 if hypothesis.method.startswith(FOLDS_DECIDE) else 0.02
    margin = ROUNDED * max(abs(low), abs(high), abs(by)) + slack * (high - low)
    if p > LEVEL + slack / 2 and not low - margin <= by <= high + margin:
        yield Fault(CODE, (*place, "p"), f"is {p:.7g}, but the interval excludes the required {by:.7g}")
    if p < LEVEL - slack / 2 and low + margin < by < high - margin:
        yield Fault(CODE, (*place, "p"), f"is {p:.7g}, but the interval contains the required {by:.7g}")


def fold_test_faults(result: ExperimentResult, sizes: FoldSizes) -> Iterator[Fault]:
    """Corrected t-tests whose interval is not symmetric, or whose p is not that of the interval."""
    for number, variant in enumerate(result.variants):
        if (learner := variant.learner) is not None:
            place: FieldPath = ("variants", number, "learner")
            yield from _t_test(learner.difference, learner.p, 0.0, place, sizes._replace(fits=learner.folds))
    for number, hypothesis in enumerate(result.hypotheses):
        method = _FOLDS.fullmatch(hypothesis.method)
        if method is not None and hypothesis.p is not None:
            place = ("hypotheses", number)
            of_test = sizes._replace(fits=int(method[1]))
            yield from _t_test(hypothesis.difference, hypothesis.p, hypothesis.by, place, of_test)


def _t_test(difference: Estimate, p: float, by: float, place: FieldPath, sizes: FoldSizes) -> Iterator[Fault]:
    if difference.interval is None or sizes.fits < 2:
        yield Fault(CODE, (*place, "difference"), "a test over folds has at least 2 folds and an interval")
        return
    low, high = difference.interval
    margin, largest = (high - low) / 2, max(abs(low), abs(high), abs(by))
    if not close((low + high) / 2, difference.value, largest):
        yield Fault(
            CODE, (*place, "difference"), "the interval of a test over folds has its value in the middle"
        )
        return
    blur = 1e-5 + 2 * ROUNDED * largest / margin if margin else 1.0
    if blur > 0.1:
        return
    ratio = abs(difference.value - by) / margin
    freedom = float(min(sizes.fits - 1, MOST_FREEDOM))
    fewest = 0.98 * freedom if sizes.are_equal else 0.05
    possible = [
        two_sided_p(ratio * factor * quantile(0.05, degrees), degrees)
        for degrees in (freedom, fewest)
        for factor in (1 - blur, 1 + blur)
    ]
    if not min(possible) - 1e-6 <= p <= max(possible) + 1e-6:
        yield Fault(CODE, (*place, "p"), f"is {p:.7g}, but its interval says {possible[0]:.7g}")


def method_faults(result: ExperimentResult, plan: Plan) -> Iterator[Fault]:
    """Verdicts by a method that the split and the variants do not allow."""
    from_files = {variant.name for variant in plan.variants if isinstance(variant, FileVariant)}
    random_folds = isinstance(plan.split, StratifiedFolds | GroupFolds)
    fits, by_predictions = number_of_fits(plan.split), PREDICTIONS_DECIDE + _resampled(result.interval.unit)
    for number, hypothesis in enumerate(result.hypotheses):
        if "method" not in hypothesis.model_fields_set:
            continue
        place: FieldPath = ("hypotheses", number, "method")
        fitted = {hypothesis.variant, hypothesis.over} & {variant.name for variant in plan.variants}
        must_be_folds = random_folds and bool(fitted - from_files)
        method = _FOLDS.fullmatch(hypothesis.method)
        if method is None and (must_be_folds or hypothesis.method != by_predictions):
            expected = "corrected resampled t over the folds" if must_be_folds else by_predictions
            yield Fault(CODE, place, f"is not the method of this split: {expected}")
        elif method is not None and not random_folds:
            yield Fault(CODE, place, "is of random folds, but the split has none")
        elif method is not None and int(method[1]) + int(method[2] or 0) != fits:
            yield Fault(CODE, place, f"does not name the {fits} folds of the split")


def _resampled(unit: str) -> str:
    """What the bootstrap resamples, in words."""
    return "rows" if unit == "row" else unit if unit.startswith("blocks of ") else f"units ({unit})"


def learner_faults(result: ExperimentResult) -> Iterator[Fault]:
    """Hypotheses over folds whose difference is not that of the same variants' gains over the same folds."""
    gains = {
        variant.name: (variant.learner.difference, variant.learner.folds)
        for variant in result.variants
        if variant.learner is not None
    }
    for number, hypothesis in enumerate(result.hypotheses):
        method, place = _FOLDS.fullmatch(hypothesis.method), ("hypotheses", number, "difference", "value")
        one, other = gains.get(hypothesis.variant), gains.get(hypothesis.over)
        if method is None or method[2] or one is None or int(method[1]) != one[1]:
            continue
        found = hypothesis.difference
        if hypothesis.over == STATUS_QUO:
            for end in ("value", "low", "high") if hypothesis.p is not None else ("value",):
                why, figures = "the learner's difference", (getattr(found, end), getattr(one[0], end))
                yield from differs(CODE, (*place[:-1], end), *figures, why, *one[0].extent)
        elif other is not None and other[1] == one[1]:
            why, expected = "the difference of both learners' gains", one[0].value - other[0].value
            yield from differs(CODE, place, found.value, expected, why, one[0].value, other[0].value)


def guardrail_faults(result: ExperimentResult) -> Iterator[Fault]:
    """Guardrails whose answer does not follow from the bound and the margin."""
    for number, guardrail in enumerate(result.guardrails):
        place: FieldPath = ("guardrails", number)
        bound = guardrail.worsening_at_most
        holds = not guardrail.needed and bound is not None and bound <= guardrail.margin
        if guardrail.holds != holds:
            message = (
                f"is {str(guardrail.holds).lower()}, but the bound and the margin say {str(holds).lower()}"
            )
            yield Fault(CODE, (*place, "holds"), message)
        if guardrail.needed and bound is not None:
            yield Fault(CODE, (*place, "needed"), "says what is missing, but there is a bound")
        if bound is not None and guardrail.worsening is not None:
            worsening = guardrail.worsening
            if bound < worsening - ROUNDED * max(abs(bound), abs(worsening)):
                message = f"is {bound:.7g}, but the figure itself is {worsening:.7g} worse"
                yield Fault(CODE, (*place, "worsening_at_most"), message)


def broken_guardrail_faults(result: ExperimentResult) -> Iterator[Fault]:
    """Hypotheses that do not name the guardrails which their variant breaks."""
    for number, hypothesis in enumerate(result.hypotheses):
        if "broken_guardrails" not in hypothesis.model_fields_set:
            continue
        broken = [
            guardrail.name
            for guardrail in result.guardrails
            if guardrail.variant == hypothesis.variant and not (guardrail.holds or guardrail.needed)
        ]
        place = ("hypotheses", number, "broken_guardrails")
        yield from unequal(CODE, place, hypothesis.broken_guardrails, broken, "the guardrails say")


def segment_test_faults(result: ExperimentResult) -> Iterator[Fault]:
    """Differences within a segment that have an interval, but no p."""
    for number, segment in enumerate(result.segments):
        for inner, variant in enumerate(segment.variants):
            has_interval = variant.difference is not None and variant.difference.interval is not None
            if "p" in variant.model_fields_set and variant.p is None and has_interval:
                place = ("segments", number, "variants", inner, "difference")
                yield Fault(CODE, place, "has an interval, but no p: too few rows have neither")
