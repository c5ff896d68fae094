"""What the site, the status board and the exports show of a repository: plain values, references resolved."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from iterata.stages import Stage, Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from iterata.documents import Document
    from iterata.documents.models.enums import FindingKind, Verdict
    from iterata.documents.models.report import Decision, Recommendation
    from iterata.errors import IterataError
    from iterata.lifecycle.next_step import NextStep
    from iterata.lifecycle.staleness import UpstreamChange
    from iterata.results import Estimate, ExperimentResult, HypothesisResult, Kpi, LiftResult, VariantResult
    from iterata.stages import IterationKind


class Progress(StrEnum):
    """How far a stage of an iteration is."""

    AHEAD = "ahead"
    """Nothing is written yet."""
    INHERITED = "inherited"
    """An earlier iteration's document still holds."""
    UNDER_WAY = "under_way"
    """Being written, reviewed, run or rolled out."""
    DONE = "done"
    """Agreed, completed or deployed."""
    ENDED = "ended"
    """Given up, replaced or taken back."""


PROGRESS: dict[Status, Progress] = {
    Status.DRAFT: Progress.UNDER_WAY,
    Status.IN_REVIEW: Progress.UNDER_WAY,
    Status.APPROVED: Progress.DONE,
    Status.REJECTED: Progress.ENDED,
    Status.ABANDONED: Progress.ENDED,
    Status.SUPERSEDED: Progress.ENDED,
    Status.PLANNED: Progress.UNDER_WAY,
    Status.RUNNING: Progress.UNDER_WAY,
    Status.COMPLETED: Progress.DONE,
    Status.STOPPED: Progress.ENDED,
    Status.ROLLING_OUT: Progress.UNDER_WAY,
    Status.DEPLOYED: Progress.DONE,
    Status.REVERTED: Progress.ENDED,
}
"""How far a document of each status has come."""


@dataclass(frozen=True, slots=True)
class StageView:
    """One stage of an iteration."""

    stage: Stage
    document: Document | None = None
    inherited_from: str | None = None
    """The iteration whose document holds here too."""
    upstream_changes: tuple[UpstreamChange, ...] = ()
    """What has changed upstream since the document was written against it."""

    @property
    def status(self) -> Status | None:
        """The document's status; none without a document, or where it is not a status."""
        return self.document.status if self.document else None

    @property
    def progress(self) -> Progress:
        """How far the stage is."""
        if self.document is None:
            return Progress.INHERITED if self.inherited_from else Progress.AHEAD
        return PROGRESS[self.status] if self.status else Progress.UNDER_WAY


@dataclass(frozen=True, slots=True)
class HypothesisView:
    """A hypothesis of a plan, and what became of it."""

    id: str
    claim: str
    variant: str
    over: str
    by: float
    verdict: Verdict | None
    """The author's, from the report; until there is one, the computed one."""
    interpretation: str
    computed: HypothesisResult | None


@dataclass(frozen=True, slots=True)
class FindingView:
    """Something learned, and where it stands among the others."""

    project: str
    iteration: str
    """Empty where the finding is in the project's requirements."""
    document: Document
    id: str
    kind: FindingKind
    statement: str
    tags: tuple[str, ...]
    evidence: str
    verdict: Verdict | None
    """Of the hypothesis that the evidence names (`results/experiment.json, H1`), if it names just one."""
    supports: tuple[str, ...]
    """Keys of the findings it confirms."""
    contradicts: tuple[str, ...]
    """Keys of the findings it speaks against."""

    @property
    def key(self) -> str:
        """How other documents refer to it: `project/01-setup#F2`."""
        return f"{self.project}/{self.iteration}#{self.id}"


class TrajectoryPoint(NamedTuple):
    """Where one iteration stands on the scale of its KPI."""

    iteration: str
    kpi: Kpi
    random: Estimate
    status_quo: Estimate
    perfect: Estimate
    best: tuple[str, Estimate] | None
    """The variant that did best, by name; none before anything was run."""


@dataclass(frozen=True, slots=True)
class IterationView:
    """One iteration."""

    project: str
    name: str
    path: str
    """Its folder, relative to the repository."""
    title: str
    """The title of the document it begins with."""
    kind: IterationKind | None
    follows: str | None
    stages: tuple[StageView, ...]
    """All stages but the requirements, in the order of the method."""
    next_step: NextStep
    hypotheses: tuple[HypothesisView, ...]
    findings: tuple[FindingView, ...]
    lift: LiftResult | None
    experiment: ExperimentResult | None
    recommendation: Recommendation | None
    decision: Decision | None

    @property
    def ref(self) -> str:
        """How commands name it: `project/01-setup`."""
        return f"{self.project}/{self.name}"

    @property
    def suspect_stages(self) -> tuple[StageView, ...]:
        """The stages whose documents somebody should look at again."""
        return tuple(view for view in self.stages if view.upstream_changes)

    @property
    def documents(self) -> tuple[Document, ...]:
        """Its own documents, in the order of the method."""
        return tuple(view.document for view in self.stages if view.document)

    @property
    def point(self) -> TrajectoryPoint | None:
        """Where it stands on the scale; none before the expected lift is computed."""
        result = self.experiment or self.lift
        if result is None:
            return None
        scale = result.scale
        best = _best(self.experiment) if self.experiment else None
        return TrajectoryPoint(
            self.name, result.kpi, scale.random.expectation, scale.status_quo, scale.perfect,
            best,
        )  # fmt: skip


def _best(result: ExperimentResult) -> tuple[str, Estimate] | None:
    """The variant that wins most, of those that keep every guardrail; where none does, that is said."""
    breaking = {each.variant for each in result.guardrails if not each.holds}
    keeping: list[VariantResult] = [each for each in result.variants if each.name not in breaking]
    best = max(keeping or result.variants, key=lambda each: each.difference.value, default=None)
    if best is None:
        return None
    return (best.name if keeping else f"{best.name} (guardrail not kept)"), best.kpi


@dataclass(frozen=True, slots=True)
class ProjectView:
    """One project."""

    name: str
    path: str
    """Its folder, relative to the repository."""
    requirements: Document | None
    iterations: tuple[IterationView, ...]
    next_step: NextStep | None
    """What it waits for before its first iteration; none once there is one."""
    own_findings: tuple[FindingView, ...]
    """What its requirements taught when they were abandoned."""

    @property
    def title(self) -> str:
        """The title of its requirements, or its folder's name."""
        return self.requirements.title if self.requirements else self.name

    @property
    def stage(self) -> StageView:
        """The stage all its iterations share."""
        return StageView(Stage.REQUIREMENTS, self.requirements)

    @property
    def findings(self) -> tuple[FindingView, ...]:
        """Everything it taught, in the order it was learned."""
        return (*(each for iteration in self.iterations for each in iteration.findings), *self.own_findings)

    @property
    def trajectory(self) -> tuple[TrajectoryPoint, ...]:
        """How its KPI moved from iteration to iteration."""
        return tuple(point for iteration in self.iterations if (point := iteration.point))


@dataclass(frozen=True)
class Knowledge:
    """Everything the repository knows."""

    projects: tuple[ProjectView, ...]
    unread: tuple[IterataError, ...] = ()
    """What could not be read at all: result files, and links that lead outside the repository."""
    _by_key: Mapping[str, FindingView] = field(init=False, repr=False, compare=False)
    _supporters: Mapping[str, list[FindingView]] = field(init=False, repr=False, compare=False)
    _critics: Mapping[str, list[FindingView]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        supporters, critics = defaultdict(list), defaultdict(list)
        for finding in self.findings:
            for key in finding.supports:
                supporters[key].append(finding)
            for key in finding.contradicts:
                critics[key].append(finding)
        object.__setattr__(self, "_by_key", {finding.key: finding for finding in self.findings})
        object.__setattr__(self, "_supporters", supporters)
        object.__setattr__(self, "_critics", critics)

    @property
    def iterations(self) -> tuple[IterationView, ...]:
        """Every iteration, project by project."""
        return tuple(iteration for project in self.projects for iteration in project.iterations)

    @property
    def findings(self) -> tuple[FindingView, ...]:
        """Everything that was learned, project by project."""
        return tuple(finding for project in self.projects for finding in project.findings)

    @property
    def documents(self) -> Iterator[Document]:
        """Every stage document that could be read, sound or not."""
        for project in self.projects:
            if project.requirements:
                yield project.requirements
            for iteration in project.iterations:
                yield from iteration.documents

    def finding(self, key: str) -> FindingView | None:
        """The finding a reference means, if there is one."""
        return self._by_key.get(key)

    def supporters(self, finding: FindingView) -> tuple[FindingView, ...]:
        """The findings that confirm this one."""
        return tuple(self._supporters.get(finding.key, ()))

    def critics(self, finding: FindingView) -> tuple[FindingView, ...]:
        """The findings that speak against this one."""
        return tuple(self._critics.get(finding.key, ()))
