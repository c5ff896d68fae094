"""`iterata new`: create projects, iterations and documents from templates, with known values filled in."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from iterata.actions import copy_forward, prefill
from iterata.actions.beginnings.assessment import NO_HINTS, Hints, lift_block
from iterata.actions.beginnings.deployment import deployment_values
from iterata.documents import scaffold
from iterata.documents.models.base import Iteration
from iterata.errors import IterataError, NotFoundError
from iterata.lifecycle.conditions import last_reported, may_follow
from iterata.repository.files import write_within
from iterata.repository.projects import ITERATION_NAME, PROJECT_NAME
from iterata.stages import FIRST_STAGE, STAGES, IterationKind, Outcome, Stage, Status

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from iterata.actions.beginnings.values import Values
    from iterata.repository.projects import IterationFolder, Project, Repository


def create_project(repository: Repository, root: Path, name: str, title: str | None) -> str:
    """Create a project with its requirements; return their path.

    Raises:
        IterataError: the name is not a valid project name, or the project exists.
    """
    if not PROJECT_NAME.match(name):
        remedy = "use lower-case words joined by hyphens, such as churn"
        raise IterataError("not a valid project name", remedy=remedy, where=name)
    path = f"{repository.projects_dir}/{name}/{Stage.REQUIREMENTS.filename}"
    return _write(root, path, Stage.REQUIREMENTS, {"title": title or _in_words(name)})


def create_iteration(
    project: Project,
    root: Path,
    kind: IterationKind,
    slug: str | None = None,
    *,
    follows: str | None = None,
    title: str | None = None,
    hints: Hints = NO_HINTS,
) -> str:
    """Create an iteration with the document at which its kind begins; return the document's path.

    Args:
        project: the project.
        root: the knowledge base.
        kind: what the iteration changes.
        slug: the name of its folder after the number; the kind by default.
        follows: the iteration whose report led to it; the latest by default.
        title: the title of its document.
        hints: what is known of the rows.

    Raises:
        IterataError: the name is not a valid iteration name, or the followed iteration has no decision.
        NotFoundError: there is no iteration to follow, or no assessment to inherit.
    """
    number = max((folder.number for folder in project.iterations), default=0) + 1
    slug = slug or kind.value
    name, stage = f"{number:02}-{slug}", FIRST_STAGE[kind]
    if not ITERATION_NAME.match(name):
        remedy = "use lower-case words joined by hyphens"
        raise IterataError("not a valid iteration name", remedy=remedy, where=slug)
    _require_open(project)
    block = _iteration_block(project, kind)
    values: Values = {"title": title or _title(slug, stage), "iteration": block}
    begun: Values = {}
    if kind is IterationKind.SETUP and follows is None:
        followed = last_reported(project, number)
    else:
        followed = _iteration_to_follow(project, follows, project.iterations)
    if followed is not None:
        block["follows"] = followed.name
        if stage is Stage.PROPOSAL:
            source = _assessment_folder(followed)
            block["inherits_assessment"] = source.name
            begun = prefill.from_assessment(source, root, inherits=True)
        _require_decision(project, block)
        begun |= _copied(followed, kind, stage)
    if stage is Stage.ASSESSMENT:
        begun = _lift(project, root, hints) | begun
    return _write(root, f"{project.path}/{name}/{stage.filename}", stage, values, begun)


def create_document(
    folder: IterationFolder,
    root: Path,
    stage: Stage,
    hints: Hints = NO_HINTS,
    *,
    variant: str | None = None,
    today: date | None = None,
) -> str:
    """Create a document of an iteration; return its path.

    Args:
        folder: the iteration.
        root: the knowledge base.
        stage: the stage of the document.
        hints: what is known of the rows, for an assessment.
        variant: the variant that is released, for a deployment; by default the best one.
        today: the day on which the document is begun; by default the present one.

    Raises:
        IterataError: the document exists, the iteration that it follows has no decision yet, or a deployment
            is not decided.
        NotFoundError: there is no such variant.
    """
    values: Values = {"title": _title(folder.name.split("-", 1)[1], stage)}
    begun: Values = {}
    match stage:
        case Stage.ASSESSMENT:
            values["iteration"], copied = _first_assessment(folder)
            begun = _lift(folder.project, root, hints) | copied
        case Stage.PROPOSAL:
            begun = prefill.from_assessment(folder, root)
            if (block := folder.iteration_block) and (followed := folder.project.iteration(block.follows)):
                begun |= _copied(followed, block.kind, stage)
        case Stage.REPORT:
            values |= prefill.from_results(folder)
        case Stage.DEPLOYMENT:
            begun = deployment_values(folder, variant, today or datetime.now(UTC).date())
            _require_release(folder)
    return _write(root, f"{folder.path}/{stage.filename}", stage, values, begun)


def _lift(project: Project, root: Path, hints: Hints) -> Values:
    """The analysis that an assessment begins with, as the requirements and the data suggest."""
    return {"lift": lift_block(project.requirements_model, root / project.path, root, hints)}


def _first_assessment(folder: IterationFolder) -> tuple[Values, Values]:
    """The `iteration:` block of an iteration that begins with its assessment, and what it repeats."""
    if folder.number == 1:
        return _iteration_block(folder.project, IterationKind.SETUP), {}
    block = _iteration_block(folder.project, IterationKind.ALGORITHM)
    earlier = [other for other in folder.project.iterations if other.number < folder.number]
    followed = _iteration_to_follow(folder.project, None, earlier)
    block["follows"] = followed.name
    _require_decision(folder.project, block)
    return block, _copied(followed, IterationKind.ALGORITHM, Stage.ASSESSMENT)


def _copied(followed: IterationFolder, kind: IterationKind, stage: Stage) -> Values:
    """What a document repeats of the iteration that it follows."""
    if stage is Stage.ASSESSMENT:
        return copy_forward.assessment_values(followed)
    return copy_forward.proposal_values(followed, kind) or {}


def _require_open(project: Project) -> None:
    """Refuse to begin an iteration of a project whose requirements were given up."""
    requirements = project.requirements
    if requirements is not None and requirements.status in (Status.ABANDONED, Status.SUPERSEDED):
        remedy = f"start another project, such as `iterata new project {project.name}-2`"
        raise IterataError(f"the requirements are {requirements.status}", remedy=remedy, where=project.name)


def _require_decision(project: Project, block: Values) -> None:
    """Refuse to begin an iteration before the one that it follows is decided."""
    for condition in may_follow(project, Iteration.model_validate(block)):
        where = f"{project.name}/{block['follows']}"
        raise IterataError(condition.message, remedy=condition.remedy, where=where)


def _require_release(folder: IterationFolder) -> None:
    """Refuse to begin a release before the report says deploy."""
    decision = folder.report.decision if folder.report else None
    if decision is not None and decision.outcome is Outcome.DEPLOY:
        return
    path = f"{folder.path}/{Stage.REPORT.filename}"
    if decision is not None:
        message = f"the decision of the report is {decision.outcome}, so that nothing is released"
        remedy = "carry it out: `iterata status` names the next step"
    elif folder.report is not None:
        message = "the report has no decision yet"
        remedy = f"write `decision:` with `outcome: deploy` into {path}, if the stakeholders decide so"
    else:
        message = "there is no valid report yet, which would decide to release it"
        has_one = folder.document(Stage.REPORT) is not None
        remedy = f"`iterata check {path}`" if has_one else f"`iterata new document {folder.ref} report`"
    raise IterataError(message, remedy=remedy, where=path)


def _in_words(slug: str) -> str:
    return slug.replace("-", " ").capitalize()


def _title(slug: str, stage: Stage) -> str:
    return f"{_in_words(slug)}: {STAGES[stage].title.lower()}"


def _iteration_block(project: Project, kind: IterationKind) -> Values:
    """The `iteration:` block of an iteration, before it follows another."""
    requirements = project.requirements_model
    return {"kind": kind.value, "requirements_revision": requirements.revision if requirements else 1}


def _iteration_to_follow(
    project: Project, name: str | None, earlier: Sequence[IterationFolder]
) -> IterationFolder:
    """The iteration of that name; without a name, the latest of the earlier ones."""
    folder = project.iteration(name) if name else (earlier[-1] if earlier else None)
    if folder is None:
        names = ", ".join(other.name for other in earlier)
        first = f"start with the first one: `iterata new iteration {project.name} --kind setup`"
        remedy = f"name one of: {names}" if names else first
        raise NotFoundError("there is no iteration to follow", remedy=remedy, where=name or project.name)
    return folder


def _assessment_folder(followed: IterationFolder) -> IterationFolder:
    """The iteration whose assessment a following iteration inherits."""
    source = followed.assessment_folder
    if source is None or source.document(Stage.ASSESSMENT) is None:
        command = f"iterata new iteration {followed.project.name} --kind algorithm --follows {followed.name}"
        remedy = f"start with an assessment: `{command}`"
        raise NotFoundError("there is no assessment to inherit", remedy=remedy, where=followed.ref)
    if source.assessment is None:
        path = f"{source.path}/{Stage.ASSESSMENT.filename}"
        message, remedy = "the assessment to inherit has problems", f"correct it: `iterata check {path}`"
        raise IterataError(message, remedy=remedy, where=followed.ref)
    return source


def _write(root: Path, path: str, stage: Stage, values: Values, begun: Values | None = None) -> str:
    """Write a document with these values; the template adds nothing to those of the last argument."""
    if (root / path).exists():
        remedy = "open it, or choose another name"
        raise IterataError("the file exists already; nothing was written", remedy=remedy, where=path)
    begun = begun or {}
    write_within(root, path, scaffold.new(stage, values | begun, complete=begun))
    return path
