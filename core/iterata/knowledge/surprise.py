"""Results that differ from what was expected, in standard errors.

The standard error is that of the measured figure, from its 95 % interval; if the expectation has one too,
both are combined. A figure without an interval is not compared: how far chance moves it is unknown.
"""

from __future__ import annotations

from enum import StrEnum
from math import hypot
from typing import TYPE_CHECKING, NamedTuple

from iterata.knowledge.agreed import agreed_on, as_date, is_provisional
from iterata.knowledge.releases import scaled
from iterata.results.best import best_variant
from iterata.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from iterata.documents.models.enums import Verdict
    from iterata.knowledge.views import IterationView, Knowledge, ProjectView
    from iterata.results import Estimate

NORMAL_95 = 1.959964
"""Half of the width of a 95 % interval, in standard errors."""

NOTABLE = NORMAL_95
"""From here on chance alone rarely explains a difference: the expectation is outside the interval."""


class Expectation(StrEnum):
    """What a result is compared with."""

    GOOD_MODEL = "good_model"
    """What a good model usually gains, by the rule of thumb of the assessment, against the best variant."""
    REQUIRED = "required"
    """The difference that a hypothesis requires, against the measured one."""
    ASSESSED = "assessed"
    """The gain that the assessment expects, against the realised gain of the release."""
    OFFLINE = "offline"
    """The gain in the report, corrected for selection if that is known, against the realised gain."""


class Direction(StrEnum):
    """On which side of the expectation a result is."""

    BETTER = "better"
    WORSE = "worse"
    EQUAL = "equal"


class Quarter(NamedTuple):
    """A quarter of a year."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> Quarter:
        """The quarter of a day."""
        return cls(day.year, (day.month + 2) // 3)


class Surprise(NamedTuple):
    """A result against what was expected, in utility: positive is better."""

    iteration: IterationView
    expectation: Expectation
    name: str
    """The id of the hypothesis, or the name of the variant."""
    claim: str
    """The claim of the hypothesis; empty without one."""
    verdict: Verdict | None
    expected: float
    measured: Estimate
    standard_error: float
    unit: str
    day: date | None
    """The day on which the result was agreed, or measured; None if none is recorded."""
    is_provisional: bool
    """Whether the report on it is not agreed yet."""

    @property
    def z(self) -> float:
        """The measured minus the expected figure, in standard errors."""
        return (self.measured.value - self.expected) / self.standard_error

    @property
    def direction(self) -> Direction:
        """On which side of the expectation it is."""
        difference = self.measured.value - self.expected
        return Direction.BETTER if difference > 0 else Direction.WORSE if difference < 0 else Direction.EQUAL

    @property
    def is_notable(self) -> bool:
        """Whether chance alone rarely explains it."""
        return abs(self.z) >= NOTABLE

    @property
    def quarter(self) -> Quarter | None:
        """The quarter in which it became known; None without a day."""
        return Quarter.of(self.day) if self.day else None


class NotCompared(NamedTuple):
    """A result whose standard error is not known."""

    iteration: IterationView
    expectation: Expectation
    name: str


class Surprises(NamedTuple):
    """All comparisons: the newest quarter first, and in it the largest distance first."""

    compared: tuple[Surprise, ...]
    not_compared: tuple[NotCompared, ...]

    @property
    def notable(self) -> tuple[Surprise, ...]:
        """Those that chance alone rarely explains."""
        return tuple(entry for entry in self.compared if entry.is_notable)


def surprises(knowledge: Knowledge) -> Surprises:
    """Every result of every iteration against what was expected of it."""
    return arranged(map(compare, knowledge.projects))


def compare(project: ProjectView) -> tuple[Surprise | NotCompared, ...]:
    """The results of one project against what was expected of them."""
    return tuple(entry for iteration in project.iterations for entry in _of_iteration(iteration))


def arranged(projects: Iterable[Iterable[Surprise | NotCompared]]) -> Surprises:
    """The comparisons of all projects, in order."""
    entries = [entry for comparisons in projects for entry in comparisons]
    compared = [entry for entry in entries if isinstance(entry, Surprise)]
    compared.sort(key=_order)
    return Surprises(tuple(compared), tuple(entry for entry in entries if isinstance(entry, NotCompared)))


def _order(entry: Surprise) -> tuple[object, ...]:
    quarter = entry.quarter or Quarter(0, 0)
    place = (entry.iteration.project, entry.iteration.name, entry.name, entry.expectation.value)
    return -quarter.year, -quarter.number, -abs(entry.z), *place


def standard_error(estimate: Estimate) -> float | None:
    """The standard error of a figure, from its 95 % interval; None without an interval of some width."""
    ends = estimate.interval
    return (ends[1] - ends[0]) / (2 * NORMAL_95) if ends and ends[1] > ends[0] else None


def _of_iteration(iteration: IterationView) -> Iterator[Surprise | NotCompared]:
    yield from _of_experiment(iteration)
    yield from _of_release(iteration)


def _of_experiment(iteration: IterationView) -> Iterator[Surprise | NotCompared]:
    experiment, report = iteration.experiment, iteration.document(Stage.REPORT)
    if experiment is None:
        return
    day, open_report = agreed_on(report) or _ended(iteration), is_provisional(report)
    best = best_variant(experiment)
    if experiment.expected and best:
        error = standard_error(best.difference)
        if error is None:
            yield NotCompared(iteration, Expectation.GOOD_MODEL, best.name)
        else:
            yield Surprise(
                iteration, Expectation.GOOD_MODEL, best.name, "", None, experiment.expected.gain,
                best.difference, error, experiment.kpi.scaled_unit, day, open_report,
            )  # fmt: skip
    for hypothesis in experiment.hypotheses:
        error = standard_error(hypothesis.difference)
        if error is None:
            yield NotCompared(iteration, Expectation.REQUIRED, hypothesis.id)
        else:
            answered = {view.id: view.verdict for view in iteration.hypotheses}
            yield Surprise(
                iteration, Expectation.REQUIRED, hypothesis.id, hypothesis.claim,
                answered.get(hypothesis.id) or hypothesis.verdict, hypothesis.by, hypothesis.difference,
                error, experiment.kpi.scaled_unit, day, open_report,
            )  # fmt: skip


def _of_release(iteration: IterationView) -> Iterator[Surprise | NotCompared]:
    release = iteration.release
    realised = release.gains.realised if release else None
    if release is None or release.newest is None or realised is None:
        return
    expectations = {
        Expectation.ASSESSED: release.gains.expected,
        Expectation.OFFLINE: release.gains.selected or release.gains.offline,
    }
    error = _realised_error(iteration) or standard_error(realised)
    days = [phase.last_day for phase in release.newest.phases if phase.last_day]
    for expectation, expected in expectations.items():
        if expected is None:
            continue
        if error is None:
            yield NotCompared(iteration, expectation, release.variant)
            continue
        yield Surprise(
            iteration, expectation, release.variant, "", None, expected.value, realised,
            hypot(error, standard_error(expected) or 0), release.unit, max(days, default=None),
            is_provisional(iteration.document(Stage.REPORT)),
        )  # fmt: skip


def _realised_error(iteration: IterationView) -> float | None:
    """The standard error of the realised gain, from the interval that does not allow for repeated looks."""
    release = iteration.release
    primary = release.primary if release else None
    if release is None or release.newest is None or primary is None or primary.total is None:
        return None
    return standard_error(scaled(primary.total, release.newest))


def _ended(iteration: IterationView) -> date | None:
    """The day on which the experiment ended."""
    document = iteration.document(Stage.EXPERIMENT)
    return as_date(document.data.get("ended")) if document else None
