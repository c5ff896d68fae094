"""`iterata run`: the approved plan, carried out and recorded."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, NamedTuple

from iterata import beginnings, git
from iterata.documents import model_of
from iterata.errors import IterataError, NotFoundError, ProblemsError
from iterata.lifecycle.case import Case, assessment_document, find_case, modelled, proposal_of
from iterata.lifecycle.gates import closed
from iterata.lifecycle.move import gate_problem, move
from iterata.pages import blocks_of
from iterata.repository import Repository
from iterata.rules.check import judge
from iterata.stages import Stage, Status
from iterata.work.keeping import is_frozen, keep, show, sound

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from iterata.config import Config
    from iterata.documents.proposal import Plan, Proposal
    from iterata.repository import IterationFolder
    from iterata.results import ExperimentResult


class Planned(NamedTuple):
    """An approved plan and everything it needs."""

    folder: IterationFolder
    proposal: Proposal
    digest: str
    assessment: Any
    commit: str

    @property
    def plan(self) -> Plan:
        """What will be done."""
        return self.proposal.plan


class Ran(NamedTuple):
    """What `run` did."""

    result: ExperimentResult
    path: str
    changed: list[str]


def prepare(config: Config, folder: IterationFolder) -> Planned:
    """Make sure that the plan may be run. Nothing is written and nothing of the project is executed.

    Raises:
        NotFoundError: there is no proposal.
        ProblemsError: the proposal or its assessment has problems or is not approved, or experiment.md has.
        IterataError: there is no commit the result could name.
    """
    document = folder.document(Stage.PROPOSAL)
    if document is None:
        remedy = f"`iterata new document {folder.ref} proposal`"
        raise NotFoundError("there is no proposal to carry out", remedy=remedy, where=folder.ref)
    case = Case(document, folder.project, folder)
    if problems := [problem for problem in judge(case) if problem.severity == "error"]:
        raise ProblemsError("the proposal has problems", problems, remedy="mend them, then run it again")
    proposal = proposal_of(folder)
    if proposal is None or proposal.status is not Status.APPROVED or proposal.plan_digest is None:
        reasons = [
            gate_problem(document, gate.code, reason) for gate, reason in closed(case, Status.APPROVED)
        ]
        remedy = f"get it approved, then run it: `iterata move {document.path} approved`"
        raise ProblemsError(f"the proposal is {document.status}, not approved", reasons, remedy=remedy)
    assessed = assessment_document(folder)
    assessment = modelled(sound(assessed), model_of(Stage.ASSESSMENT)) if assessed else None
    _log_can_be_kept(folder)
    commit = git.head(config.root)
    if commit is None:
        remedy = "commit the approved proposal first (`git init`, `git add -A`, `git commit`)"
        message = "there is no commit yet that the result could be traced back to"
        raise IterataError(message, remedy=remedy, where=folder.ref)
    return Planned(folder, proposal, proposal.plan_digest, assessment, commit)


def _log_can_be_kept(folder: IterationFolder) -> None:
    """Find out before anything is run whether experiment.md, if there is one, can be brought up to date."""
    document = folder.document(Stage.EXPERIMENT)
    if document is None:
        return
    case = Case(sound(document), folder.project, folder)
    if reasons := [gate_problem(document, gate.code, why) for gate, why in closed(case, Status.RUNNING)]:
        raise ProblemsError("its experiment cannot begin", reasons, remedy="mend these, then run it again")


def run(
    config: Config, planned: Planned, today: date, *, jobs: int, progress: Callable[[str, int, int], None]
) -> Ran:
    """Carry out the plan; keep the result, log it, and mark the experiment as completed.

    Until the whole result is there, nothing but the cache of predictions is written.

    Raises:
        DataError: the data is missing, or not what was approved.
        RunError: a variant cannot be run.
        IterataError: the result differs from the one an approved report stands on.
    """
    from iterata.experiment.run import Origin, execute  # noqa: PLC0415  # brings scikit-learn

    root, folder = config.root, planned.folder
    lift = planned.assessment.lift
    result = execute(
        planned.plan,
        lift.kpi,
        lift.period,
        root / folder.project.path,
        root,
        Origin(
            f"{folder.path}/{Stage.PROPOSAL.filename}",
            planned.digest,
            planned.commit,
            git.dirty(root, _inputs(folder)),
        ),
        jobs=jobs,
        progress=progress,
    )
    changed = keep(root, folder, result, frozen=is_frozen(folder.document(Stage.REPORT)))
    return Ran(result, f"{folder.path}/{Stage.EXPERIMENT.filename}", [*changed, *_log(config, folder, today)])


def _inputs(folder: IterationFolder) -> list[str]:
    """What a run depends on, apart from data, whose digests are recorded."""
    assessed = assessment_document(folder)
    documents = [folder.document(Stage.PROPOSAL), assessed]
    code = [
        f"{folder.project.path}/{entry.name}"
        for entry in folder.project.repository.tree.entries(folder.project.path)
        if PurePosixPath(entry.name).suffix == ".py"
    ]
    return [document.path for document in documents if document is not None] + code


def _log(config: Config, folder: IterationFolder, today: date) -> list[str]:
    """Bring experiment.md up to the result: its block, and its status."""
    path = f"{folder.path}/{Stage.EXPERIMENT.filename}"
    before = (config.root / path).read_bytes() if (config.root / path).exists() else None
    if before is None:
        beginnings.document(folder, config.root, Stage.EXPERIMENT)
    (block,) = blocks_of(Stage.EXPERIMENT)
    case = _fresh(config, path)
    result = case.experiment_result()
    if result is not None:
        show(config.root, sound(case.document), block, result)
    for target in (Status.RUNNING, Status.COMPLETED):
        case = _fresh(config, path)
        if case.document.status in (Status.PLANNED, Status.RUNNING) and case.document.status is not target:
            move(case, target, (), today, config.root)
    return [path] if (config.root / path).read_bytes() != before else []


def _fresh(config: Config, path: str) -> Case:
    """The document as it now stands on disk."""
    return find_case(Repository.on_disk(config), path)
