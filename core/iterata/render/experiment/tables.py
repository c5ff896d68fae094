"""The block `experiment` of a report, from the result alone."""

from __future__ import annotations

from itertools import chain, groupby
from typing import TYPE_CHECKING

from iterata.documents.models.enums import Direction, Verdict
from iterata.measure.classes.metrics import meaning as metric_meaning
from iterata.render.estimates import (
    interval,
    parts_in_words,
    percent_interval,
    resampled_unit,
    status_quo_row,
)
from iterata.render.experiment import classes, uplift
from iterata.render.experiment.comparability import override_sentence, sentences
from iterata.render.experiment.leaks import leak_notices
from iterata.render.experiment.log import left_out, predictions, warnings
from iterata.render.experiment.verdicts import LEVEL, label, p_value, reason, required_difference
from iterata.render.lift.sentences import hits_not_effects
from iterata.render.markdown import escape, markdown_table
from iterata.text import number, percent, signed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.results import (
        Estimate,
        ExperimentResult,
        GoodModel,
        GuardrailResult,
        HypothesisResult,
        MetricValue,
        SegmentResult,
        SegmentVariant,
        VariantResult,
    )

AGAINST = "against the status quo"
LESS = "less than the status quo by"
"""The heading of differences if less is better: they are positive for a smaller KPI."""

NO_FIGURE = "-"


def render(result: ExperimentResult) -> str:
    """Verdicts, then every model on one scale, then secondary metrics, guardrails and segments."""
    sections = (
        "\n".join(
            f"- {line}" for line in chain(leak_notices(result), _verdicts(result), _broken_guardrails(result))
        ),
        override_sentence(result),
        _multiplicity(result),
        _scale(result),
        " ".join(sentences(result)),
        uplift.identification(result),
        _intervals(result),
        "\n".join(f"- {note}" for note in _notes(result)),
        *classes.sections(result),
        *uplift.sections(result),
        _metrics(result),
        _learners(result),
        _guardrails(result),
        *_segments(result),
        _how_predicted(result),
    )
    return "\n\n".join(section for section in sections if section)


def quoted(result: ExperimentResult) -> tuple[str, ...]:
    """What other pages quote of the block; metrics and segments take most of the time of `render`."""
    found = (*_verdicts(result), *_broken_guardrails(result), _scale(result), _learners(result))
    return tuple(filter(None, (*found, _guardrails(result))))


def _notes(result: ExperimentResult) -> Iterator[str]:
    """What readers of the figures must know of features and estimators."""
    yield from left_out(result)
    yield from classes.decisions(result)
    yield from uplift.propensity(result)
    for variant in result.variants:
        yield from predictions(variant)
        yield from warnings(variant)


def _verdicts(result: ExperimentResult) -> Iterator[str]:
    for hypothesis in result.hypotheses:
        figure, bounds = parts_in_words(hypothesis.difference, sign=True)
        models = f"*{escape(hypothesis.variant)}* against *{escape(hypothesis.over)}*"
        required = f"{required_difference(hypothesis.by)} was required"
        copula = ":" if hypothesis.verdict is Verdict.TOO_FEW else " is"
        yield (
            f"**{hypothesis.id}{copula} {escape(label(hypothesis))}:** "
            f"\u201c{escape(hypothesis.claim)}\u201d {models}: "
            f"{figure} {escape(result.kpi.scaled_unit)} ({bounds}); {required}, and "
            f"{escape(reason(hypothesis))}.{_probability(hypothesis)}"
        )


def _probability(hypothesis: HypothesisResult) -> str:
    """p and what it is about, as results of an older version do not have it."""
    method = hypothesis.method
    uncertainty = f" *{escape(method[:1].upper() + method[1:])}.*" if method else ""
    if hypothesis.p is None or hypothesis.p_holm is None:
        return uncertainty
    p = p_value(hypothesis.p)
    relation = p if p.startswith("<") else f"= {p}"
    return f" p {relation}, for all hypotheses {p_value(hypothesis.p_holm)}.{uncertainty}"


def _multiplicity(result: ExperimentResult) -> str:
    if not any(hypothesis.p_holm is not None for hypothesis in result.hypotheses):
        return ""
    return (
        "*p is the probability of a difference at least as far from the required one if the truth were just "
        "that; it is not the probability that the claim is true. The verdict uses p for all hypotheses "
        "(Holm).*"
    )


def _broken_guardrails(result: ExperimentResult) -> Iterator[str]:
    """Guardrails that were not kept: they matter more than what a variant wins."""
    for guardrail in result.guardrails:
        if guardrail.needed:
            name = f"{escape(guardrail.name)}, by *{escape(guardrail.variant)}*"
            yield f"**Guardrail: too few to tell:** {name}: it takes {escape(guardrail.needed)}."
        elif not guardrail.holds:
            name = f"{escape(guardrail.name)}, by *{escape(guardrail.variant)}*"
            accepted = _amount(guardrail, guardrail.margin)
            at_worst = f"at worst {_at_worst(guardrail)}, and {accepted} is accepted"
            yield f"**Guardrail not kept:** {name}: {at_worst}."


def _scale(result: ExperimentResult) -> str:
    scale = result.scale
    less = "; less is better" if _is_cost(result) else ""
    kpi = f"{escape(result.kpi.name)} ({escape(result.kpi.scaled_unit)}{less})"
    headers = (kpi, "figure", _against(result), "of the potential lift")
    rows = [
        (f"random: {escape(scale.random.meaning)}", interval(scale.random.expectation), "", ""),
        (status_quo_row(scale.status_quo_label), interval(scale.status_quo), "", ""),
        *_good_model(result.expected),
        *(
            (
                f"**{escape(variant.name)}**",
                interval(variant.kpi),
                interval(variant.difference, sign=True),
                _captured(variant),
            )
            for variant in result.variants
        ),
        *uplift.perfect_rows(scale),
    ]
    return markdown_table(headers, rows)


def _captured(variant: VariantResult) -> str:
    if variant.captured_share_identified is not None:
        return uplift.captured(variant.captured_share_identified)
    return percent_interval(variant.captured_share) if variant.captured_share else NO_FIGURE


def _is_cost(result: ExperimentResult) -> bool:
    return result.kpi.direction is Direction.MINIMISE


def _against(result: ExperimentResult) -> str:
    return LESS if _is_cost(result) else AGAINST


def _intervals(result: ExperimentResult) -> str:
    resamples = f"{result.interval.resamples:,} bootstrap resamples of {resampled_unit(result.interval)}"
    return (
        f"*In brackets: 95 % intervals from {resamples}, the same for all models: these predictions on other "
        f"rows.{_other_models(result)}{_no_effects(result)}*"
    )


def _no_effects(result: ExperimentResult) -> str:
    """What hits are not."""
    return "".join(f" {sentence}" for sentence in hits_not_effects(result))


def _other_models(result: ExperimentResult) -> str:
    """What the intervals leave out if models were fitted on random folds."""
    if not any(hypothesis.method.startswith("this learner") for hypothesis in result.hypotheses):
        return ""
    within_folds = " Scores are compared within folds." if _compares_scores(result) else ""
    return (
        " Models that are trained on other rows vary more; that is what the verdicts are about."
        f"{within_folds}"
    )


def _compares_scores(result: ExperimentResult) -> bool:
    """Whether a figure needs the order of rows by score, rather than decisions or forecasts."""
    if result.sample.positives is None:
        return False
    return result.kpi.kind in ("targeting", "metric") or bool(result.status_quo_metrics)


def _good_model(good: GoodModel | None) -> Iterator[tuple[str, str, str, str]]:
    """What the assessment expects of a good model."""
    if good is not None:
        share = NO_FIGURE if good.captured_share is None else percent(good.captured_share)
        yield "expected of a good model (rule of thumb)", number(good.kpi), signed(good.gain), share


def _metrics(result: ExperimentResult) -> str:
    if not result.status_quo_metrics:
        return ""
    rows: list[tuple[str, str, str]] = []
    for index, status_quo in enumerate(result.status_quo_metrics):
        of_classes = result.status_quo_confusion is not None
        meaning = metric_meaning(status_quo.name, of_classes=of_classes)
        rows.append((f"**{escape(status_quo.name)}**{meaning and f' ({meaning})'}", "", ""))
        rows.append(("status quo", _figure(status_quo.value), ""))
        rows += [_metric(variant, variant.metrics[index]) for variant in result.variants]
    return markdown_table(("secondary metric; more is better", "figure", AGAINST), rows)


def _metric(variant: VariantResult, metric: MetricValue) -> tuple[str, str, str]:
    return escape(variant.name), _figure(metric.value), _figure(metric.difference, sign=True)


def _figure(estimate: Estimate | None, *, sign: bool = False) -> str:
    return interval(estimate, sign=sign) if estimate else NO_FIGURE


def _learners(result: ExperimentResult) -> str:
    """Whether differences generalise; a question of its own, so a table of its own."""
    rows = [
        (escape(name), interval(learner.difference, sign=True), p_value(learner.p), p_value(learner.p_holm))
        for name, learner in ((variant.name, variant.learner) for variant in result.variants)
        if learner is not None
    ]
    if not rows:
        return ""
    unit = escape(result.kpi.scaled_unit)
    headers = (f"retrained ({unit})", _against(result), "p", "p, for all variants")
    note = (
        "*This learner trained on other rows: would the difference remain? The mean over folds and its "
        "p-value, by the corrected t-test of Nadeau and Bengio with a cautious covariance of the folds; the "
        "last column is adjusted for the number of variants, by Holm's method.*"
    )
    return f"{markdown_table(headers, rows)}\n\n{note}"


def _guardrails(result: ExperimentResult) -> str:
    rows: list[tuple[str, str, str, str]] = []
    for _, group in groupby(result.guardrails, key=lambda guardrail: guardrail.name):
        variants = list(group)
        first = variants[0]
        accepted = f"{first.better} is better; at most {_amount(first, first.margin)} worse is accepted"
        rows.append((f"**{escape(first.name)}** ({accepted})", "", "", ""))
        rows.append(("status quo", "", _value(first, first.status_quo), ""))
        rows += [_guardrail(guardrail) for guardrail in variants]
    if not rows:
        return ""
    note = "*At worst: the end of the one-sided 95 % interval. It decides the verdict, even if it is wide.*"
    return f"{markdown_table(('guardrail', 'verdict', 'figure', 'at worst'), rows)}\n\n{note}"


def _guardrail(guardrail: GuardrailResult) -> tuple[str, str, str, str]:
    verdict = "too few to tell" if guardrail.needed else "kept" if guardrail.holds else "**not kept**"
    return escape(guardrail.variant), verdict, _value(guardrail, guardrail.value), _at_worst(guardrail)


def _value(guardrail: GuardrailResult, value: float | None) -> str:
    if value is None:
        return NO_FIGURE
    return number(value) if guardrail.share_of is None else percent(value)


def _amount(guardrail: GuardrailResult, size: float) -> str:
    """A difference of the guardrail's figure; of shares in percentage points."""
    return number(size) if guardrail.share_of is None else f"{number(100 * size, 1)} points"


def _at_worst(guardrail: GuardrailResult) -> str:
    worsening = guardrail.worsening_at_most
    if worsening is None:
        return NO_FIGURE
    return f"{_amount(guardrail, abs(worsening))} {'worse' if worsening > 0 else 'better'}"


def _segments(result: ExperimentResult) -> Iterator[str]:
    """A sentence and a table for each column; the figures of variants are differences."""
    counts = ("rows",) if result.sample.positives is None else ("rows", "positives")
    if any(segment.treated is not None for segment in result.segments):
        counts = (*counts, "treated")
    headers = (*counts, "status quo", *(escape(variant.name) for variant in result.variants))
    for column, segments in groupby(result.segments, key=lambda segment: segment.column):
        title = f"{escape(result.kpi.name)} by {escape(column)}"
        yield (
            f"{title[0].upper()}{title[1:]}. Each segment is computed as if its rows were all rows; the "
            f"figures of variants are differences ({_against(result)}):"
        )
        yield markdown_table((escape(column), *headers), [_segment(segment) for segment in segments])
    if any(variant.p_adjusted is not None for segment in result.segments for variant in segment.variants):
        yield (
            "*Bold: a difference at a false discovery rate of 5 % over all segments and variants (Benjamini "
            "and Hochberg). Any other may be chance, whatever its own interval says.*"
        )


def _segment(segment: SegmentResult) -> tuple[str, ...]:
    differences = [_segment_difference(variant) for variant in segment.variants]
    counts = [
        f"{count:,}" for count in (segment.rows, segment.positives, segment.treated) if count is not None
    ]
    return escape(segment.value), *counts, _figure(segment.status_quo), *differences


def _segment_difference(variant: SegmentVariant) -> str:
    figure = _figure(variant.difference, sign=True)
    differs = variant.p_adjusted is not None and variant.p_adjusted <= LEVEL
    return f"**{figure}**" if differs else figure


def _how_predicted(result: ExperimentResult) -> str:
    sample = result.sample
    positives = "" if sample.positives is None else f"{sample.positives:,} positives, "
    return (
        f"*{escape(result.split)}: each of {sample.rows:,} rows ({positives}`{escape(sample.source)}`) is "
        "predicted by models that were trained without it.*"
    )
