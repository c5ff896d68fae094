"""The blocks `experiment` of a report and `experiment-log` of an experiment, from the result file alone."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING, Any

from iterata.documents.vocabulary import Direction
from iterata.experiment.verdict import HOW, asked_for
from iterata.formatting import interval, number, percent, percent_interval, signed, table, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.results import (
        Estimate,
        ExperimentResult,
        GoodModel,
        HypothesisResult,
        MetricValue,
        SegmentResult,
        VariantResult,
    )

AGAINST = "against the status quo"
LEARNER = (
    " Trained anew asks another question: what would other rows to learn from bring? It is the mean over "
    "folds, with Nadeau and Bengio's corrected t; the last column is Holm's, as all variants are asked about."
)
LESS = " Less is better here, and a difference is positive where a model comes to less."

NONE = "-"
"""Stands where there is no figure."""


def render(result: ExperimentResult) -> str:
    """What came out: verdicts, then every model on one scale, then what else was measured."""
    sections = (
        "\n".join(f"- {_verdict(result, hypothesis)}" for hypothesis in result.hypotheses),
        _scale(result),
        "\n".join(f"- {warned}" for variant in result.variants for warned in _warned(variant)),
        _metrics(result),
        _learners(result),
        _guardrails(result),
        *_segments(result),
        _how(result),
    )
    return "\n\n".join(section for section in sections if section)


def log(result: ExperimentResult) -> str:
    """What was run, exactly."""
    made = result.provenance
    commit = f"commit `{text(made.commit[:12])}`" if made.commit else "no commit"
    versions = ", ".join(f"{text(name)} {text(version)}" for name, version in made.packages.items())
    facts = [
        f"Plan `{text(result.plan_digest[:19])}`, {text(result.split)}, seed {result.seed}.",
        *(f"Data `{text(path)}`, `{text(digest[:19])}`." for path, digest in made.data.items()),
        f"On {commit}{' and what is not committed' if made.dirty else ''}; "
        f"Python {text(made.python)}, {versions}.",
        *(note for variant in result.variants for note in _notes(variant, result.tuned_by)),
    ]
    rows = [
        (
            text(variant.name),
            f"`{text(variant.estimator)}`",
            _settings(variant.params),
            f"{text(variant.features)} ({variant.columns})",
        )
        for variant in result.variants
    ]
    ran = table(("variant", "estimator", "parameters", "features (columns)"), rows)
    return f"{ran}\n\n" + "\n".join(f"- {fact}" for fact in facts)


def _verdict(result: ExperimentResult, hypothesis: HypothesisResult) -> str:
    return (
        f"**{hypothesis.id} is {hypothesis.verdict}.** {text(hypothesis.claim)} "
        f"*{text(hypothesis.variant)}* against *{text(hypothesis.over)}*: "
        f"{interval(hypothesis.difference, sign=True)} {_unit(result)}; "
        f"{asked_for(hypothesis.by)} was asked for."
    )


def _unit(result: ExperimentResult) -> str:
    period = f" per {text(result.kpi.period)}" if result.kpi.period else ""
    return f"{text(result.kpi.unit)}{period}"


def _scale(result: ExperimentResult) -> str:
    scale = result.scale
    headers = (f"{text(result.kpi.name)} ({_unit(result)})", "figure", AGAINST, "of the potential lift")
    rows = [
        (f"random: {text(scale.random.meaning)}", interval(scale.random.expectation), "", ""),
        (f"status quo: {text(scale.status_quo_label)}", interval(scale.status_quo), "", ""),
        *_expected(result.expected),
        *(
            (
                f"**{text(variant.name)}**",
                interval(variant.kpi),
                interval(variant.difference, sign=True),
                percent_interval(variant.captured_share) if variant.captured_share else NONE,
            )
            for variant in result.variants
        ),
        ("perfect", interval(scale.perfect), "", ""),
    ]
    return table(headers, rows)


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
        rows.append((f"**{text(today.name)}**", "", ""))
        rows.append(("status quo", _figure(today.value), ""))
        rows += [_metric(variant, variant.metrics[number_]) for variant in result.variants]
    return table(("secondary metric", "figure", AGAINST), rows)


def _metric(variant: VariantResult, metric: MetricValue) -> tuple[str, str, str]:
    return text(variant.name), _figure(metric.value), _figure(metric.difference, sign=True)


def _figure(estimate: Estimate | None, *, sign: bool = False) -> str:
    return interval(estimate, sign=sign) if estimate else NONE


def _learners(result: ExperimentResult) -> str:
    """Another question, so a table of its own."""
    rows = [
        (text(name), interval(each.difference, sign=True), _chance(each.p), _chance(each.p_holm))
        for name, each in ((variant.name, variant.learner) for variant in result.variants)
        if each is not None
    ]
    return table(("trained anew", AGAINST, "p", "p, for all variants"), rows) if rows else ""


def _chance(p: float) -> str:
    return "< 0.0001" if p < 0.0001 else f"{p:.4f}"


def _guardrails(result: ExperimentResult) -> str:
    if not result.guardrails:
        return ""
    rows = [
        (
            f"{text(each.name)}: {text(each.variant)}",
            _value(each.status_quo),
            _value(each.value),
            _at_worst(each.worsening_at_most),
            number(each.margin),
            "kept" if each.holds else "**not kept**",
        )
        for each in result.guardrails
    ]
    headers = ("guardrail", "status quo", "variant", "at worst", "margin", "verdict")
    return table(headers, rows)


def _value(value: float | None) -> str:
    return NONE if value is None else number(value)


def _at_worst(worsening: float | None) -> str:
    if worsening is None:
        return NONE
    return f"{number(worsening)} worse" if worsening > 0 else f"{number(-worsening)} better"


def _segments(result: ExperimentResult) -> Iterator[str]:
    """A table for each column; the variants' figures are differences, which is what segments are for."""
    counted = ("rows",) if result.sample.positives is None else ("rows", "positives")
    headers = (*counted, "status quo", *(text(variant.name) for variant in result.variants))
    for column, segments in groupby(result.segments, key=lambda segment: segment.column):
        said = f"{text(result.kpi.name)} by {text(column)}; the variants' figures are {AGAINST}:"
        yield f"{said[0].upper()}{said[1:]}"
        yield table((text(column), *headers), [_segment(segment) for segment in segments])


def _segment(segment: SegmentResult) -> tuple[str, ...]:
    differences = [_figure(variant.difference, sign=True) for variant in segment.variants]
    counts = [f"{each:,}" for each in (segment.rows, segment.positives) if each is not None]
    return text(segment.value), *counts, _figure(segment.status_quo), *differences


def _how(result: ExperimentResult) -> str:
    sample, made = result.sample, result.interval
    unit = "rows" if made.unit == "row" else f"units (`{text(made.unit)}`)"
    anew = LEARNER if any(variant.learner for variant in result.variants) else ""
    within = " A segment's KPI is computed as if its rows were all there are." if result.segments else ""
    positives = "" if sample.positives is None else f"{sample.positives:,} positives, "
    less = LESS if result.kpi.direction is Direction.MINIMISE else ""
    return (
        f"*{text(result.split)}: each of {sample.rows:,} rows ({positives}"
        f"`{text(sample.source)}`) is predicted by models that never saw it. "
        f"In brackets: 95 % intervals from {made.resamples:,} bootstrap resamples of {unit}, the same for "
        f"all models; a guardrail's bound is one-sided. They speak of these predictions: folds drawn "
        f"anew would move the figures a little more.{anew}{within} {HOW}{less}*"
    )


def _notes(variant: VariantResult, tuned_by: str) -> Iterator[str]:
    name, folds = text(variant.name), len(variant.tuned)
    for parameter in variant.tuned[0] if variant.tuned else ():
        chosen = Counter(_plain(each[parameter]) for each in variant.tuned)
        counts = ", ".join(f"{value} in {count} of {folds} folds" for value, count in chosen.most_common())
        yield f"{name}: tuning by {text(tuned_by)} within the training rows chose {text(parameter)} {counts}."
    yield from _warned(variant)


def _warned(variant: VariantResult) -> Iterator[str]:
    """What an estimator complained of: whoever reads its figures has to know."""
    for warning, count in variant.warnings.items():
        folds = f"{count} folds" if count > 1 else "1 fold"
        yield f"{text(variant.name)} warned in {folds}: {text(warning)}"


def _settings(params: dict[str, Any]) -> str:
    return ", ".join(f"{text(name)} {_plain(value)}" for name, value in params.items()) or "defaults"


def _plain(value: Any) -> str:
    return text(f"{value:g}" if isinstance(value, float) else str(value))
