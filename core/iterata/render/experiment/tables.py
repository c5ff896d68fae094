"""The blocks `experiment` of a report and `experiment-log` of an experiment, from the result file alone."""

from __future__ import annotations

from collections import Counter
from itertools import chain, groupby
from typing import TYPE_CHECKING, Any

from iterata.documents.models.enums import Direction
from iterata.render.estimates import interval, parts, percent_interval
from iterata.render.experiment.metric_glossary import gloss
from iterata.render.experiment.verdicts import REASONS, required_difference
from iterata.render.markdown import escape, markdown_table
from iterata.text import number, percent, signed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iterata.results import (
        Estimate,
        ExperimentResult,
        GoodModel,
        GuardrailResult,
        MetricValue,
        SegmentResult,
        VariantResult,
    )

AGAINST = "against the status quo"
LESS = "less than the status quo by"
"""Where less is better: a difference is positive where it is."""

MOST_COLUMNS = 12
"""How many columns of a feature set are named."""

NONE = "-"
"""Stands where there is no figure."""


def render(result: ExperimentResult) -> str:
    """What came out: verdicts, then every model on one scale, then what else was measured."""
    sections = (
        "\n".join(f"- {line}" for line in chain(_verdicts(result), _broken(result))),
        _scale(result),
        _intervals(result),
        "\n".join(f"- {warned}" for variant in result.variants for warned in _warned(variant)),
        _metrics(result),
        _learners(result),
        _guardrails(result),
        *_segments(result),
        _rows(result),
    )
    return "\n\n".join(section for section in sections if section)


def log(result: ExperimentResult) -> str:
    """What was run, exactly."""
    made = result.provenance
    commit = f"commit `{escape(made.commit[:12])}`" if made.commit else "no commit"
    versions = ", ".join(f"{escape(name)} {escape(version)}" for name, version in made.packages.items())
    facts = [
        f"Plan `{escape(result.plan_digest[:19])}`, {escape(result.split)}, seed {result.seed}.",
        *(f"Data `{escape(path)}`, `{escape(digest[:19])}`." for path, digest in made.data.items()),
        f"On {commit}{' and what is not committed' if made.dirty else ''}; "
        f"Python {escape(made.python)}, {versions}.",
        *(
            f"Features {escape(name)}: {_listed(columns)}."
            for name, columns in sorted(result.features.items())
        ),
        *([f"Of these, as categories: {_listed(result.categories)}."] if result.categories else []),
        *(note for variant in result.variants for note in _notes(variant, result.tuned_by)),
    ]
    rows = [
        (
            escape(variant.name),
            f"`{escape(variant.estimator)}`",
            _settings(variant.params),
            f"{escape(variant.features)} ({variant.columns})",
        )
        for variant in result.variants
    ]
    ran = markdown_table(("variant", "estimator", "parameters", "features (columns)"), rows, text_columns=4)
    return f"{ran}\n\n" + "\n".join(f"- {fact}" for fact in facts)


def _verdicts(result: ExperimentResult) -> Iterator[str]:
    for each in result.hypotheses:
        figure, span = parts(each.difference, sign=True)
        yield (
            f"**{each.id} is {each.verdict}:** \u201c{escape(each.claim)}\u201d *{escape(each.variant)}* "
            f"against *{escape(each.over)}*: {figure} {escape(result.kpi.scaled_unit)} "
            f"(95 % interval {span}); "
            f"{required_difference(each.by)} was required, and {REASONS[each.verdict]}."
        )


def _broken(result: ExperimentResult) -> Iterator[str]:
    """Guardrails that were not kept: whatever a variant wins, this comes first."""
    for each in result.guardrails:
        if not each.holds:
            yield (
                f"**Guardrail not kept:** {escape(each.name)}, by *{escape(each.variant)}*: at worst "
                f"{_at_worst(each)}, and {_amount(each, each.margin)} is accepted."
            )


def _scale(result: ExperimentResult) -> str:
    scale = result.scale
    less = "; less is better" if _is_cost(result) else ""
    kpi = f"{escape(result.kpi.name)} ({escape(result.kpi.scaled_unit)}{less})"
    headers = (kpi, "figure", _against(result), "of the potential lift")
    rows = [
        (f"random: {escape(scale.random.meaning)}", interval(scale.random.expectation), "", ""),
        (f"status quo: {escape(scale.status_quo_label)}", interval(scale.status_quo), "", ""),
        *_expected(result.expected),
        *(
            (
                f"**{escape(variant.name)}**",
                interval(variant.kpi),
                interval(variant.difference, sign=True),
                percent_interval(variant.captured_share) if variant.captured_share else NONE,
            )
            for variant in result.variants
        ),
        ("perfect", interval(scale.perfect), "", ""),
    ]
    return markdown_table(headers, rows)


def _is_cost(result: ExperimentResult) -> bool:
    return result.kpi.direction is Direction.MINIMISE


def _against(result: ExperimentResult) -> str:
    return LESS if _is_cost(result) else AGAINST


def _intervals(result: ExperimentResult) -> str:
    made = result.interval
    unit = "rows" if made.unit == "row" else f"units (`{escape(made.unit)}`)"
    return (
        f"*In brackets: 95 % intervals from {made.resamples:,} bootstrap resamples of {unit}, the same for "
        "all models. They speak of these predictions: folds drawn anew would move the figures a little more.*"
    )


def _expected(good: GoodModel | None) -> Iterator[tuple[str, str, str, str]]:
    """What the assessment let one expect, beside what came of it."""
    if good is not None:
        share = NONE if good.captured_share is None else percent(good.captured_share)
        yield "expected of a good model (rule of thumb)", number(good.kpi), signed(good.gain), share


def _metrics(result: ExperimentResult) -> str:
    if not result.status_quo_metrics:
        return ""
    rows: list[tuple[str, str, str]] = []
    for number_, today in enumerate(result.status_quo_metrics):
        meaning = gloss(today.name)
        rows.append((f"**{escape(today.name)}**{meaning and f' ({meaning})'}", "", ""))
        rows.append(("status quo", _figure(today.value), ""))
        rows += [_metric(variant, variant.metrics[number_]) for variant in result.variants]
    return markdown_table(("secondary metric; more is better", "figure", AGAINST), rows)


def _metric(variant: VariantResult, metric: MetricValue) -> tuple[str, str, str]:
    return escape(variant.name), _figure(metric.value), _figure(metric.difference, sign=True)


def _figure(estimate: Estimate | None, *, sign: bool = False) -> str:
    return interval(estimate, sign=sign) if estimate else NONE


def _learners(result: ExperimentResult) -> str:
    """Another question, so a table of its own."""
    rows = [
        (escape(name), interval(each.difference, sign=True), _chance(each.p), _chance(each.p_holm))
        for name, each in ((variant.name, variant.learner) for variant in result.variants)
        if each is not None
    ]
    if not rows:
        return ""
    headers = (
        f"trained anew ({escape(result.kpi.scaled_unit)})",
        _against(result),
        "p",
        "p, for all variants",
    )
    asked = (
        "*Would the difference come back with other rows to learn from? The mean over folds, and how often "
        "chance alone would bring as much (p), by the corrected t-test of Nadeau and Bengio; in the last "
        "column by Holm's rule, since all variants are asked about at once.*"
    )
    return f"{markdown_table(headers, rows)}\n\n{asked}"


def _chance(p: float) -> str:
    return "< 0.0001" if p < 0.0001 else f"{p:.4f}"


def _guardrails(result: ExperimentResult) -> str:
    rows: list[tuple[str, str, str, str]] = []
    for _, group in groupby(result.guardrails, key=lambda each: each.name):
        each, *others = group
        asked = f"{each.better} is better; at most {_amount(each, each.margin)} worse is accepted"
        rows.append((f"**{escape(each.name)}** ({asked})", "", "", ""))
        rows.append(("status quo", "", _value(each, each.status_quo), ""))
        rows += [_guarded(one) for one in (each, *others)]
    if not rows:
        return ""
    how = "*At worst: the end of the one-sided 95 % interval. A wide one is no excuse.*"
    return f"{markdown_table(('guardrail', 'verdict', 'figure', 'at worst'), rows)}\n\n{how}"


def _guarded(each: GuardrailResult) -> tuple[str, str, str, str]:
    verdict = "kept" if each.holds else "**not kept**"
    return escape(each.variant), verdict, _value(each, each.value), _at_worst(each)


def _value(guardrail: GuardrailResult, value: float | None) -> str:
    if value is None:
        return NONE
    return number(value) if guardrail.share_of is None else percent(value)


def _amount(guardrail: GuardrailResult, size: float) -> str:
    """A difference of the guardrail's figure."""
    return number(size) if guardrail.share_of is None else f"{number(100 * size, 1)} points"


def _at_worst(guardrail: GuardrailResult) -> str:
    worsening = guardrail.worsening_at_most
    if worsening is None:
        return NONE
    return f"{_amount(guardrail, abs(worsening))} {'worse' if worsening > 0 else 'better'}"


def _segments(result: ExperimentResult) -> Iterator[str]:
    """A table for each column; the variants' figures are differences, which is what segments are for."""
    counted = ("rows",) if result.sample.positives is None else ("rows", "positives")
    headers = (*counted, "status quo", *(escape(variant.name) for variant in result.variants))
    for column, segments in groupby(result.segments, key=lambda segment: segment.column):
        said = (
            f"{escape(result.kpi.name)} by {escape(column)}, each segment as if its rows were all there are; "
            f"the variants' figures are {_against(result)}:"
        )
        yield f"{said[0].upper()}{said[1:]}"
        yield markdown_table((escape(column), *headers), [_segment(segment) for segment in segments])


def _segment(segment: SegmentResult) -> tuple[str, ...]:
    differences = [_figure(variant.difference, sign=True) for variant in segment.variants]
    counts = [f"{each:,}" for each in (segment.rows, segment.positives) if each is not None]
    return escape(segment.value), *counts, _figure(segment.status_quo), *differences


def _rows(result: ExperimentResult) -> str:
    sample = result.sample
    positives = "" if sample.positives is None else f"{sample.positives:,} positives, "
    return (
        f"*{escape(result.split)}: each of {sample.rows:,} rows ({positives}`{escape(sample.source)}`) is "
        "predicted by models that never saw it.*"
    )


def _listed(columns: Sequence[str]) -> str:
    more = f" and {len(columns) - MOST_COLUMNS:,} more" if len(columns) > MOST_COLUMNS else ""
    return ", ".join(escape(name) for name in columns[:MOST_COLUMNS]) + more


def _notes(variant: VariantResult, tuned_by: str) -> Iterator[str]:
    name, folds = escape(variant.name), len(variant.tuned)
    for parameter in variant.tuned[0] if variant.tuned else ():
        chosen = Counter(_plain(each[parameter]) for each in variant.tuned)
        counts = ", ".join(f"{value} in {count} of {folds} folds" for value, count in chosen.most_common())
        choice = f"{escape(parameter)} {counts}"
        yield f"{name}: tuning by {escape(tuned_by)} within the training rows chose {choice}."
    yield from _warned(variant)


def _warned(variant: VariantResult) -> Iterator[str]:
    """What an estimator complained of: whoever reads its figures has to know."""
    for warning, count in variant.warnings.items():
        folds = f"{count} folds" if count > 1 else "1 fold"
        yield f"{escape(variant.name)} warned in {folds}: {escape(warning)}"


def _settings(params: dict[str, Any]) -> str:
    return ", ".join(f"{escape(name)} {_plain(value)}" for name, value in params.items()) or "defaults"


def _plain(value: Any) -> str:
    return escape(f"{value:g}" if isinstance(value, float) else str(value))
