"""The block `not-done` of a report: what the documents and the result tell of what was left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.documents.models.enums import AlternativeVerdict
from iterata.render.markdown import escape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.repository.projects import IterationFolder
    from iterata.results import ExperimentResult, MetricValue

NOTHING = "All that the plan asks for was measured, and the documents name nothing that was left out."


def render(result: ExperimentResult, folder: IterationFolder) -> str:
    """A line for each omission; a sentence where there is none."""
    said = [*_departures(result, folder), *_unmeasured(result), *_elsewhere(folder)]
    return "\n".join(f"- {each}" for each in said) if said else NOTHING


def _departures(result: ExperimentResult, folder: IterationFolder) -> Iterator[str]:
    """Where the plan was changed after it had been agreed to, and where the work departed from it."""
    for amendment in result.amendments:
        change = f"{_sentence(amendment.what)} {_sentence(amendment.why)}"
        yield f"The plan was amended on {amendment.on}: {change}"
    experiment = folder.experiment
    if experiment is None:
        return
    for deviation in experiment.deviations:
        yield f"Done otherwise than planned: {_sentence(deviation.what)} {_sentence(deviation.why)}"
    if experiment.stopped_because:
        yield f"The experiment ended early: {_sentence(experiment.stopped_because)}"


def _unmeasured(result: ExperimentResult) -> Iterator[str]:
    """What the plan asks for and these data or predictions do not give."""
    models = [
        ("status quo", result.status_quo_metrics),
        *((each.name, each.metrics) for each in result.variants),
    ]
    for model, metrics in models:
        for name in _without_figure(metrics):
            yield f"No {escape(name)} of *{escape(model)}*: the metric cannot judge such predictions."
    for rail in result.guardrails:
        if rail.value is None:
            whose = f"{escape(rail.name)} of *{escape(rail.variant)}*"
            yield f"No figure for the guardrail {whose}, so it counts as not kept."
    for segment in result.segments:
        if segment.status_quo is None:
            where = f"{escape(segment.column)} {escape(segment.value)}"
            yield f"No {escape(result.kpi.name)} for {where}, whose {segment.rows:,} rows do not give it."
    asked = [each.name for each in result.variants if each.learner is None]
    if asked:
        named = ", ".join(f"*{escape(name)}*" for name in asked)
        yield (
            "Whether the difference would come back with other rows to learn from was not asked of "
            f"{named}: that takes models trained in folds drawn by chance."
        )


def _without_figure(metrics: list[MetricValue]) -> list[str]:
    return [each.name for each in metrics if each.value is None]


def _elsewhere(folder: IterationFolder) -> Iterator[str]:
    """What was put off, and what others build."""
    proposal, assessment = folder.proposal, folder.assessment
    for part in proposal.reusable_components if proposal else ():
        yield f"Not built here but in {escape(part.project)}: {escape(part.name)}. {_sentence(part.why)}"
    for alternative in assessment.alternatives if assessment else ():
        if alternative.verdict is AlternativeVerdict.LATER:
            yield f"Left for later by the assessment: {_sentence(alternative.idea)}"


def _sentence(said: str) -> str:
    inert = escape(said)
    return inert if inert.endswith((".", "!", "?")) else f"{inert}."
