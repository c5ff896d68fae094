"""Rules about the results of releases that were reverted: they stay results of what `earlier:` tells."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from iterata.documents.models.enums import Advice
from iterata.documents.stage_models import valid_model
from iterata.errors import IterataError
from iterata.lifecycle.release import percent
from iterata.lifecycle.remedies import to_restore
from iterata.problems import Position, Problem, Severity
from iterata.repository.iteration_results import in_percent
from iterata.rules.rule import RuleSet
from iterata.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.documents.models.deployment import EarlierRelease, Phase
    from iterata.lifecycle.context import DocumentContext
    from iterata.repository.iteration_results import EarlierResult
    from iterata.repository.projects import IterationFolder
    from iterata.results import RolloutResult

RULES = RuleSet()


@RULES.check(Stage.DEPLOYMENT)
def earlier_results_are_of_their_releases(context: DocumentContext) -> Iterator[Problem]:
    """RES001, REL005 and REL006 for the results of earlier releases."""
    deployment, folder = valid_model(context.document, Stage.DEPLOYMENT), context.iteration
    if deployment is None or folder is None:
        return
    for found in folder.earlier_rollouts:
        release = deployment.earlier[found.number - 1] if found.number <= len(deployment.earlier) else None
        if release is None:
            message = f"`earlier:` has no release {found.number}"
            yield _at(found, "REL005", message, "remove the file, or restore the release in `earlier:`")
            continue
        try:
            result = folder.read_result(found.path, "rollout")
        except IterataError as error:
            yield _at(found, "RES001", error.message, to_restore(folder, found.path))
            continue
        if result.kind == "rollout":
            yield from _of_release(context, folder, found, result, release)


def _of_release(
    context: DocumentContext,
    folder: IterationFolder,
    found: EarlierResult,
    result: RolloutResult,
    release: EarlierRelease,
) -> Iterator[Problem]:
    phases = {in_percent(phase.share): (index, phase) for index, phase in enumerate(release.phases)}
    index, phase = phases.get(in_percent(found.share), (0, None))
    if phase is None:
        message = f"the release {found.number} had no phase of {percent(found.share)}"
        yield _at(found, "REL005", message, f"`git rm {shlex.quote(found.path)}`")
        return
    if message := _of_something_else(found, result, release):
        remedy = to_restore(
            folder,
            found.path,
            lambda other: other.kind == "rollout" and not _of_something_else(found, other, release),
        )
        yield _at(found, "REL005", message, remedy)
        return
    if wrong := _against_its_result(phase, result):
        field = ("earlier", found.number - 1, "phases", index)
        message = f"the result of the phase of {percent(phase.share)} advises to {result.advice}, and {wrong}"
        remedy = f"write the phase as it was: `git log -p -- {shlex.quote(context.document.path)}` shows it"
        yield context.document.problem("REL006", field, message, remedy)


def _of_something_else(found: EarlierResult, result: RolloutResult, release: EarlierRelease) -> str:
    """Which other phase or variant a result is of; empty if it is the right one."""
    if in_percent(result.phase) != in_percent(found.share):
        return f"it is the result of the phase of {percent(result.phase)}"
    if result.variant != release.variant:
        return f"it is of the variant {result.variant}; the release was of {release.variant}"
    return ""


def _against_its_result(phase: Phase, result: RolloutResult) -> str:
    """How a phase ended against its result, or says another advice; empty if neither."""
    if phase.override is not None:
        other = result.advice not in (Advice.ADVANCE, phase.override.advice)
        return f"its override says {phase.override.advice}" if other else ""
    waited = phase.hold.approval is not None and result.advice is Advice.HOLD and not result.health
    went_on = phase.ended is not None and result.advice is not Advice.ADVANCE and not waited
    return "it ended without an override" if went_on else ""


def _at(found: EarlierResult, code: str, message: str, remedy: str) -> Problem:
    return Problem(code, Severity.ERROR, found.path, Position(1), "", message, remedy)
