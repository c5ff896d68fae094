"""`iterata rollout`: evaluate the split test of a phase, and write it into the deployment."""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from iterata.actions.publish import (
    Publication,
    refuse_newer_result,
    require_valid,
    write_blocks,
    write_result,
)
from iterata.documents.error_location import located_in
from iterata.documents.models.enums import Advice
from iterata.errors import IterataError, Location, NotFoundError
from iterata.execution.steps import logged_step
from iterata.lifecycle.release import present_phase
from iterata.repository import git
from iterata.repository.iteration_results import in_percent
from iterata.results import provenance
from iterata.stages import Stage

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from iterata.documents import Document
    from iterata.documents.models.deployment import Deployment, Phase
    from iterata.documents.models.proposal import Metrics
    from iterata.repository.projects import IterationFolder
    from iterata.results import RolloutResult
    from iterata.rollout.scale import Expectations

LOGGER = logging.getLogger(__name__)

PACKAGES = ("iterata", "numpy", "pandas", "scipy", "tea-tasting")
"""Whose versions may change a figure."""


def rollout(
    root: Path,
    folder: IterationFolder,
    *,
    share: float | None = None,
    today: date | None = None,
    overwrite_newer: bool = False,
) -> Publication[RolloutResult]:
    """Evaluate a phase, write its result file, and render the rollout into the deployment.

    Args:
        root: the knowledge base.
        folder: the iteration.
        share: the share of the phase; by default the present one.
        today: the day of the evaluation; by default the present day in UTC.
        overwrite_newer: whether to write over a result of a newer iterata.

    Raises:
        NotFoundError: the iteration has no deployment, or no proposal.
        ProblemsError: the deployment has problems.
        DataError: the data cannot be used.
        MissingPackage: tea-tasting is not installed.
        NewerVersion: a newer version wrote the result that is there.
        IterataError: the phase does not exist, or has ended with another result.
    """
    if not overwrite_newer:
        refuse_newer_result(folder, "rollout")
    document, deployment = deployment_of(folder)
    phase = phase_of(document, deployment, share)
    start = time.perf_counter()
    with logged_step(LOGGER, f"evaluating the phase of {in_percent(phase.share)} %"):
        day, earlier = today or datetime.now(UTC).date(), _earlier(folder, deployment, phase.share)
        result = compute(root, folder, document, deployment, phase.share, day, earlier=earlier)
    seconds = {"rollout": round(time.perf_counter() - start, 2)}
    result = result.model_copy(
        update={"provenance": result.provenance.model_copy(update={"seconds": seconds})}
    )
    stays = phase.ended is not None and not _contradicts(folder, deployment, phase.share)
    changed = write_result(root, folder, result, immutable=stays, overwrite_newer=overwrite_newer)
    changed += write_blocks(root, document, folder, result)
    return Publication(result, document.path, changed)


def _contradicts(folder: IterationFolder, deployment: Deployment, share: float) -> bool:
    """Whether the result of a phase says something else than the deployment, such as after a merge.

    It is then not what the phase ended by, unless the deployment is wrong, which the target branch tells.
    """
    from iterata.rules.figures import of_release, rollout  # noqa: PLC0415  # only if there is a result

    result, proposal = folder.readable_rollout_result(share), folder.proposal
    if result is None or any(rollout.faults(result)):
        return False
    return any(of_release.faults(result, deployment, proposal.plan.metrics if proposal else None))


def _earlier(folder: IterationFolder, deployment: Deployment, share: float) -> RolloutResult | None:
    """The result so far of the phase whose look counts: with everybody treated, the last one before."""
    compared = [phase.share for phase in deployment.phases if phase.share < 1 and phase.share <= share]
    return folder.readable_rollout_result(compared[-1]) if compared else None


def deployment_of(folder: IterationFolder) -> tuple[Document, Deployment]:
    """The iteration's deployment.

    Raises:
        NotFoundError: it has none.
        ProblemsError: it has problems.
    """
    document = folder.document(Stage.DEPLOYMENT)
    if document is None:
        remedy = f"`iterata new document {folder.ref} deployment`, once the report is decided deploy"
        raise NotFoundError("the iteration has no deployment", remedy=remedy, where=folder.ref)
    require_valid(document)
    deployment = folder.deployment
    assert deployment is not None  # noqa: S101  # it has no problems
    return document, deployment


def phase_of(document: Document, deployment: Deployment, share: float | None) -> Phase:
    """The phase of a share; by default the present one: the last that began, else the first.

    Raises:
        IterataError: there is no such phase.
    """
    if share is None:
        return deployment.phases[present_phase(deployment) or 0]
    shares = [phase.share for phase in deployment.phases]
    for phase in deployment.phases:
        if abs(phase.share - share) < 1e-9:
            return phase
    known = ", ".join(in_percent(known) for known in shares)
    line = document.source.position(("phases",), key=True).line
    raise IterataError(
        f"there is no phase of {in_percent(share)} %",
        remedy=f"name one of the phases: `--phase` {known}",
        where=Location(document.path, line, field=("phases",)),
    )


def compute(
    root: Path,
    folder: IterationFolder,
    document: Document,
    deployment: Deployment,
    share: float,
    today: date,
    *,
    earlier: RolloutResult | None = None,
    until: date | None = None,
) -> RolloutResult:
    """Read the split test, and evaluate it up to a phase.

    Args:
        root: the knowledge base.
        folder: the iteration.
        document: its deployment.
        deployment: the same, as a model.
        share: the share of the phase.
        today: the day of the evaluation.
        earlier: the result that the phase has so far, or the one that is repeated: it tells whether the phase
            goes on after its look.
        until: rows after it are left out, if rows have dates: they came after the result that is repeated.

    Raises:
        NotFoundError: the iteration has no proposal.
        DataError: the data cannot be used.
        MissingPackage: tea-tasting is not installed.
    """
    from iterata.execution.stdout import stdout_to_stderr  # noqa: PLC0415  # of drivers of databases
    from iterata.rollout.evaluate import Release, evaluate  # noqa: PLC0415  # brings numpy and scipy
    from iterata.rollout.read import read_release  # noqa: PLC0415  # brings pandas

    source = deployment.split_test.source if deployment.split_test else None
    files = [f"{folder.project.path}/{source}"] if source else []
    metrics, before = proposed_metrics(folder), expectations(folder, deployment.variant)
    with stdout_to_stderr(), located_in(document):
        data = read_release(deployment, root / folder.project.path, root, today, until)
        collected = provenance.collect(
            data=data.digests,
            packages=PACKAGES,
            commit=git.head(root),
            dirty=git.is_dirty(root, [document.path, *files]),
            seconds={},
        )
        return evaluate(Release(deployment, data, share, today, earlier), metrics, before, collected)


def proposed_metrics(folder: IterationFolder) -> Metrics:
    """The metrics of the approved proposal.

    Raises:
        NotFoundError: there is no valid proposal.
    """
    proposal = folder.proposal
    if proposal is None:
        remedy = f"write it, or correct its problems: `iterata check {folder.path}`"
        raise NotFoundError("the iteration has no valid proposal", remedy=remedy, where=folder.ref)
    return proposal.plan.metrics


def expectations(folder: IterationFolder, variant: str) -> Expectations:
    """What was known of the variant before the release: the assessment's and the report's figures."""
    from iterata.rollout.scale import Expectations  # noqa: PLC0415  # brings numpy

    assessed = folder.assessment_folder
    return Expectations(assessed.lift_result if assessed else None, folder.experiment_result, variant)


def next_command(result: RolloutResult, document: str, deployment: Deployment | None) -> str:
    """The command that follows from the advice; empty if the phase goes on, or the step has been taken."""
    move = f"iterata move {document}"
    if deployment is not None and deployment.revert is not None:
        return ""
    if result.advice is Advice.REVERT:
        return f'{move} reverted --reason "what got worse"'
    if result.advice is Advice.HOLD or deployment is None:
        return ""
    if any(phase.ended and abs(phase.share - result.phase) < 1e-6 for phase in deployment.phases):
        return ""
    later = [phase.share for phase in deployment.phases if phase.share > result.phase]
    return f"{move} rolling_out --phase {in_percent(later[0])}" if later else f"{move} deployed"
