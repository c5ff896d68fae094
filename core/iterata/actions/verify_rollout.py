"""`iterata verify` of a rollout: evaluate its phases again, from committed or made data."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from iterata.actions.rollout import compute, deployment_of
from iterata.actions.verify import DataFile, checkout, link_data, make_data, missing_data_error
from iterata.documents.release_digest import digest_of_release
from iterata.errors import IterataError
from iterata.repository import config as configuration
from iterata.repository import git
from iterata.repository.projects import Repository
from iterata.results.comparison import Verification, compare

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date
    from pathlib import Path

    from iterata.actions.verify import Recipe
    from iterata.documents.models.deployment import Deployment, Phase
    from iterata.repository.config import Config
    from iterata.repository.projects import IterationFolder
    from iterata.results import RolloutResult


def verify_rollout(
    config: Config,
    folder: IterationFolder,
    *,
    announce: Callable[[list[Recipe]], None],
    make: bool,
    tolerance: float,
) -> Iterator[tuple[str, Verification]]:
    """Evaluate every phase that has a result again, and compare the results.

    A phase is evaluated in a clean checkout of the result's commit, on the day of the result. Data that are
    not in Git are linked from the working tree, or created by their command.

    Args:
        config: the knowledge base.
        folder: the iteration.
        announce: called with the commands that create data, before any is executed.
        make: whether to execute them.
        tolerance: the relative tolerance of figures; 0 for exact equality.

    Yields:
        The name of each result file, and the comparison with the repetition.

    Raises:
        DataError: data are missing.
        IterataError: a result belongs to another split test than the deployment at its commit.
    """
    git.require(config.root)
    for share in folder.rollout_shares:
        committed = folder.result("rollout", share)
        if committed is None:
            continue
        path = folder.result_path("rollout", share)
        with checkout(config, folder, _commit_of(config, committed)) as root:
            there = Repository.on_disk(configuration.load(root)).find_iteration(folder.ref)
            document, deployment = deployment_of(there)
            if digest_of_release(deployment) != committed.spec_digest:
                message = "the result belongs to another split test than the deployment at its commit"
                remedy = f"commit the deployment, and evaluate it again: `iterata rollout {folder.ref}`"
                raise IterataError(message, remedy=remedy, where=path)
            files = _data_files(deployment, config.root / folder.project.path)
            recipes = link_data(config, root, folder, files)
            if recipes and not make:
                raise missing_data_error(recipes, folder)
            announce(recipes)
            make_data(recipes, root)
            phase, deployment = _as_evaluated(deployment, committed)
            day = _day_of(phase, committed)
            repeated = compute(root, there, document, deployment, phase.share, day, earlier=committed)
        yield path.rpartition("/")[2], compare(committed, repeated, tolerance)


def _commit_of(config: Config, result: RolloutResult) -> str:
    """The commit that the result names; the present one if it is gone, or files were not committed then."""
    named = result.provenance.commit
    found = git.resolve_commit(config.root, named) if named and not result.provenance.dirty else None
    head = found or git.head(config.root)
    if head is None:
        raise IterataError("there is no commit yet", remedy="commit the knowledge base, then verify it")
    return head


def _data_files(deployment: Deployment, project: Path) -> Iterator[DataFile]:
    """The files of the split test, also those that its query reads; a database is read where it is."""
    spec = deployment.split_test
    if spec is None:
        return
    if spec.source is not None:
        yield DataFile(spec.source, None, spec.made_by)
    elif spec.query is not None and spec.database is None:
        from iterata.data.queries import duckdb_files  # noqa: PLC0415  # only where there is a query

        for source in duckdb_files.files_of_query(spec.query, project):
            yield DataFile(source, None, spec.made_by)


def _as_evaluated(deployment: Deployment, result: RolloutResult) -> tuple[Phase, Deployment]:
    """The deployment without what was written after the evaluation: the end of the phase, approvals."""
    phases = []
    for phase in deployment.phases:
        changes: dict[str, object] = {}
        if abs(phase.share - result.phase) < 1e-9:
            changes = {"ended": None} | ({"approved": []} if result.hold.approval_needed else {})
        phases.append(phase.model_copy(update=changes))
    evaluated = next(phase for phase in phases if abs(phase.share - result.phase) < 1e-9)
    return evaluated, deployment.model_copy(update={"phases": phases})


def _day_of(phase: Phase, result: RolloutResult) -> date:
    """A day on which the phase has had as many whole days as in the result."""
    units, today = result.phases[-1], datetime.now(UTC).date()
    start = phase.started or units.first_day
    if start is None:
        return today
    if units.last_day is not None and result.hold.days > (units.last_day - start).days:
        return today  # all days with data were over
    return start + timedelta(days=result.hold.days)
