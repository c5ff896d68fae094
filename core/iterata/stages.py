"""The method as data: stages, statuses, transitions, iteration kinds and loops.

`check`, `move`, `status`, the templates, the site, the documentation page and its diagram read these tables.
The order of stages and statuses is defined nowhere else.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from typing import Literal, NamedTuple


class Stage(StrEnum):
    """One of the six stages; the value is the stem of its document's file name."""

    REQUIREMENTS = "requirements"
    ASSESSMENT = "assessment"
    PROPOSAL = "proposal"
    EXPERIMENT = "experiment"
    REPORT = "report"
    DEPLOYMENT = "deployment"

    filename: str
    """The file name of the stage's document."""

    def __init__(self, value: str) -> None:
        self.filename = f"{value}.md"

    @property
    def number(self) -> int:
        """The position of the stage in the method, from 1."""
        return list(Stage).index(self) + 1


class Track(StrEnum):
    """The kind of work in a stage, and its colour in the diagram of the method."""

    PRODUCT = "product"
    """Blue: the business describes what it needs."""
    DOCUMENTATION = "documentation"
    """Green: data science writes, and others review."""
    TECHNICAL = "technical"
    """Yellow: something is built or run."""


class StageInfo(NamedTuple):
    """The method's description of a stage."""

    title: str
    track: Track
    owner: str
    purpose: str
    optional: bool = False


STAGES: dict[Stage, StageInfo] = {
    Stage.REQUIREMENTS: StageInfo(
        "Requirements", Track.PRODUCT, "product", "What the business hopes a model will change, and why."
    ),
    Stage.ASSESSMENT: StageInfo(
        "Technical needs assessment",
        Track.DOCUMENTATION,
        "data science",
        "Whether a model is needed, and what it could gain at best: the expected lift.",
    ),
    Stage.PROPOSAL: StageInfo(
        "Technical proposal",
        Track.DOCUMENTATION,
        "data science",
        "Which variants to compare, on which data, with which metrics: the plan that everyone approves.",
    ),
    Stage.EXPERIMENT: StageInfo(
        "Experiment",
        Track.TECHNICAL,
        "data science",
        "The log of the run, which carries out exactly the plan.",
    ),
    Stage.REPORT: StageInfo(
        "Report",
        Track.DOCUMENTATION,
        "data science",
        "What was learned in comparison with the status quo, and what to do next: the main deliverable.",
    ),
    Stage.DEPLOYMENT: StageInfo(
        "Deployment and monitoring",
        Track.TECHNICAL,
        "data science and engineering",
        "The phased release, its split tests, and the monitors that watch it.",
        optional=True,
    ),
}


ResultKind = Literal["lift", "experiment", "rollout"]
"""A kind of result; the stem of its file's name below `results/`.

A rollout has a result for each phase: `rollout-10` for the phase of 10 %.
"""


class ResultInfo(NamedTuple):
    """Which stages a kind of result belongs to."""

    computed_at: Stage
    """The stage at which the result is computed; the tables of its document are checked against the file."""
    approved_with: Stage | None
    """The stage whose approval includes the result, which does not change afterwards; None if there is none:
    a result of a rollout does not change once its phase has ended."""


RESULT_STAGES: dict[ResultKind, ResultInfo] = {
    "lift": ResultInfo(computed_at=Stage.ASSESSMENT, approved_with=Stage.ASSESSMENT),
    "experiment": ResultInfo(computed_at=Stage.EXPERIMENT, approved_with=Stage.REPORT),
    "rollout": ResultInfo(computed_at=Stage.DEPLOYMENT, approved_with=None),
}


def result_computed_at(stage: Stage) -> ResultKind | None:
    """The kind of result that is computed at `stage`, or None."""
    return next((kind for kind, info in RESULT_STAGES.items() if info.computed_at is stage), None)


def result_approved_with(stage: Stage) -> ResultKind | None:
    """The kind of result that is approved with a document of `stage`, or None."""
    return next((kind for kind, info in RESULT_STAGES.items() if info.approved_with is stage), None)


class Status(StrEnum):
    """The status of a document."""

    DRAFT = "draft"
    """Being written; few rules apply."""
    IN_REVIEW = "in_review"
    """Complete and waiting for its reviewers."""
    APPROVED = "approved"
    """Approved; it does not change any more, except by a revision or an amendment."""
    REJECTED = "rejected"
    """Refused by its reviewers; it may become a draft again."""
    ABANDONED = "abandoned"
    """Not worth the investment, or no longer; the document records what was learned."""
    SUPERSEDED = "superseded"
    """Replaced by the document that it names."""
    PLANNED = "planned"
    """Not started yet."""
    RUNNING = "running"
    """The experiment is running."""
    COMPLETED = "completed"
    """The whole plan was run."""
    STOPPED = "stopped"
    """The experiment ended before the whole plan was run; the document gives the reason."""
    ROLLING_OUT = "rolling_out"
    """The release reaches a growing share of users."""
    DEPLOYED = "deployed"
    """The release reaches all of its users."""
    REVERTED = "reverted"
    """The release was reverted; the work returns to the report."""


SETTLED = frozenset({Status.APPROVED, Status.COMPLETED, Status.STOPPED, Status.SUPERSEDED, Status.ABANDONED})
"""Statuses in which a document does not change in place."""


class Transition(NamedTuple):
    """A change of status that is allowed, and its meaning."""

    source: Status
    target: Status
    meaning: str


_ENDINGS = (
    Transition(Status.DRAFT, Status.ABANDONED, "abandoned as a draft"),
    Transition(Status.IN_REVIEW, Status.ABANDONED, "abandoned in review"),
    Transition(Status.APPROVED, Status.ABANDONED, "abandoned after its approval"),
    Transition(Status.APPROVED, Status.SUPERSEDED, "replaced by another document"),
)

_DOCUMENT = (
    Transition(Status.DRAFT, Status.IN_REVIEW, "complete and ready for review"),
    Transition(Status.DRAFT, Status.APPROVED, "approved at once, by people who hold every required role"),
    Transition(Status.IN_REVIEW, Status.DRAFT, "withdrawn from review to be changed"),
    Transition(Status.IN_REVIEW, Status.APPROVED, "approved by every required role"),
    Transition(Status.IN_REVIEW, Status.REJECTED, "refused by its reviewers"),
    Transition(Status.REJECTED, Status.DRAFT, "reopened for revision"),
    *_ENDINGS,
)

_REOPENING = Transition(Status.APPROVED, Status.DRAFT, "reopened by a revision or an amendment")

TRANSITIONS: dict[Stage, tuple[Transition, ...]] = {
    Stage.REQUIREMENTS: (*_DOCUMENT, _REOPENING),
    Stage.ASSESSMENT: _DOCUMENT,
    Stage.PROPOSAL: (*_DOCUMENT, _REOPENING),
    Stage.EXPERIMENT: (
        Transition(Status.PLANNED, Status.RUNNING, "the work begins"),
        Transition(Status.RUNNING, Status.COMPLETED, "the whole plan was run"),
        Transition(Status.RUNNING, Status.STOPPED, "stopped before the whole plan was run"),
    ),
    Stage.REPORT: (*_DOCUMENT, _REOPENING),
    Stage.DEPLOYMENT: (
        Transition(Status.PLANNED, Status.ROLLING_OUT, "the first phase goes live"),
        Transition(Status.ROLLING_OUT, Status.DEPLOYED, "the last phase is complete"),
        Transition(Status.ROLLING_OUT, Status.REVERTED, "reverted during the rollout"),
        Transition(Status.DEPLOYED, Status.REVERTED, "reverted after the rollout"),
        Transition(Status.REVERTED, Status.PLANNED, "planned again, after a new decision to deploy"),
    ),
}


@cache
def statuses(stage: Stage) -> tuple[Status, ...]:
    """Every status that a document of `stage` may have, beginning with its first one."""
    steps = TRANSITIONS[stage]
    return tuple(dict.fromkeys(status for step in steps for status in (step.source, step.target)))


def initial(stage: Stage) -> Status:
    """The status of a new document of `stage`."""
    return TRANSITIONS[stage][0].source


def successors(stage: Stage, status: Status) -> tuple[Status, ...]:
    """The statuses that may follow `status` in a document of `stage`."""
    return tuple(step.target for step in TRANSITIONS[stage] if step.source is status)


class IterationKind(StrEnum):
    """What an iteration changes, compared with the one before it."""

    SETUP = "setup"
    """The first iteration of a project: data, baseline, first models."""
    ALGORITHM = "algorithm"
    """Another algorithm; the assessment asks again whether a model is needed."""
    DATA = "data"
    """Other or more rows."""
    FEATURE = "feature"
    """Other or more columns."""


FIRST_STAGE: dict[IterationKind, Stage] = {
    IterationKind.SETUP: Stage.ASSESSMENT,
    IterationKind.ALGORITHM: Stage.ASSESSMENT,
    IterationKind.DATA: Stage.PROPOSAL,
    IterationKind.FEATURE: Stage.PROPOSAL,
}
"""The first stage of an iteration, by its kind; one that begins at the proposal inherits an assessment."""


class Outcome(StrEnum):
    """The decision of the stakeholders on a report."""

    ITERATE = "iterate"
    """Invest in another iteration."""
    DEPLOY = "deploy"
    """Release what was built."""
    STOP = "stop"
    """End the project; its findings stay."""
    REVISIT_REQUIREMENTS = "revisit_requirements"
    """Revise the business requirements."""


class Loop(NamedTuple):
    """Where the work continues after a decision or an event."""

    cause: str
    source: Stage
    target: Stage | None
    meaning: str


LOOPS: tuple[Loop, ...] = (
    Loop(
        Outcome.ITERATE,
        Stage.REPORT,
        Stage.ASSESSMENT,
        "the next iteration begins at the first stage of its kind",
    ),
    Loop(Outcome.DEPLOY, Stage.REPORT, Stage.DEPLOYMENT, "the release is planned"),
    Loop(Outcome.STOP, Stage.REPORT, None, "the project closes"),
    Loop(Outcome.REVISIT_REQUIREMENTS, Stage.REPORT, Stage.REQUIREMENTS, "the requirements are revised"),
    Loop(
        Status.REVERTED,
        Stage.DEPLOYMENT,
        Stage.REPORT,
        "the report gets a post-mortem before any other step",
    ),
)
