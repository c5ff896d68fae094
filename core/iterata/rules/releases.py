"""Rules about a deployment: its phases, what its split test measures, and the results of its rollout."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from iterata.documents.models.deployment import WEEK
from iterata.documents.models.enums import Advice
from iterata.documents.stage_models import valid_model
from iterata.lifecycle.conditions import TODO
from iterata.lifecycle.release import percent, present_phase, specification
from iterata.problems import Position, Problem, Severity
from iterata.repository.iteration_results import ROLLOUT, in_percent, rollout_file, share_of_file
from iterata.rules.rule import RuleSet
from iterata.stages import Stage, Status
from iterata.text import closest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from iterata.documents.models.deployment import Deployment, Phase, Revert
    from iterata.documents.models.proposal import Metrics
    from iterata.errors import FieldPath
    from iterata.lifecycle.context import DocumentContext

RULES = RuleSet()


@RULES.rule(
    "REL001",
    "The phases of a release begin one after the other, and their days are in order.",
    Stage.DEPLOYMENT,
    why="Each phase shows whether the next one may begin.",
    bad="phases: [{share: 0.1, started: 2026-11-02}, {share: 0.5, started: 2026-11-09}]",
    good="phases: [{share: 0.1, started: 2026-11-02, ended: 2026-11-09}, {share: 0.5, started: 2026-11-09}]",
)
def phases_are_in_order(context: DocumentContext) -> Iterator[Problem]:
    """REL001."""
    deployment, document = valid_model(context.document, Stage.DEPLOYMENT), context.document
    for index, phase in enumerate(deployment.phases if deployment else ()):
        before = deployment.phases[index - 1] if deployment and index else None
        for key, message, remedy in (*_own_days(phase), *_days_after(before, phase)):
            yield document.problem("REL001", ("phases", index, key), message, remedy)
    revert = deployment.revert if deployment else None
    days = [day for phase in (deployment.phases if deployment else ()) for day in _days(phase)]
    if revert is not None and days and revert.on < max(days):
        message = f"{revert.on} is before {max(days)}, the last day of its phases"
        yield document.problem("REL001", ("revert", "on"), message, "correct one of the two days")


def _days(phase: Phase) -> Iterator[date]:
    yield from (day for day in (phase.started, phase.ended) if day is not None)


def _own_days(phase: Phase) -> Iterator[tuple[str, str, str]]:
    """What is wrong with a phase by itself: the key, the message and the remedy."""
    if phase.started is None:
        if phase.ended is not None:
            yield "ended", "it ended, but did not begin", "add `started:`, or remove `ended:`"
        return
    if phase.ended is not None and phase.ended < phase.started:
        yield "ended", f"{phase.ended} is before its first day, {phase.started}", "correct one of the two"
    dated = [("approved", approval.on) for approval in phase.approved]
    dated += [("override", phase.override.on)] if phase.override else []
    for key, day in dated:
        if day < phase.started or (phase.ended is not None and day > phase.ended):
            yield key, f"{day} is not a day of the phase", "write the day between `started` and `ended`"
    if phase.override is not None and phase.ended is None:
        yield "override", "the phase has not ended", "remove it; the step after the phase writes it"


def _days_after(before: Phase | None, phase: Phase) -> Iterator[tuple[str, str, str]]:
    """What is wrong with the order of a phase and the one before it."""
    if before is None or phase.started is None:
        return
    share = percent(before.share)
    if before.started is None:
        yield "started", f"the phase of {share} has not begun; no phase is skipped", "remove it"
    elif before.ended is None:
        yield (
            "started",
            f"the phase of {share} has not ended",
            f"write `ended:` into the phase of {share} if it has ended; otherwise remove this day, which the "
            "step after that phase writes",
        )
    elif phase.started < before.ended:
        message = f"{phase.started} is before {before.ended}, when the phase of {share} ended"
        yield "started", message, "correct one of the two days"


@RULES.rule(
    "REL008",
    "No step of a release is dated in the future.",
    Stage.DEPLOYMENT,
    why="What has not happened yet shows nothing, and nobody has agreed to it.",
    bad="phases: [{share: 0.1, started: 2026-11-02, ended: 2999-01-01}]",
    good="phases: [{share: 0.1, started: 2026-11-02}]  # `iterata move` writes the day on which it ends",
)
def no_step_is_in_the_future(context: DocumentContext) -> Iterator[Problem]:
    """REL008; a day counts as soon as it has begun somewhere on Earth.

    Only the clock tells the day, as the dates of commits are written by their authors: so a problem says that
    the clock may be wrong, and the one of the continuous integration decides.
    """
    deployment, document = valid_model(context.document, Stage.DEPLOYMENT), context.document
    today = (datetime.now(UTC) + timedelta(hours=14)).date()
    for field, day in _dated(deployment) if deployment else ():
        if day > today:
            message = f"{day} is in the future by the clock of this machine"
            remedy = (
                "write the day on which it happened, or remove it until it has happened; if `date` prints a "
                "wrong day, correct the clock"
            )
            yield document.problem("REL008", field, message, remedy)


def _dated(deployment: Deployment) -> Iterator[tuple[FieldPath, date]]:
    """Every day on which something happened, with its place."""
    releases: list[tuple[FieldPath, Sequence[Phase], Revert | None]] = [
        ((), deployment.phases, deployment.revert)
    ]
    for number, release in enumerate(deployment.earlier):
        releases.append((("earlier", number), release.phases, release.revert))
    for place, phases, revert in releases:
        for index, phase in enumerate(phases):
            yield from _dates_of(phase, (*place, "phases", index))
        if revert is not None:
            yield (*place, "revert", "on"), revert.on
    for index, amendment in enumerate(deployment.amendments):
        yield ("amendments", index, "on"), amendment.on


def _dates_of(phase: Phase, place: FieldPath) -> Iterator[tuple[FieldPath, date]]:
    for key, day in (("started", phase.started), ("ended", phase.ended)):
        if day is not None:
            yield (*place, key), day
    for entry, approval in enumerate(phase.approved):
        yield (*place, "approved", entry, "on"), approval.on
    if phase.override is not None:
        yield (*place, "override", "on"), phase.override.on


@RULES.rule(
    "REL002",
    "A phase holds for whole weeks (a warning).",
    Stage.DEPLOYMENT,
    why="Weekdays differ: with three or ten days, some of them count more often than others.",
    bad="hold: {days: 10}",
    good="hold: {days: 14}",
)
def phases_hold_for_whole_weeks(context: DocumentContext) -> Iterator[Problem]:
    """REL002, for the phases that did not end yet; those of a reverted release did."""
    deployment = valid_model(context.document, Stage.DEPLOYMENT)
    if context.document.status is Status.REVERTED:
        return
    for index, phase in enumerate(deployment.phases if deployment else ()):
        days = phase.hold.days
        if days is None or days % WEEK == 0 or phase.ended is not None:
            continue
        weeks = max(1, -(-days // WEEK)) * WEEK
        message = f"{days} days are not whole weeks: weekdays differ, and some would count more than others"
        field = ("phases", index, "hold", "days")
        yield context.document.problem("REL002", field, message, f"write {weeks}", severity=Severity.WARNING)


@RULES.rule(
    "REL003",
    "A holdout is for a release whose last phase reaches everybody.",
    Stage.DEPLOYMENT,
    why="Before 100 %, the others are the control group already.",
    bad="phases: [{share: 0.1}, {share: 0.5}]\nholdout: 0.05",
    good="phases: [{share: 0.1}, {share: 0.5}, {share: 1}]\nholdout: 0.05",
)
def holdout_is_for_everybody(context: DocumentContext) -> Iterator[Problem]:
    """REL003."""
    deployment = valid_model(context.document, Stage.DEPLOYMENT)
    if deployment is not None and deployment.holdout > 0 and deployment.phases[-1].share < 1:
        message = f"the last phase reaches {percent(deployment.phases[-1].share)}, so a control group remains"
        remedy = "remove `holdout:`, or add a phase with `share: 1`"
        yield context.document.problem("REL003", ["holdout"], message, remedy)


@RULES.rule(
    "REL004",
    "A split test measures the primary metric and every guardrail of the proposal, or says why it cannot.",
    Stage.DEPLOYMENT,
    why="A guardrail that is agreed on and then not looked at guards nothing.",
    bad="split_test: {metrics: {policies sold: {...}}, ...}  # the proposal has the guardrail complaints",
    good="split_test: {metrics: {policies sold: {...}, complaints: {...}}, ...}",
)
def proposed_metrics_are_measured(context: DocumentContext) -> Iterator[Problem]:
    """REL004."""
    deployment, proposal = valid_model(context.document, Stage.DEPLOYMENT), context.proposal
    if deployment is None or deployment.split_test is None or proposal is None:
        return
    metrics, document = proposal.plan.metrics, context.document
    measured, excluded = deployment.split_test.metrics, deployment.split_test.not_measured
    for name, role in _required(metrics).items():
        if name not in measured and name not in excluded:
            guess = closest(name, list(measured))
            remedy = f"write {name} instead of {guess}" if guess else f"add `{name}:` with `of:`"
            message = f"the {role} {name} of the proposal is not measured"
            remedy += "; or add it to `not_measured:` with the reason"
            yield document.problem("REL004", ("split_test", "metrics"), message, remedy, key=True)
    names = [*_required(metrics), *(metric.metric for metric in metrics.secondary)]
    for name in excluded:
        field, message = ("split_test", "not_measured", name), f"the proposal has no metric {name}"
        if name in measured:
            message = f"{name} is measured as well"
        if name in measured or name not in names:
            yield document.problem("REL004", field, message, "remove it", key=True)


def _required(metrics: Metrics) -> dict[str, str]:
    """The metrics that a split test must measure, with their role."""
    rails = {rail.name: "guardrail" for rail in metrics.guardrail}
    return {metrics.primary: "primary metric", **rails}


@RULES.rule(
    "REL005",
    "The result files of a rollout are those of its phases.",
    Stage.DEPLOYMENT,
    why="A result of a phase that does not exist was computed for another release, or by hand.",
    bad="results/rollout-20.json  # while the phases are 10 %, 50 % and 100 %",
    good="results/rollout-10.json",
)
def results_are_of_the_phases(context: DocumentContext) -> Iterator[Problem]:
    """REL005."""
    deployment, folder = valid_model(context.document, Stage.DEPLOYMENT), context.iteration
    if deployment is None or folder is None:
        return
    phases = {phase.share: phase for phase in deployment.phases}
    for name in sorted(name for name in folder.result_files if name.startswith(ROLLOUT)):
        share, path = share_of_file(name), f"{folder.path}/results/{name}"
        phase = phases.get(share) if share is not None else None
        message, remedy = "", f"remove the file; the phases are {named(deployment)}"
        if phase is None:
            message = f"deployment.md has no phase of {percent(share)}" if share else "it is of no phase"
            remedy = f"restore the phase, or {remedy}" if share else remedy
        elif phase.started is None:
            message = f"the phase of {percent(phase.share)} has not begun"
            remedy = f"remove the file; `iterata rollout {folder.ref}` writes it when the phase has data"
        if message:
            yield Problem("REL005", Severity.ERROR, path, Position(1), "", message, remedy)
    yield from _stated_results(context, deployment)


def _stated_results(context: DocumentContext, deployment: Deployment) -> Iterator[Problem]:
    """Phases that name the result of another phase, and results that belong to another variant or phase."""
    folder = context.iteration
    for index, phase in enumerate(deployment.phases):
        name = phase.result.rpartition("/")[2] if phase.result else ""
        if name.startswith(ROLLOUT) and name != rollout_file(phase.share):
            message = f"{name} is not the result of the phase of {percent(phase.share)}"
            remedy = f"write {rollout_file(phase.share)}"
            yield context.document.problem("REL005", ("phases", index, "result"), message, remedy)
        result = folder.readable_rollout_result(phase.share) if folder else None
        if folder is None or result is None:
            continue
        path = folder.result_path("rollout", phase.share)
        again = f"`iterata rollout {folder.ref} --phase {in_percent(phase.share)}`"
        if in_percent(result.phase) != in_percent(phase.share):
            message = f"it is the result of the phase of {percent(result.phase)}"
            yield Problem("REL005", Severity.ERROR, path, Position(1), "phase", message, again)
        if result.variant != deployment.variant:
            message = f"it is of the variant {result.variant}; the release is of {deployment.variant}"
            yield Problem("REL005", Severity.ERROR, path, Position(1), "variant", message, again)


def named(deployment: Deployment) -> str:
    """The phases of a release, such as `10 %, 50 %`."""
    return ", ".join(percent(phase.share) for phase in deployment.phases)


@RULES.check(Stage.DEPLOYMENT)
def result_is_of_the_split_test(context: DocumentContext) -> Iterator[Problem]:
    """RES002 for the present phase of a release; the results of those that ended stay as they are."""
    deployment, folder = valid_model(context.document, Stage.DEPLOYMENT), context.iteration
    if deployment is None or folder is None or deployment.split_test is None:
        return
    present = present_phase(deployment)
    phase = deployment.phases[present] if present is not None else None
    if phase is None or phase.ended is not None or context.document.status is Status.REVERTED:
        return
    result = folder.readable_rollout_result(phase.share)
    if result is None or result.spec_digest == specification(deployment):
        return
    path = folder.result_path("rollout", phase.share)
    message = "it was computed from another split test than deployment.md declares"
    remedy = f"`iterata rollout {folder.ref} --phase {in_percent(phase.share)}`"
    yield Problem("RES002", Severity.ERROR, path, Position(1), "spec_digest", message, remedy)


@RULES.rule(
    "REL006",
    "An override records what the result advised.",
    Stage.DEPLOYMENT,
    why="Who goes on although the result advises to revert decides something else than who does not wait.",
    bad="override: {advice: hold, ...}  # results/rollout-10.json advises to revert",
    good="override: {advice: revert, ...}",
)
def overrides_say_what_they_override(context: DocumentContext) -> Iterator[Problem]:
    """REL006."""
    deployment, folder = valid_model(context.document, Stage.DEPLOYMENT), context.iteration
    for index, phase in enumerate(deployment.phases if deployment else ()):
        result = folder.readable_rollout_result(phase.share) if folder else None
        if phase.override is None or result is None:
            continue
        if result.advice not in (Advice.ADVANCE, phase.override.advice):
            field = ("phases", index, "override", "advice")
            message = f"the result of the phase of {percent(phase.share)} advises to {result.advice}"
            yield context.document.problem("REL006", field, message, f"write `advice: {result.advice}`")


@RULES.rule(
    "REL007",
    "A release is of a variant that the experiment compared.",
    Stage.DEPLOYMENT,
    why="Nobody knows what a variant gains that has no result.",
    bad="variant: boosted  # without results/experiment.json",
    good="variant: boosted  # which is in results/experiment.json",
)
def variant_has_a_result(context: DocumentContext) -> Iterator[Problem]:
    """REL007 for an experiment without a result; LIFE021 compares the name with those of the result."""
    deployment, folder = valid_model(context.document, Stage.DEPLOYMENT), context.iteration
    if deployment is None or folder is None or deployment.variant.startswith(TODO):
        return
    if context.experiment_result is None and folder.unreadable_result("experiment") is None:
        message = f"nothing shows what {deployment.variant} gains: the experiment has no result"
        yield context.document.problem("REL007", ["variant"], message, f"`iterata run {folder.ref}`")
