"""`iterata verify`: the run repeated from the commit its result names, and every figure that differs."""

from __future__ import annotations

import os
import shlex
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from iterata.actions.run import carry_out, prepare
from iterata.data.sources import location
from iterata.documents.models.variants import CommandVariant, FileVariant
from iterata.errors import DataError, IterataError, NotFoundError
from iterata.execution.signals import signals_as_keyboard_interrupt
from iterata.experiment.engines.base import LOCAL
from iterata.repository import config as configuration
from iterata.repository import git
from iterata.repository.files import state_dir
from iterata.repository.projects import Repository
from iterata.results.comparison import compare

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from iterata.actions.run import Planned, Progress
    from iterata.documents.models.proposal import Plan
    from iterata.experiment.engines.base import Engine
    from iterata.repository.config import Config
    from iterata.repository.projects import IterationFolder
    from iterata.results import ExperimentResult
    from iterata.results.comparison import Verification


class Needed(NamedTuple):
    """A data file that a plan reads."""

    source: str
    digest: str | None
    made_by: str | None


class Recipe(NamedTuple):
    """A missing data file that a command makes."""

    command: str
    source: str


def recorded(config: Config, folder: IterationFolder) -> ExperimentResult:
    """The committed result, if it can be made again.

    Raises:
        NotFoundError: the experiment was not run.
        IterataError: it was not made from a commit, or the commit is not here.
    """
    result = folder.result("experiment")
    if result is None:
        raise NotFoundError(
            "there is no result to verify", remedy=f"`iterata run {folder.ref}`", where=folder.ref
        )
    made, where = result.provenance, folder.result_path("experiment")
    if made.commit is None or made.dirty:
        remedy = f"commit what it depends on and run it again: `iterata run {folder.ref}`"
        raise IterataError("was made from files that were not committed", remedy=remedy, where=where)
    if git.commit(config.root, made.commit) is None:
        remedy = "fetch the whole history (`git fetch --unshallow`); after a rebase, run it again"
        raise IterataError(f"its commit {made.commit[:12]} is not here", remedy=remedy, where=where)
    return result


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
    """Run the recorded plan again, from a clean checkout of the recorded commit, and compare.

    Nothing that is kept from earlier runs is used, and nothing of the knowledge base is changed. Data that
    Git does not hold come from here if they are those that were approved, or are made anew.

    Args:
        config: the knowledge base.
        folder: the iteration.
        announce: told what is about to be executed, before it is.
        make: whether the commands that make missing data may be executed.
        tolerance: how far figures may be off, relative to themselves; 0 for not at all.
        jobs: how many processes to use.
        progress: called as folds end.
        engine: which processes predict.

    Raises:
        DataError: data are missing.
        IterataError: the result cannot be made again.
    """
    result = recorded(config, folder)
    with _checked_out(config, folder, str(result.provenance.commit)) as root:
        planned = _planned(root, folder, result)
        missing = _bring_data(config, root, folder, planned.plan)
        if missing and not make:
            told = "; ".join(f"`{each.command}` makes {each.source}" for each in missing)
            message = "data are neither in Git nor here as they were approved"
            remedy = f"{told}: run it here, or let --make run it in the checkout"
            raise DataError(message, remedy=remedy, where=folder.ref)
        announce(planned.plan, missing)
        for each in missing:
            _make(each, root)
        again = carry_out(root, planned, jobs=jobs, progress=progress, engine=engine)
    stated = [each.tolerance for each in planned.plan.variants if isinstance(each, CommandVariant)]
    return compare(result, again, max([tolerance, *stated]))


@contextmanager
def _checked_out(config: Config, folder: IterationFolder, commit: str) -> Iterator[Path]:
    """The knowledge base as it was at a commit, in a folder that is removed whatever happens."""
    place = state_dir(config.root) / "verify" / folder.ref.replace("/", "--")
    git.remove_worktree(config.root, place)  # of a run that was killed
    place.parent.mkdir(parents=True, exist_ok=True)
    try:
        with signals_as_keyboard_interrupt():
            if not git.add_worktree(config.root, place, commit):
                remedy = "see what `git worktree add` says; is there space left on the disk?"
                raise IterataError(f"the commit {commit[:12]} cannot be checked out", remedy=remedy)
            yield place / git.prefix(config.root)
    finally:
        git.remove_worktree(config.root, place)


def _planned(root: Path, folder: IterationFolder, result: ExperimentResult) -> Planned:
    """The plan as the commit holds it."""
    then = configuration.load(root)
    if then.root.resolve() != root.resolve():
        raise IterataError("the commit holds no knowledge base", remedy="run it again", where=folder.ref)
    planned = prepare(then, Repository.on_disk(then).find_iteration(folder.ref), draft=True)
    if planned.digest != result.plan_digest:
        remedy = f"run it again from a commit that holds the approved plan: `iterata run {folder.ref}`"
        message = "the commit's plan is not the one the result names"
        raise IterataError(message, remedy=remedy, where=folder.result_path("experiment"))
    return planned


def _bring_data(config: Config, root: Path, folder: IterationFolder, plan: Plan) -> list[Recipe]:
    """Link the data that Git does not hold into the checkout; what is not here can be made.

    Raises:
        DataError: it is not here, is another one than was approved, and nobody says how to make it.
    """
    missing = []
    for named in _files(plan, config.root / folder.project.path):
        place = root / folder.project.path / named.source
        if place.exists():
            continue
        if not place.parent.resolve().is_relative_to(root.resolve()):
            message, remedy = "leads outside the checkout", "replace the linked folder by a folder"
            raise DataError(message, remedy=remedy, where=named.source)
        here = config.root / folder.project.path / named.source
        if here.is_file() and named.digest in (None, location.digest(here)):
            _link(here, place)
        elif named.made_by is not None:
            missing.append(Recipe(named.made_by, named.source))
        else:
            location.locate(config.root / folder.project.path, named.source, root=config.root)
            message = "is not the file that was approved with the plan"
            raise DataError(message, remedy="restore the file", where=named.source)
    return missing


def _files(plan: Plan, project: Path) -> Iterator[Needed]:
    """The files the plan reads, and those that its query names."""
    for variant in plan.variants:
        if isinstance(variant, FileVariant):
            yield Needed(variant.source, variant.digest, variant.made_by)
    for data in plan.data:
        if data.source is not None:
            yield Needed(data.source, data.digest, data.made_by)
        if data.query is not None and data.database is None:
            from iterata.data.sources import duckdb_files  # noqa: PLC0415  # only where there is a query

            for source in duckdb_files.named(data.query, project):
                yield Needed(source, None, data.made_by)


def _link(here: Path, place: Path) -> None:
    """The same file under another name; a copy where the disk has no such thing."""
    place.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(here.resolve(), place)
    except OSError:
        shutil.copyfile(here, place)


def _make(recipe: Recipe, root: Path) -> None:
    """Run the command that makes a data file, in the checkout."""
    from iterata.execution import subprocesses  # noqa: PLC0415  # only where data are made

    log = state_dir(root) / "made.log"
    try:
        words = shlex.split(recipe.command)
        subprocesses.run(words, root, log, minutes=60, where_log="what it printed")
    except ValueError as error:
        raise DataError(f"is no command: {error}", remedy="correct `made_by`", where=recipe.command) from None
    except IterataError as error:
        raise DataError(error.message, remedy=error.remedy, where=recipe.command) from None
