"""The block `not-done` of a report: what was left out, according to the documents and the result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.documents.models.enums import AlternativeVerdict
from iterata.render.markdown import escape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.repository.projects import IterationFolder
    from iterata.results import ExperimentResult, SegmentResult

NOTHING = "Everything in the plan was measured, and the documents name nothing that was left out."


def render(result: ExperimentResult, folder: IterationFolder) -> str:
    """A line for each omission; one sentence if there is none."""
    omissions = [*_changes_of_plan(result, folder), *_missing_figures(result), *_out_of_scope(folder)]
    return "\n".join(f"- {omission}" for omission in omissions) if omissions else NOTHING


def _changes_of_plan(result: ExperimentResult, folder: IterationFolder) -> Iterator[str]:
    """Amendments after the first approval, and deviations of the work from the plan."""
    for amendment in result.amendments:
        change = f"{_sentence(amendment.what)} {_sentence(amendment.why)}"
        yield f"The plan was amended on {amendment.on}: {change}"
    experiment = folder.experiment
    if experiment is None:
        return
    for deviation in experiment.deviations:
        yield f"Deviation from the plan: {_sentence(deviation.what)} {_sentence(deviation.why)}"
    if experiment.stopped_because:
        yield f"The experiment was stopped early: {_sentence(experiment.stopped_because)}"


def _missing_figures(result: ExperimentResult) -> Iterator[str]:
    """What the plan asks for and the data or the predictions do not determine."""
    models = [
        ("status quo", result.status_quo_metrics),
        *((variant.name, variant.metrics) for variant in result.variants),
    ]
    for model, metrics in models:
        for metric in metrics:
            if metric.value is None:
                figure = f"No {escape(metric.name)} of *{escape(model)}*"
                yield f"{figure}: the metric does not apply to its predictions."
    for guardrail in result.guardrails:
        if guardrail.value is None and not guardrail.needed:
            of_variant = f"{escape(guardrail.name)} of *{escape(guardrail.variant)}*"
            yield f"No figure for the guardrail {of_variant}, so it counts as not kept."
    for segment in result.segments:
        if segment.status_quo is None:
            name = f"{escape(segment.column)} {escape(segment.value)}"
            yield f"No {escape(result.kpi.name)} for {name}: {_lacks(segment)}."
    if untested := [f"*{escape(variant.name)}*" for variant in result.variants if variant.learner is None]:
        reason = "the corrected t-test needs at least 5 random folds in all, in which models differ"
        yield f"No p-value for {', '.join(untested)}: {reason}."


def _lacks(segment: SegmentResult) -> str:
    """Why a segment has no figure."""
    if segment.treated in (0, segment.rows):
        return f"none of its {segment.rows:,} rows {'was' if segment.treated == 0 else 'was not'} treated"
    return f"its {segment.rows:,} rows do not determine it"


def _out_of_scope(folder: IterationFolder) -> Iterator[str]:
    """What other projects build, and what was postponed."""
    for component in folder.proposal.reusable_components if folder.proposal else ():
        project = escape(component.project)
        yield f"Not built here but in {project}: {escape(component.name)}. {_sentence(component.why)}"
    for alternative in folder.assessment.alternatives if folder.assessment else ():
        if alternative.verdict is AlternativeVerdict.LATER:
            yield f"Left for later by the assessment: {_sentence(alternative.idea)}"


def _sentence(words: str) -> str:
    inert = escape(words)
    return inert if inert.endswith((".", "!", "?")) else f"{inert}."
