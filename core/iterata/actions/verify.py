"""`iterata verify`: repeat a run from a commit that holds its plan and code, and compare every figure."""

from __future__ import annotations

import logging
import os
import shlex
import shutil
from contextlib import contextmanager
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from iterata.actions.preparation import prepare
from iterata.actions.run import run_plan
from iterata.data.sources import data_file, data_folder
from iterata.documents.models.variants import CommandVariant, FileVariant
from iterata.errors import DataError, IterataError, NotFoundError
from iterata.execution.signals import signals_as_keyboard_interrupt
from iterata.execution.steps import logged_step
from iterata.experiment.engines.base import LOCAL
from iterata.repository import config as configuration
from iterata.repository import git
from iterata.repository.files import state_dir
from iterata.repository.plan_code import code_digest
from iterata.repository.projects import Repository
from iterata.repository.result_history import ResultHistory
from iterata.results.comparison import compare

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from iterata.actions.preparation import PreparedRun
    from iterata.actions.run import Progress
    from iterata.documents.models.proposal import Plan
    from iterata.experiment.engines.base import Engine
    from iterata.repository.config import Config
    from iterata.repository.projects import IterationFolder
    from iterata.repository.result_history import CommitState
    from iterata.results import ExperimentResult
    from iterata.results.comparison import Verification

LOGGER = logging.getLogger(__name__)

MAKE_MINUTES = 60
"""The time limit of a command that creates data."""


class DataFile(NamedTuple):
    """A data file that a plan reads."""

    source: str
    """Its path in the project's folder."""
    digest: str | None
    """The digest that was approved; None for a file that a query reads."""
    made_by: str | None


class Recipe(NamedTuple):
    """The command that creates a missing data file."""

    command: str
    source: str
    """The path of the file in the project's folder."""


def verify(
    config: Config,
    folder: IterationFolder,
    *,
    announce: Callable[[Plan, list[Recipe]], None],
    make: bool,
    tolerance: float,
    jobs: int,
    progress: Progress,
    engine: Engine = LOCAL,
) -> Verification:
    """Run the plan again, in a clean checkout of the result's commit, and compare the results.

    Uses no cache and changes nothing in the knowledge base. Data that is not in Git is linked from the
    working tree if its digest is the approved one, or created by its command.

    Args:
        config: the knowledge base.
        folder: the iteration.
        announce: called with the plan and the commands that create data, before anything is executed.
        make: whether to execute the commands that create missing data.
        tolerance: the relative tolerance of figures; 0 for exact equality. A variant may state a larger one.
        jobs: how many processes to use.
        progress: called as folds end.
        engine: where folds are computed.

    Raises:
        NotFoundError: there is no result.
        DataError: data is missing.
        IterataError: the result cannot be reproduced.
    """
    committed = _reproducible_result(config, folder)
    git.require(config.root)
    with checkout(config, folder, _commit_of(config, folder, committed)) as root:
        prepared = _prepare_at_commit(root, folder, committed)
        files = _data_files(prepared.plan, config.root / folder.project.path)
        recipes = link_data(config, root, folder, files)
        if recipes and not make:
            raise missing_data_error(recipes, folder)
        announce(prepared.plan, recipes)
        make_data(recipes, root)
        repeated = run_plan(root, prepared, jobs=jobs, progress=progress, engine=engine)
    tolerances = [
        variant.tolerance for variant in prepared.plan.variants if isinstance(variant, CommandVariant)
    ]
    return compare(committed, repeated, max([tolerance, *tolerances]))


def _reproducible_result(config: Config, folder: IterationFolder) -> ExperimentResult:
    """The result of the experiment, if it was computed from committed files.

    Raises:
        NotFoundError: there is no result.
        IterataError: it was computed from uncommitted files.
    """
    result, again = folder.result("experiment"), f"`iterata run {folder.ref}`"
    if result is None:
        raise NotFoundError("there is no result to verify", remedy=again, where=folder.ref)
    commit, path = result.provenance.commit, folder.result_path("experiment")
    if commit is None or result.provenance.dirty:
        remedy = f"commit the files it depends on and run it again: {again}"
        raise IterataError(
            "the result was computed from files that were not committed", remedy=remedy, where=path
        )
    return result


def _commit_of(config: Config, folder: IterationFolder, result: ExperimentResult) -> str:
    """The commit that the result names, or another one with the same plan and code.

    Raises:
        IterataError: no commit of this clone has them.
    """
    head, named = git.head(config.root), result.provenance.commit
    with ResultHistory(config.root, folder, result) as history:
        present = git.resolve_commit(config.root, history.commit) if history.commit else None
        if present is not None:
            state = history.at(present)
            if state.is_same or not state.has_proposal:  # the folder of the projects was somewhere else
                return present
        closest = None
        for state in (history.at(head), *history.states(head)) if head else ():
            if state.is_same:
                return state.commit
            closest = max((state, closest), key=attrgetter("closeness")) if closest else state
    raise _not_reproducible(config, folder, str(named), closest)


def _not_reproducible(
    config: Config, folder: IterationFolder, named: str, closest: CommitState | None
) -> IterataError:
    """What differs in the commit that comes closest to a result."""
    again = f"`iterata run {folder.ref}`"
    if closest is None or not closest.has_proposal:
        differs = "there is no proposal"
    elif not closest.same_plan:
        differs = "the plan differs"
    else:
        differs = f"code is missing or differs: {', '.join(closest.other_files)}"
    message = f"its commit {named[:12]} is gone or is another one, and no commit here has its plan and code"
    if closest is not None:
        message += f"; in {closest.commit[:12]}, {differs}"
    remedy = f"restore them and commit; or run it again: {again}"
    if git.is_shallow(config.root):
        remedy = f"fetch the whole history: `git fetch --unshallow`; or run it again: {again}"
    return IterataError(message, remedy=remedy, where=folder.result_path("experiment"))


@contextmanager
def checkout(config: Config, folder: IterationFolder, commit: str) -> Iterator[Path]:
    """The knowledge base at a commit, in a worktree that is removed in any case."""
    worktree = state_dir(config.root) / "verify" / folder.ref.replace("/", "--")
    git.remove_worktree(config.root, worktree)  # left by a run that was killed
    worktree.parent.mkdir(parents=True, exist_ok=True)
    try:
        with signals_as_keyboard_interrupt():
            LOGGER.info("checking out %s", commit[:12])
            if not git.add_worktree(config.root, worktree, commit):
                remedy = f"see the message of `git worktree add {worktree} {commit[:12]}`; is the disk full?"
                raise IterataError(f"the commit {commit[:12]} cannot be checked out", remedy=remedy)
            yield worktree / git.prefix(config.root)
    finally:
        git.remove_worktree(config.root, worktree)


def _prepare_at_commit(root: Path, folder: IterationFolder, result: ExperimentResult) -> PreparedRun:
    """The plan as it is in the checkout."""
    again = f"`iterata run {folder.ref}`"
    config = configuration.load(root)
    if config.root.resolve() != root.resolve():
        message = "the commit of the result contains no knowledge base"
        raise IterataError(message, remedy=f"run it again: {again}", where=folder.ref)
    prepared = prepare(config, Repository.on_disk(config).find_iteration(folder.ref), draft=True)
    if prepared.digest != result.plan_digest:
        message = "the result has the digest of another plan than that at its commit"
        remedy = f"run it again from a commit that contains the approved plan: {again}"
        raise IterataError(message, remedy=remedy, where=folder.result_path("experiment"))
    code, project = result.provenance.code, folder.project.path
    if code is not None and code_digest(code, project) != code_digest(prepared.code, project):
        message = "the result was computed with other code than that at its commit"
        remedy = f"run it again from a commit that contains its code: {again}"
        raise IterataError(message, remedy=remedy, where=folder.result_path("experiment"))
    return prepared


def link_data(config: Config, root: Path, folder: IterationFolder, files: Iterable[DataFile]) -> list[Recipe]:
    """Link the data that is not in Git into the checkout; return the commands that create missing files.

    Raises:
        DataError: a file is missing or has another digest, and no command creates it.
    """
    here, there = config.root / folder.project.path, root / folder.project.path
    recipes = []
    for file in files:
        target = there / file.source
        if _is_present(there, file, root):
            continue
        if not target.parent.resolve().is_relative_to(root.resolve()):
            message, remedy = (
                "is outside the checkout, through a symbolic link",
                "replace the linked folder by a folder",
            )
            raise DataError(message, remedy=remedy, where=file.source)
        if (here / file.source).exists() and file.digest in (None, _digest(here, file, config.root)):
            _link(here / file.source, target, config.root)
        elif file.made_by is not None:
            recipes.append(Recipe(file.made_by, file.source))
        else:
            data_file.locate(here, file.source, root=config.root)
            message = "is not the file that the approved plan names"
            raise DataError(message, remedy="restore the file", where=file.source)
    return recipes


def _data_files(plan: Plan, project: Path) -> Iterator[DataFile]:
    """The files that the plan reads, also by its queries."""
    for variant in plan.variants:
        if isinstance(variant, FileVariant):
            yield DataFile(variant.source, variant.digest, variant.made_by)
    for data in plan.data:
        if data.source is not None:
            yield DataFile(data.source, data.digest, data.made_by)
        if data.query is not None and data.database is None:
            from iterata.data.queries import duckdb_files  # noqa: PLC0415  # only where there is a query

            for source in duckdb_files.files_of_query(data.query, project):
                yield DataFile(source, None, data.made_by)


def _is_present(project: Path, file: DataFile, root: Path) -> bool:
    """Whether the checkout has the data: Git may hold only some files of a folder, or its `.gitignore`."""
    path = project / file.source
    if not path.is_dir():
        return path.exists()
    try:
        return file.digest in (None, _digest(project, file, root))
    except DataError:
        return False


def _digest(project: Path, file: DataFile, root: Path) -> str:
    return data_file.source_digest(project, file.source, root=root, made_by=file.made_by)


def _link(source: Path, target: Path, root: Path) -> None:
    """Link a file, or every file of a folder; copy it on a file system without hard links."""
    if source.is_dir():
        for part in data_folder.parts_of(source, root):
            _link(part.path, target / part.name, root)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source.resolve(), target)
    except OSError:
        shutil.copyfile(source, target)


def missing_data_error(recipes: list[Recipe], folder: IterationFolder) -> DataError:
    """The refusal to go on without data that commands could create."""
    commands = " and ".join(f"`{recipe.command}` ({recipe.source})" for recipe in recipes)
    message = "data is missing: it is not in Git, and the working tree does not have the approved files"
    return DataError(
        message, remedy=f"run {commands}; or add --make, which does it in the checkout", where=folder.ref
    )


def make_data(recipes: Iterable[Recipe], root: Path) -> None:
    """Run the commands that create missing data, in the checkout."""
    for recipe in recipes:
        with logged_step(LOGGER, f"making {recipe.source}"):
            _make(recipe, root)


def _make(recipe: Recipe, root: Path) -> None:
    """Run the command that creates a data file, in the checkout."""
    from iterata.execution import subprocesses  # noqa: PLC0415  # only where data are made

    log = state_dir(root) / "made.log"
    try:
        words = shlex.split(recipe.command)
        subprocesses.run(words, root, log, minutes=MAKE_MINUTES, log_name="its output")
    except ValueError as error:
        message = f"is not a valid command: {error}"
        raise DataError(message, remedy="correct `made_by`", where=recipe.command) from None
    except IterataError as error:
        raise DataError(error.message, remedy=error.remedy, where=recipe.command) from None
