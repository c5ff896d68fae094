"""What a page about an iteration says first: what was decided, what it is worth, and how sure we are."""

from __future__ import annotations

from math import floor, log10
from typing import TYPE_CHECKING, NamedTuple

from pydantic import ValidationError

from iterata.documents.models.period import Worth
from iterata.knowledge.agreed import block, is_provisional
from iterata.knowledge.days import day_of
from iterata.render.estimates import parts
from iterata.results.best import best_variant, broken_by
from iterata.site.charts.conclusions import withstands_choice
from iterata.site.charts.scale import kpi_name, tone
from iterata.stages import Stage
from iterata.text import number, signed

if TYPE_CHECKING:
    from iterata.documents import Document
    from iterata.knowledge import IterationView, ProjectView
    from iterata.knowledge.days import GitDay
    from iterata.results import Estimate, ExperimentResult, LiftResult, VariantResult


class Span(NamedTuple):
    """A figure and its interval as text, each without a line break."""

    figure: str
    interval: str


class Guardrail(NamedTuple):
    """A guardrail, and whether the variant keeps it."""

    name: str
    holds: bool


class Figures(NamedTuple):
    """The best variant beside today, or before there is one, today beside what is possible."""

    variant: str
    """Empty before an experiment."""
    of: int
    """Among how many variants it is the best."""
    is_preferred: bool
    """Whether a variant that breaks a guardrail gains more."""
    kpi: str
    unit: str
    value: str
    """Of the variant; of a perfect model before an experiment."""
    today: str
    most: str
    """Of a perfect model; empty if that is not known exactly."""
    gain: Span
    """Over today, in the unit; positive is better."""
    tone: str
    """`better`, `worse` or `open`; `potential` before an experiment."""
    withstands_choice: bool
    """Whether the gain is above zero although the variant is the best of several."""
    money: Span | None
    """The gain in money; None if the assessment names no worth."""
    learner: Span | None
    """The gain of such a model that is trained on other rows; None if it was not computed."""
    learner_holds: bool
    """Whether that gain is above zero, adjusted for the number of variants."""
    guardrails: tuple[Guardrail, ...]
    usual: str = ""
    """What a good model gains by the rule of thumb, before an experiment; empty if there is none."""

    @property
    def unit_and_doubt(self) -> str:
        """What stands below the gain in lists: the unit, and whether chance explains the gain."""
        is_doubtful = self.tone == "open" or (self.tone == "better" and not self.withstands_choice)
        return f"{self.unit}, not shown" if is_doubtful else self.unit


class Headline(NamedTuple):
    """An iteration in a few lines."""

    title: str
    """A sentence: of its report, or before there is one of its first document."""
    document: Document | None
    """The document that the answer is from: the report, or before there is one its newest document."""
    is_provisional: bool
    """Whether its figures, its answers and what it recommends are not agreed yet."""
    day: str
    """Of the decision or of the newest approval; empty if it is not known."""
    figures: Figures | None
    followers: tuple[IterationView, ...]
    """The iterations that follow it."""


SIGNIFICANT = 0.05
"""The level at which a gain is said to hold for models that are trained on other rows."""


def headline(project: ProjectView, iteration: IterationView, git_day: GitDay) -> Headline:
    """What a page about an iteration says first."""
    report = iteration.document(Stage.REPORT)
    document = report or next(iter(reversed(iteration.documents)), None)
    return Headline(
        title=iteration.title,
        document=document,
        is_provisional=_is_provisional(iteration),
        day=day_of(document, git_day) if document else "",
        figures=_figures(project, iteration),
        followers=tuple(other for other in project.iterations if other.follows == iteration.name),
    )


class NewestRun(NamedTuple):
    """The newest iteration of a project that was run."""

    iteration: IterationView
    figures: Figures | None
    is_provisional: bool


def newest_run(project: ProjectView) -> NewestRun | None:
    """The newest iteration that was run, with its figures; None before one was."""
    for iteration in reversed(project.iterations):
        if iteration.experiment:
            return NewestRun(iteration, _figures(project, iteration), _is_provisional(iteration))
    return None


def _is_provisional(iteration: IterationView) -> bool:
    """Whether the report is not agreed yet; before an experiment, whether the assessment is not."""
    report, assessment = iteration.document(Stage.REPORT), iteration.document(Stage.ASSESSMENT)
    if report is not None or iteration.experiment is not None:
        return is_provisional(report)
    return assessment is not None and iteration.lift is not None and is_provisional(assessment)


def waits_since(project: ProjectView, iteration: IterationView | None, git_day: GitDay) -> str:
    """The day since which something waits; empty if it is not known.

    It is the day on which the document that it is at last changed, or the newest day without such a document.
    """
    if iteration is None:
        return git_day(project.requirements.path) if project.requirements else ""
    stage = iteration.next_step.stage
    document = iteration.document(stage) if stage else None
    documents = (document,) if document else (*iteration.documents, project.requirements)
    days = (git_day(one.path) or day_of(one) for one in documents if one)
    return max(days, default="")


def _figures(project: ProjectView, iteration: IterationView) -> Figures | None:
    worth = _worth(project, iteration)
    if iteration.experiment is not None:
        best = best_variant(iteration.experiment)
        return _of_variant(iteration.experiment, best, worth) if best else None
    return _of_lift(iteration.lift, worth) if iteration.lift else None


def _of_variant(result: ExperimentResult, best: VariantResult, worth: Worth | None) -> Figures:
    learner = best.learner
    return Figures(
        variant=best.name,
        of=len(result.variants),
        is_preferred=_is_preferred(result, best),
        kpi=kpi_name(result.kpi),
        unit=result.kpi.scaled_unit,
        value=parts(best.kpi)[0],
        today=parts(result.scale.status_quo)[0],
        most="" if result.scale.perfect_identified else parts(result.scale.perfect)[0],
        gain=Span(*parts(best.difference, sign=True)),
        tone=tone(best),
        withstands_choice=withstands_choice(best.difference, len(result.variants)),
        money=_money(best.difference, worth),
        learner=Span(*parts(learner.difference, sign=True)) if learner else None,
        learner_holds=bool(learner and learner.p_holm < SIGNIFICANT and learner.difference.value > 0),
        guardrails=tuple(
            Guardrail(rail.name, rail.holds) for rail in result.guardrails if rail.variant == best.name
        ),
    )


def _is_preferred(result: ExperimentResult, best: VariantResult) -> bool:
    more = (other.name for other in result.variants if other.difference.value > best.difference.value)
    return not broken_by(result, best.name) and any(broken_by(result, name) for name in more)


def _of_lift(result: LiftResult, worth: Worth | None) -> Figures | None:
    if result.scale.perfect_identified is not None:
        return None  # an interval of what is possible has no single figure
    potential = result.potential_lift
    return Figures(
        variant="",
        of=0,
        is_preferred=False,
        kpi=kpi_name(result.kpi),
        unit=result.kpi.scaled_unit,
        value=parts(result.scale.perfect)[0],
        today=parts(result.scale.status_quo)[0],
        most=parts(result.scale.perfect)[0],
        gain=Span(*parts(potential, sign=True)),
        tone="potential",
        withstands_choice=False,
        money=_money(potential, worth),
        learner=None,
        learner_holds=False,
        guardrails=(),
        usual=signed(result.good_model.gain) if result.good_model else "",
    )


def _worth(project: ProjectView, iteration: IterationView) -> Worth | None:
    """What a unit of the KPI is worth, as the iteration's own or inherited assessment says."""
    inherited = {view.inherited_from for view in iteration.stages if view.inherited_from}
    holders = (iteration, *(other for other in project.iterations if other.name in inherited))
    for holder in holders:
        assessment = holder.document(Stage.ASSESSMENT)
        stated = block(assessment.data, "lift", "worth") if assessment else {}
        if stated:
            try:
                return Worth.model_validate(stated)
            except ValidationError:
                return None
    return None


def _money(gain: Estimate, worth: Worth | None) -> Span | None:
    """A gain in money, with two digits of its largest figure."""
    if worth is None:
        return None
    values = [value * worth.per_unit for value in gain.extent]
    size = max(map(abs, values))
    step = 10 ** max(0, floor(log10(size)) - 1) if size >= 1 else 1
    rounded = [number(round(value / step) * step, 0) for value in values]
    span = f"{rounded[1]} to {rounded[2]}" if len(rounded) > 1 else ""
    return Span(f"{rounded[0]} {worth.currency}", span)
