"""`iterata verify` of a rollout: evaluate its phases again, from committed or made data."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from iterata.actions.changed_data import about_data, last_days
from iterata.actions.rollout import compute, deployment_of
from iterata.actions.verify import DataFile, checkout, link_data, make_data, missing_data_error
from iterata.documents import parse
from iterata.documents.release_digest import digest_of_release
from iterata.documents.stage_models import valid_model
from iterata.errors import IterataError
from iterata.repository import config as configuration
from iterata.repository import git
from iterata.repository.projects import Repository
from iterata.results.comparison import Verification, compare
from iterata.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date
    from pathlib import Path

    from iterata.actions.verify import Recipe
    from iterata.documents.models.deployment import Deployment, EarlierRelease, Phase
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

    A phase is evaluated in a clean checkout of the result's commit, on the day of the result; also those of
    releases that were reverted. Data that are not in Git are linked from the working tree, or created by
    their command. If they have grown since, their rows up to the recorded end are evaluated.

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
    for path, committed, started in _results(folder):
        commit, is_named = _commit_of(config, folder, path, committed, started)
        with checkout(config, folder, commit) as root:
            there = Repository.on_disk(configuration.load(root)).find_iteration(folder.ref)
            document, deployment = deployment_of(there)
            files = _data_files(deployment, config.root / folder.project.path)
            recipes = link_data(config, root, folder, files)
            if recipes and not make:
                raise missing_data_error(recipes, folder)
            announce(recipes)
            make_data(recipes, root)
            found: list[Verification] = []
            for phase, declared in _as_evaluated(deployment, committed, later=not is_named):
                day = _day_of(phase, committed)
                for until in last_days(committed, day):
                    if found and not found[-1].differences:
                        break
                    repeated = compute(
                        root, there, document, declared, phase.share, day, earlier=committed, until=until
                    )
                    verification = compare(committed, repeated, tolerance)
                    notes = about_data(committed, repeated, declared, until, verification, folder.ref)
                    found.append(verification._replace(notes=tuple(notes)))
        name = path.removeprefix(f"{folder.path}/results/")
        yield name, min(found, key=lambda verification: len(verification.differences))


def _results(folder: IterationFolder) -> Iterator[tuple[str, RolloutResult, date | None]]:
    """The results of all phases, also of earlier releases: path, result, and the day its phase began."""
    deployment = folder.deployment
    for share in folder.rollout_shares:
        if (result := folder.result("rollout", share)) is not None:
            yield folder.result_path("rollout", share), result, _start(deployment, share)
    earlier = deployment.earlier if deployment else []
    for number, share, path in folder.earlier_rollouts:
        archived = folder.read_result(path, "rollout")
        if archived.kind == "rollout" and number <= len(earlier):
            yield path, archived, _start(earlier[number - 1], share)


def _start(release: Deployment | EarlierRelease | None, share: float) -> date | None:
    phases = release.phases if release else []
    return next((phase.started for phase in phases if abs(phase.share - share) < 1e-9), None)


def _commit_of(
    config: Config, folder: IterationFolder, path: str, result: RolloutResult, started: date | None
) -> tuple[str, bool]:
    """A commit whose deployment declares what the result is of, and whether the result names it.

    It is the one that the result names. If that is gone, as after a squash, or files were not committed then,
    it is the newest one that changed the result, or the deployment.
    """
    root, named = config.root, result.provenance.commit
    found = git.resolve_commit(root, named) if named and not result.provenance.dirty else None
    head = git.head(root)
    if head is None:
        raise IterataError("there is no commit yet", remedy="commit the knowledge base, then verify it")
    page, name = f"{folder.path}/{Stage.DEPLOYMENT.filename}", path.rpartition("/")[2]
    first = f"{folder.path}/results/{name}"
    candidates = [found] if found else []
    candidates += [*git.commits_changing(root, head, first), head, *git.commits_changing(root, head, page)]
    for commit in dict.fromkeys(candidates):
        deployment = _deployment_at(root, commit, page)
        if deployment is None or digest_of_release(deployment) != result.spec_digest:
            continue
        if commit == found or _start(deployment, result.phase) == started:
            return commit, commit == found
    message = "no commit has a deployment with the split test that the result is of"
    remedy = f"commit the deployment, and evaluate it again: `iterata rollout {folder.ref}`"
    if git.is_shallow(root):
        remedy = "fetch the whole history: `git fetch --unshallow`"
    raise IterataError(message, remedy=remedy, where=path)


def _deployment_at(root: Path, commit: str, page: str) -> Deployment | None:
    raw = git.show(root, commit, page)
    return valid_model(parse(page, Stage.DEPLOYMENT, raw), Stage.DEPLOYMENT) if raw is not None else None


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


def _as_evaluated(
    deployment: Deployment, result: RolloutResult, *, later: bool
) -> Iterator[tuple[Phase, Deployment]]:
    """The deployment without what was written after the evaluation: the end of the phase, approvals.

    Args:
        deployment: the deployment at the commit.
        result: the result of the phase.
        later: whether the commit may be a later one, so that the next phase may not have begun at that time:
            on its first day, units belong to it.
    """
    phases, before = [], []
    for phase in deployment.phases:
        changes: dict[str, object] = {}
        if abs(phase.share - result.phase) < 1e-9:
            changes = {"ended": None} | ({"approved": []} if result.hold.approval_needed else {})
        phases.append(phase.model_copy(update=changes))
        coming = {"started": None, "ended": None} if phase.share > result.phase + 1e-9 else {}
        before.append(phases[-1].model_copy(update=coming))
    for listed in (phases, before) if later and before != phases else (phases,):
        evaluated = next(phase for phase in listed if abs(phase.share - result.phase) < 1e-9)
        yield evaluated, deployment.model_copy(update={"phases": listed})


def _day_of(phase: Phase, result: RolloutResult) -> date:
    """A day on which the phase has had as many whole days as in the result."""
    units, today = result.phases[-1], datetime.now(UTC).date()
    start = phase.started or units.first_day
    if start is None:
        return today
    if units.last_day is not None and result.hold.days > (units.last_day - start).days:
        return today  # all days with data were over
    return start + timedelta(days=result.hold.days)
