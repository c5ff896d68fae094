"""`iterata run`: the approved plan, carried out and recorded."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from iterata.actions import new
from iterata.actions.move import move
from iterata.actions.publish import is_frozen, keep, show, sound
from iterata.documents.error_location import located_in
from iterata.documents.fingerprint import plan_digest
from iterata.documents.stage_models import valid_model
from iterata.errors import IterataError, NotFoundError, ProblemsError
from iterata.experiment.disclosure import depends_on
from iterata.experiment.engines.base import LOCAL
from iterata.lifecycle.context import DocumentContext, find_context
from iterata.lifecycle.gates import gate_problems
from iterata.lifecycle.staleness import upstream_changes
from iterata.repository import git
from iterata.repository.files import state_dir, write_text
from iterata.repository.projects import Repository
from iterata.results import AmendmentRecord
from iterata.rules.check import check_document
from iterata.stages import Stage, Status

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date
    from pathlib import Path

    from iterata.documents import Document
    from iterata.documents.models.proposal import Plan, Proposal
    from iterata.experiment.engines.base import Engine
    from iterata.repository.config import Config
    from iterata.repository.projects import IterationFolder
    from iterata.results import ExperimentResult

    Progress = Callable[[str, int, int], None]


class Planned(NamedTuple):
    """A plan that may be carried out, and everything it needs."""

    folder: IterationFolder
    document: Document
    proposal: Proposal
    digest: str
    assessment: Any
    commit: str | None
    differing: list[str]
    """What the run depends on and the commit does not hold as it is."""

    @property
    def plan(self) -> Plan:
        """What will be done."""
        return self.proposal.plan


class Ran(NamedTuple):
    """What `run` did."""

    result: ExperimentResult
    path: str
    changed: list[str]


def prepare(
    config: Config, folder: IterationFolder, *, draft: bool = False, allow_dirty: bool = False
) -> Planned:
    """Make sure that the plan may be run. Nothing is written and nothing of the project is executed.

    Args:
        config: the knowledge base.
        folder: the iteration.
        draft: whether a plan that nobody approved, or nothing of which is committed, will do.
        allow_dirty: whether the documents and the code may differ from the commit.

    Raises:
        NotFoundError: there is no proposal.
        ProblemsError: the proposal or its assessment has problems or is not approved, or experiment.md has.
        IterataError: there is no commit the result could name, or what it depends on is not in it.
    """
    document = folder.document(Stage.PROPOSAL)
    if document is None:
        remedy = f"`iterata new document {folder.ref} proposal`"
        raise NotFoundError("there is no proposal to carry out", remedy=remedy, where=folder.ref)
    case = DocumentContext(document, folder.project, folder)
    agreed = "PLAN003" if draft else ""  # a draft need not be what was agreed to
    if problems := [
        each for each in check_document(case) if each.severity == "error" and each.code != agreed
    ]:
        raise ProblemsError("the proposal has problems", problems, remedy="mend them, then run it again")
    proposal = folder.proposal
    approved = proposal is not None and proposal.status is Status.APPROVED and proposal.plan_digest
    if proposal is None or not (approved or draft):
        reasons = list(gate_problems(case, Status.APPROVED))
        remedy = (
            f"get it approved, then run it: `iterata move {document.path} {_next(document.status)}`; "
            f"`iterata run {folder.ref} --draft` tries it out"
        )
        raise ProblemsError(f"the proposal is {document.status}, not approved", reasons, remedy=remedy)
    assessed = folder.assessment_document
    assessment = valid_model(sound(assessed), Stage.ASSESSMENT) if assessed else None
    if assessment is None:
        remedy = "write the assessment first; its KPI is what variants are measured by"
        raise NotFoundError("there is no assessment to go by", remedy=remedy, where=folder.ref)
    commit = git.head(config.root)
    inputs = depends_on(config.root / folder.project.path, proposal.plan, _documents(folder), config.root)
    differing = [path for path in inputs if git.dirty(config.root, [path])]
    digest = plan_digest(document.data["plan"])
    planned = Planned(folder, document, proposal, digest, assessment, commit, differing)
    if not draft:
        _still_rests_on(case)
        _log_can_be_kept(folder)
        _can_be_traced(planned, allow_dirty=allow_dirty)
    return planned


def _next(status: Status | None) -> Status:
    """The next step of a proposal on its way to approval."""
    return Status.APPROVED if status is Status.IN_REVIEW else Status.IN_REVIEW


def _still_rests_on(case: DocumentContext) -> None:
    """Refuse to judge by another KPI than the one the plan was agreed to with."""
    for _, path in upstream_changes(case):
        remedy = (
            f"take the change back; or look whether the plan still holds, and `iterata affirm "
            f"{case.document.path}`"
        )
        message = "has changed since the plan was approved, which may be judged by it"
        raise IterataError(message, remedy=remedy, where=path)


def _can_be_traced(planned: Planned, *, allow_dirty: bool) -> None:
    """Refuse a run whose result nobody could make again from a commit."""
    if planned.commit is None:
        remedy = "commit the approved proposal first (`git init`, `git add -A`, `git commit`)"
        message = "there is no commit yet that the result could be traced back to"
        raise IterataError(message, remedy=remedy, where=planned.folder.ref)
    if planned.differing and not allow_dirty:
        named = ", ".join(planned.differing)
        remedy = "commit what the run depends on; or run it with --allow-dirty, which the result will say"
        raise IterataError(f"not committed as it stands: {named}", remedy=remedy, where=planned.folder.ref)


def _log_can_be_kept(folder: IterationFolder) -> None:
    """Find out before anything is run whether experiment.md, if there is one, can be brought up to date."""
    document = folder.document(Stage.EXPERIMENT)
    if document is None:
        return
    case = DocumentContext(sound(document), folder.project, folder)
    if reasons := list(gate_problems(case, Status.RUNNING)):
        raise ProblemsError("its experiment cannot begin", reasons, remedy="mend these, then run it again")


def run(
    config: Config, planned: Planned, today: date, *, jobs: int, progress: Progress, engine: Engine = LOCAL
) -> Ran:
    """Carry out the plan; keep the result, log it, and mark the experiment as completed.

    Until the whole result is there, nothing but the cache of predictions is written.

    Raises:
        DataError: the data is missing, or not what was approved.
        RunError: a variant cannot be run.
        IterataError: the result differs from the one an approved report stands on.
    """
    folder = planned.folder
    cache = config.settings.cache
    result = carry_out(config.root, planned, jobs=jobs, progress=progress, engine=engine, cache=cache)
    changed = keep(config.root, folder, result, frozen=is_frozen(folder.document(Stage.REPORT)))
    return Ran(result, f"{folder.path}/{Stage.EXPERIMENT.filename}", [*changed, *_log(config, folder, today)])


def try_out(
    config: Config, planned: Planned, *, jobs: int, progress: Progress, engine: Engine = LOCAL
) -> Ran:
    """Carry out a plan that is not approved. The result is kept where nothing looks for results.

    Raises:
        DataError: the data is missing, or not what was approved.
        RunError: a variant cannot be run.
    """
    cache = config.settings.cache
    result = carry_out(config.root, planned, jobs=jobs, progress=progress, engine=engine, cache=cache)
    path = state_dir(config.root) / "drafts" / f"{planned.folder.ref}.json"
    inside = path.relative_to(config.root).as_posix()
    written = write_text(path, json.dumps(as_draft(result), indent=2, sort_keys=True) + "\n")
    return Ran(result, inside, [inside] if written else [])


def as_draft(result: ExperimentResult) -> dict[str, Any]:
    """A draft's result as data: by its shape it can be taken for no result that counts."""
    return {"draft": True, "result": result.model_dump(mode="json")}


def carry_out(
    root: Path,
    planned: Planned,
    *,
    jobs: int,
    progress: Progress,
    engine: Engine = LOCAL,
    cache: str | None = None,
) -> ExperimentResult:
    """Compute what the plan asks for, below the knowledge base at `root`; nothing but the cache is written.

    Raises:
        DataError: the data is missing, or not what was approved.
        RunError: a variant cannot be run.
    """
    from iterata.execution.stdout import stdout_to_stderr  # noqa: PLC0415  # only who runs something
    from iterata.experiment.run import Origin, execute  # noqa: PLC0415  # brings scikit-learn

    folder, lift = planned.folder, planned.assessment.lift
    proposal = f"{folder.path}/{Stage.PROPOSAL.filename}"
    origin = Origin(proposal, planned.digest, planned.commit, bool(planned.differing))
    project = root / folder.project.path
    with stdout_to_stderr(), located_in(planned.document):
        result = execute(
            planned.plan,
            lift.kpi,
            lift.period,
            project,
            root,
            origin,
            jobs=jobs,
            progress=progress,
            engine=engine,
            cache=cache,
        )
    assessed = folder.assessment_folder.lift_result if folder.assessment_folder else None
    amended = [
        AmendmentRecord(on=each.on.isoformat(), what=each.what, why=each.why)
        for each in planned.proposal.amendments
    ]
    return result.model_copy(
        update={"expected": assessed.good_model if assessed else None, "amendments": amended}
    )


def _documents(folder: IterationFolder) -> list[str]:
    documents = [folder.document(Stage.PROPOSAL), folder.assessment_document]
    return [document.path for document in documents if document is not None]


def _log(config: Config, folder: IterationFolder, today: date) -> list[str]:
    """Bring experiment.md up to the result: its block, and its status."""
    path = f"{folder.path}/{Stage.EXPERIMENT.filename}"
    before = (config.root / path).read_bytes() if (config.root / path).exists() else None
    if before is None:
        new.document(folder, config.root, Stage.EXPERIMENT)
    case = _fresh(config, path)
    result = case.experiment_result
    if result is not None:
        show(config.root, sound(case.document), folder, result)
    for target in (Status.RUNNING, Status.COMPLETED):
        case = _fresh(config, path)
        if case.document.status in (Status.PLANNED, Status.RUNNING) and case.document.status is not target:
            move(case, target, (), today, config.root)
    return [path] if (config.root / path).read_bytes() != before else []


def _fresh(config: Config, path: str) -> DocumentContext:
    """The document as it now stands on disk."""
    return find_context(Repository.on_disk(config), path)
