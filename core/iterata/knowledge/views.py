"""The read model: plain values for the site, the status board and the exports, with references resolved."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol

from iterata.documents.findings import FINDINGS
from iterata.documents.models.enums import Verdict
from iterata.knowledge.progress import PROGRESS, Progress
from iterata.results.best import best_variant, broken_by
from iterata.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from iterata.documents import Document
    from iterata.documents.models.enums import FindingKind
    from iterata.documents.models.report import Decision, Recommendation
    from iterata.errors import IterataError
    from iterata.knowledge.releases import ReleaseView
    from iterata.lifecycle.next_step import NextStep
    from iterata.lifecycle.staleness import UpstreamChange
    from iterata.repository.exploration.folder import Exploration
    from iterata.results import Estimate, ExperimentResult, HypothesisResult, Kpi, LiftResult
    from iterata.stages import IterationKind, Status


@dataclass(frozen=True, slots=True)
class StageView:
    """One stage of an iteration."""

    stage: Stage
    document: Document | None = None
    inherited_from: str | None = None
    """The iteration whose document applies here."""
    upstream_changes: tuple[UpstreamChange, ...] = ()
    """The upstream documents that changed after the document was written against them."""
    rows: Mapping[str, object] = field(default_factory=dict)
    """What a plan or an assessment takes from the document before it, and what it says differently."""

    @property
    def status(self) -> Status | None:
        """The document's status; None without a document, or if its status is invalid."""
        return self.document.status if self.document else None

    @property
    def progress(self) -> Progress:
        """The progress of the stage."""
        if self.document is None:
            return Progress.INHERITED if self.inherited_from else Progress.AHEAD
        return PROGRESS[self.status] if self.status else Progress.UNDER_WAY


@dataclass(frozen=True, slots=True)
class HypothesisView:
    """A hypothesis of a plan, with its answer."""

    id: str
    claim: str
    variant: str
    over: str
    by: float
    verdict: Verdict | None
    """The author's verdict from the report; without a report, the computed one."""
    interpretation: str
    computed: HypothesisResult | None
    tests: tuple[str, ...] = ()
    """The ids of the business hypotheses that the plan says it tests."""

    @property
    def broken_guardrails(self) -> tuple[str, ...]:
        """The guardrails that the variant of a supported claim does not keep."""
        if self.computed is None or self.verdict is not Verdict.SUPPORTED:
            return ()
        return tuple(self.computed.broken_guardrails)


@dataclass(frozen=True, slots=True)
class FindingView:
    """A finding, and its relations to others."""

    project: str
    iteration: str
    """Empty for a finding in the project's requirements."""
    document: Document
    id: str
    kind: FindingKind
    statement: str
    tags: tuple[str, ...]
    evidence: str
    verdict: Verdict | None
    """Of the hypothesis that the evidence names (`results/experiment.json, H1`); None unless it names one."""
    broken_guardrails: tuple[str, ...]
    """The guardrails that the variant of that hypothesis does not keep although it is supported."""
    supports: tuple[str, ...]
    """Keys of the findings that it confirms."""
    contradicts: tuple[str, ...]
    """Keys of the findings that it contradicts."""
    kpi_kind: str = ""
    """The kind of KPI of its iteration, such as `targeting`; empty if there is none yet."""
    hypothesis: str = ""
    """The id of the hypothesis that the evidence names; empty unless it names exactly one."""
    listed_in: str = FINDINGS
    """The part of the document that has it: `findings`, `post_mortem` or `abandoned`."""

    @property
    def key(self) -> str:
        """The reference to it from anywhere: `project/01-setup#F2`."""
        return f"{self.project}/{self.iteration}#{self.id}"


class Results(Protocol):
    """The results of an iteration, parsed when they are asked for: all of them would be too large."""

    @property
    def lift_result(self) -> LiftResult | None:
        """The expected lift."""

    @property
    def experiment_result(self) -> ExperimentResult | None:
        """The experiment's result."""


class TrajectoryPoint(NamedTuple):
    """An iteration on the scale of its KPI."""

    iteration: str
    kpi: Kpi
    random: Estimate
    status_quo: Estimate
    perfect: Estimate
    best: tuple[str, Estimate] | None
    """The name and the KPI of the best variant; None before the experiment."""
    perfect_lower: Estimate | None = None
    """The lower end of perfect, where it is not known row by row."""
    realised: Estimate | None = None
    """The status quo with the gain that the split test realised; None without one on this scale."""
    reverted: bool = False
    """Whether the release was reverted."""
    gain: Estimate | None = None
    """The best variant minus the status quo, in utility; None before the experiment."""
    realised_gain: Estimate | None = None
    """What the split test realised over the status quo; None without one on this scale."""
    report: Document | None = None
    """The report on these figures; None before there is one."""
    variants: int = 0
    """Among how many variants the best one was chosen."""
    breaks_guardrail: bool = False
    """Whether the best one does not keep every guardrail, because none does."""
    is_unread: bool = False
    """Whether the experiment has a result that cannot be read."""


class Measured(NamedTuple):
    """What an experiment compared: lists need it of all iterations, and all results would be too large."""

    algorithms: tuple[str, ...]
    """The estimators of the variants, sorted."""
    data_sets: tuple[str, ...]
    """The paths of the data, sorted."""
    unit: str
    """The unit of its figures, such as `policies per mailing`."""


@dataclass(frozen=True, slots=True)
class IterationView:
    """One iteration."""

    project: str
    name: str
    path: str
    """Its folder, relative to the repository."""
    title: str
    """The title of its report, or before its author wrote one, of its first document."""
    kind: IterationKind | None
    follows: str | None
    stages: tuple[StageView, ...]
    """All stages but the requirements, in the order of the method."""
    next_step: NextStep
    hypotheses: tuple[HypothesisView, ...]
    findings: tuple[FindingView, ...]
    results: Results = field(repr=False)
    recommendation: Recommendation | None
    decision: Decision | None
    exploration: Exploration | None = None
    """The images and notebooks beside its documents."""
    release: ReleaseView | None = None
    """The release of its variant; None without a deployment."""
    measured: Measured | None = None
    """What its experiment compared; None without a result that can be read."""
    unread: tuple[IterataError, ...] = ()
    """The errors of its result files that cannot be read."""

    @property
    def lift(self) -> LiftResult | None:
        """The expected lift; None if there is none that can be read."""
        return self.results.lift_result

    @property
    def experiment(self) -> ExperimentResult | None:
        """The experiment's result; None if there is none that can be read."""
        return self.results.experiment_result

    @property
    def is_unread(self) -> bool:
        """Whether its experiment has a result that cannot be read."""
        files = (error.location.source or "" for error in self.unread)
        return any(file.endswith("/results/experiment.json") for file in files)

    @property
    def ref(self) -> str:
        """Its name on the command line: `project/01-setup`."""
        return f"{self.project}/{self.name}"

    @property
    def suspect_stages(self) -> tuple[StageView, ...]:
        """The stages with upstream changes."""
        return tuple(view for view in self.stages if view.upstream_changes)

    @property
    def documents(self) -> tuple[Document, ...]:
        """Its documents, in the order of the method."""
        return tuple(view.document for view in self.stages if view.document)

    def document(self, stage: Stage) -> Document | None:
        """Its document of a stage; None if there is none."""
        return next((view.document for view in self.stages if view.stage is stage), None)

    @property
    def point(self) -> TrajectoryPoint | None:
        """Its place on the scale; None before the expected lift is computed."""
        result = self.experiment or self.lift
        if result is None:
            return None
        best = best_variant(self.experiment) if self.experiment else None
        breaks = bool(self.experiment and best and broken_by(self.experiment, best.name))
        label = " (guardrail not kept)" if breaks else ""
        realised = self._realised_gain(result.kpi)
        return TrajectoryPoint(
            iteration=self.name,
            kpi=result.kpi,
            random=result.scale.random.expectation,
            status_quo=result.scale.status_quo,
            perfect=result.scale.perfect,
            best=(f"{best.name}{label}", best.kpi) if best else None,
            perfect_lower=identified.lower if (identified := result.scale.perfect_identified) else None,
            realised=(
                realised.on_top_of(result.scale.status_quo.value, result.kpi.direction.sign)
                if realised
                else None
            ),
            reverted=self.release is not None and self.release.is_reverted,
            gain=best.difference if best else None,
            realised_gain=realised,
            report=next((view.document for view in self.stages if view.stage is Stage.REPORT), None),
            variants=len(self.experiment.variants) if self.experiment else 0,
            breaks_guardrail=breaks,
            is_unread=self.is_unread,
        )

    def _realised_gain(self, kpi: Kpi) -> Estimate | None:
        """The realised gain; None without one on the scale of a KPI."""
        release = self.release
        if release is None or release.kpi is None or not release.kpi.on_same_scale_as(kpi):
            return None
        return release.gains.realised


@dataclass(frozen=True, slots=True)
class ProjectView:
    """One project."""

    name: str
    path: str
    """Its folder, relative to the repository."""
    requirements: Document | None
    iterations: tuple[IterationView, ...]
    next_step: NextStep | None
    """What it waits for before its first iteration; None afterwards."""
    own_findings: tuple[FindingView, ...]
    """The findings of abandoned requirements."""
    exploration: Exploration | None = None
    """The images and notebooks beside its requirements."""
    knowledge_base: str = ""
    """The folder of another knowledge base that it comes from; empty for the site's own."""

    @property
    def title(self) -> str:
        """The title of its requirements, or its folder's name."""
        return self.requirements.title if self.requirements else self.name

    @property
    def stage(self) -> StageView:
        """The requirements, which all iterations share."""
        return StageView(Stage.REQUIREMENTS, self.requirements)

    @property
    def released(self) -> tuple[IterationView, ...]:
        """Its iterations with a deployment, in order."""
        return tuple(iteration for iteration in self.iterations if iteration.release)

    @property
    def findings(self) -> tuple[FindingView, ...]:
        """All its findings: by iteration, then those of its requirements."""
        return (
            *(finding for iteration in self.iterations for finding in iteration.findings),
            *self.own_findings,
        )

    @property
    def trajectory(self) -> tuple[TrajectoryPoint, ...]:
        """The points of its iterations, in order."""
        return tuple(point for iteration in self.iterations if (point := iteration.point))


@dataclass(frozen=True)
class Knowledge:
    """The read model of a whole repository."""

    projects: tuple[ProjectView, ...]
    unread: tuple[IterataError, ...] = ()
    """The errors of result files that cannot be read: damaged, newer, or of something else."""
    notices: tuple[str, ...] = ()
    """What is ignored of result files that a newer iterata wrote, in words."""
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
        """Every finding, project by project."""
        return tuple(finding for project in self.projects for finding in project.findings)

    @property
    def unread_series(self) -> Iterator[IterataError]:
        """Why the recorded days of monitors cannot be read. They are read here, and not by `read`."""
        for iteration in self.iterations:
            if iteration.release and (error := iteration.release.monitoring.unread):
                yield error

    @property
    def explorations(self) -> Iterator[tuple[ProjectView, IterationView | None, Exploration]]:
        """Every exploration, with its project and its iteration; None for one beside requirements."""
        for project in self.projects:
            if project.exploration:
                yield project, None, project.exploration
            for iteration in project.iterations:
                if iteration.exploration:
                    yield project, iteration, iteration.exploration

    @property
    def documents(self) -> Iterator[Document]:
        """Every stage document, valid or not."""
        for project in self.projects:
            if project.requirements:
                yield project.requirements
            for iteration in project.iterations:
                yield from iteration.documents

    def finding(self, key: str) -> FindingView | None:
        """The finding with a key; None if there is none."""
        return self._by_key.get(key)

    def supporters(self, finding: FindingView) -> tuple[FindingView, ...]:
        """The findings that confirm this one."""
        return tuple(self._supporters.get(finding.key, ()))

    def critics(self, finding: FindingView) -> tuple[FindingView, ...]:
        """The findings that contradict this one."""
        return tuple(self._critics.get(finding.key, ()))
