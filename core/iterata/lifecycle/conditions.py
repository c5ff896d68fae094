"""What each gate asks, one small function each; the table is in `gates`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from iterata.documents import model_of
from iterata.documents.fingerprint import digest
from iterata.lifecycle.context import (
    DocumentContext,
    assessment_document,
    assessment_folder,
    iteration_of,
    model_as,
    proposal_of,
    report_of,
)
from iterata.stages import Outcome, Stage, Status

if TYPE_CHECKING:
    from iterata.documents.models.deployment import Deployment
    from iterata.documents.models.requirements import Requirements

TODO = "TODO"
"""What a template leaves for its author to replace."""

_TODO_IN_PROSE = re.compile(rf"^[^\w\n]*({TODO})\b", re.MULTILINE)


class UnmetCondition(NamedTuple):
    """What is missing at a gate."""

    field: tuple[str | int, ...]
    """The place in the front matter it concerns, or empty."""
    message: str
    remedy: str
    who: str = ""
    """Who must act, where that is not the document's owner."""


Closings = Iterator[UnmetCondition]


def _model(case: DocumentContext) -> Any:
    """The front matter as its stage's own model; gates are asked of valid documents only."""
    return model_as(case.document, model_of(case.document.stage))


def nothing_left_to_fill_in(case: DocumentContext) -> Closings:
    """No value, and no line of the prose, begins with TODO."""
    for path, value in _texts(case.document.data, ()):
        if value.strip().startswith(TODO):
            yield UnmetCondition(path, "is still to be written", "replace the text that begins with TODO")
    if left := _TODO_IN_PROSE.search(case.document.body):
        line = case.document.source.body_line + case.document.body.count("\n", 0, left.start(1))
        yield UnmetCondition(
            (), f"line {line} of its prose is still to be written", "replace the text that begins with TODO"
        )


def _texts(data: object, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    match data:
        case str():
            yield path, data
        case dict():
            for key, value in data.items():
                yield from _texts(value, (*path, str(key)))
        case list():
            for index, value in enumerate(data):
                yield from _texts(value, (*path, index))


def required_roles_agreed(case: DocumentContext) -> Closings:
    """Every role the configuration asks for is among the approvals."""
    required = case.project.repository.required_roles.get(case.document.stage, [])
    agreed = {approval.role.casefold() for approval in _model(case).approvals}
    missing = [role for role in required if role.casefold() not in agreed]
    if missing:
        each = " ".join(f'--as "{role}"' if " " in role else f"--as {role}" for role in missing)
        said = f"{' and '.join(missing)} {'have' if len(missing) > 1 else 'has'} not agreed"
        yield UnmetCondition(("approvals",), said, f"`iterata move {case.document.path} approved {each}`")


def requirements_approved(case: DocumentContext) -> Closings:
    """The requirements are approved, or have moved on to a later revision since."""
    document = case.project.requirements
    requirements: Requirements | None = model_as(document, model_of(Stage.REQUIREMENTS))  # type: ignore[assignment]
    iteration = iteration_of(case.iteration)
    if requirements is None:
        yield UnmetCondition(
            (), "the requirements are missing or have problems", "mend requirements.md first"
        )
    elif requirements.status is not Status.APPROVED:
        answered = iteration.requirements_revision if iteration else 1
        if answered >= requirements.revision:
            yield UnmetCondition(
                (), f"the requirements are {requirements.status}", "get requirements.md approved first"
            )


def lift_computed(case: DocumentContext) -> Closings:
    """`results/lift.json` exists, and is of what `lift:` says."""
    if case.iteration is None:
        return
    result = case.lift_result()
    if result is None:
        yield UnmetCondition(
            ("lift",), "the expected lift is not computed", f"`iterata lift {case.iteration.ref}`"
        )
    elif result.spec_digest != digest(case.document.data.get("lift")):
        message = "the expected lift was computed for something else than `lift:` says"
        yield UnmetCondition(("lift",), message, f"`iterata lift {case.iteration.ref}`")


def followed_iteration_decided(case: DocumentContext) -> Closings:
    """The report of the iteration this one follows is decided in its favour, and a revert is explained."""
    said = getattr(case.model, "iteration", None)
    if case.iteration is None or said is None or said.follows is None:
        return
    followed = case.iteration.project.iteration(said.follows)
    report = report_of(followed)
    place = ("iteration", "follows")
    if followed is None or report is None:
        yield UnmetCondition(
            place, f"{said.follows} has no valid report yet", "finish that iteration's report first"
        )
        return
    if (unexplained := _unexplained_revert(followed)) is not None:
        yield UnmetCondition(
            place, unexplained, f"add `post_mortem:` with its findings to {followed.path}/report.md"
        )
    outcome = report.decision.outcome if report.decision else None
    if outcome not in (Outcome.ITERATE, Outcome.REVISIT_REQUIREMENTS, Outcome.DEPLOY):
        decided = f"was decided {outcome}" if outcome else "is not decided"
        yield UnmetCondition(
            place, f"the report of {said.follows} {decided}", "a next iteration needs the decision iterate"
        )
    before = iteration_of(followed)
    if (
        outcome is Outcome.REVISIT_REQUIREMENTS
        and before is not None
        and said.requirements_revision <= before.requirements_revision
    ):
        message = (
            f"the report of {said.follows} asked for new requirements; this iteration answers to the old"
        )
        yield UnmetCondition(
            ("iteration", "requirements_revision"),
            message,
            "revise requirements.md, and name the new revision here",
        )


def _unexplained_revert(folder: Any) -> str | None:
    deployment = folder.document(Stage.DEPLOYMENT)
    if deployment is None or deployment.status is not Status.REVERTED:
        return None
    report = report_of(folder)
    return (
        None
        if report and report.post_mortem
        else f"the release of {folder.name} was reverted and not yet explained"
    )


def assessment_says_go(case: DocumentContext) -> Closings:
    """The assessment that counts for this iteration is approved and recommends to go on."""
    document = assessment_document(case.iteration)
    source = assessment_folder(case.iteration)
    model: Any = model_as(document, model_of(Stage.ASSESSMENT))
    if model is None or source is None:
        yield UnmetCondition(
            (), "there is no valid assessment to build on", "write assessment.md, or name inherits_assessment"
        )
    elif model.status is not Status.APPROVED:
        yield UnmetCondition(
            (),
            f"the assessment of {source.name} is {model.status}",
            f"get {source.path}/assessment.md approved",
        )
    elif model.recommendation != "go":
        yield UnmetCondition(
            (), f"the assessment of {source.name} says {model.recommendation}", "do not go on, or assess anew"
        )


def proposal_approved(case: DocumentContext) -> Closings:
    """The proposal beside the experiment is approved."""
    proposal = proposal_of(case.iteration)
    if proposal is None or proposal.status is not Status.APPROVED:
        said = f"is {proposal.status}" if proposal else "is missing or has problems"
        yield UnmetCondition((), f"the proposal {said}", "get proposal.md approved first")


def results_cover_the_plan(case: DocumentContext) -> Closings:
    """The result names every variant, metric, guardrail, segment and hypothesis of the plan."""
    proposal = proposal_of(case.iteration)
    if proposal is None or case.iteration is None:
        return
    rerun = f"`iterata run {case.iteration.ref}`"
    result = case.experiment_result()
    if result is None:
        yield UnmetCondition((), "there is no result of the experiment", rerun)
        return
    plan = proposal.plan
    measured = {metric.name for metric in result.status_quo_metrics}
    pairs: tuple[tuple[str, set[str], set[str]], ...] = (
        ("variant", {each.name for each in plan.variants}, {each.name for each in result.variants}),
        ("metric", {each.metric for each in plan.metrics.secondary}, measured),
        (
            "guardrail",
            {each.name for each in plan.metrics.guardrail},
            {each.name for each in result.guardrails},
        ),
        ("segment", set(plan.segments), {each.column for each in result.segments}),
        ("hypothesis", {each.id for each in plan.hypotheses}, {each.id for each in result.hypotheses}),
    )
    for kind, planned, found in pairs:
        for name in sorted(planned - found):
            yield UnmetCondition((), f"the result lacks the {kind} {name}", rerun)
        for name in sorted(found - planned if kind != "metric" else ()):
            yield UnmetCondition(
                (), f"the result holds the {kind} {name}, which the plan does not name", rerun
            )


def says_why_it_stopped(case: DocumentContext) -> Closings:
    """`stopped_because` is filled in."""
    if not _model(case).stopped_because:
        yield UnmetCondition(
            ("status",), "it was stopped without a reason", "add `stopped_because:` with the reason"
        )


def experiment_ended(case: DocumentContext) -> Closings:
    """The experiment beside the report is completed or stopped."""
    experiment = case.of(Stage.EXPERIMENT)
    if experiment is None or experiment.status not in (Status.COMPLETED, Status.STOPPED):
        said = f"is {experiment.status}" if experiment else "is missing"
        yield UnmetCondition(
            (), f"the experiment {said}", f"`iterata run {case.iteration.ref if case.iteration else ''}`"
        )


def hypotheses_answered(case: DocumentContext) -> Closings:
    """Every hypothesis of the plan has a verdict, and no other has."""
    proposal = proposal_of(case.iteration)
    if proposal is None:
        return
    asked = {hypothesis.id for hypothesis in proposal.plan.hypotheses}
    answers = [answer.id for answer in _model(case).hypotheses]
    for missing in sorted(asked - set(answers)):
        yield UnmetCondition(
            ("hypotheses",), f"hypothesis {missing} has no answer", f"add an entry `id: {missing}`"
        )
    for index, answer in enumerate(answers):
        if answer not in asked:
            yield UnmetCondition(
                ("hypotheses", index, "id"), f"the plan has no hypothesis {answer}", "remove the entry"
            )


def stakeholders_decided(case: DocumentContext) -> Closings:
    """`decision` is filled in."""
    if _model(case).decision is None:
        remedy = "add `decision:` with outcome, by, on and why, as the stakeholders took it"
        yield UnmetCondition((), "the stakeholders have not decided", remedy, "stakeholders")


def report_says_deploy(case: DocumentContext) -> Closings:
    """The report is approved, and its decision is to deploy."""
    report = report_of(case.iteration)
    if report is None or report.status is not Status.APPROVED:
        yield UnmetCondition((), "the report is not approved", "get report.md approved first")
    elif report.decision is None or report.decision.outcome is not Outcome.DEPLOY:
        outcome = report.decision.outcome if report.decision else "open"
        yield UnmetCondition(
            (), f"the report's decision is {outcome}", "release only what was decided deploy"
        )


def release_complete(case: DocumentContext) -> Closings:
    """No item of the checklist is left to do, and every phase has ended."""
    deployment: Deployment = _model(case)
    for name, item in deployment.checklist:
        if item.state == "todo":
            yield UnmetCondition(
                ("checklist", name, "state"),
                f"{name.replace('_', ' ')} is still to do",
                "do it, or say not_needed and why",
            )
    for index, phase in enumerate(deployment.phases):
        if phase.ended is None:
            yield UnmetCondition(
                ("phases", index),
                f"the phase of {phase.share:.0%} has not ended",
                "add `ended:` with its day",
            )


def revert_recorded(case: DocumentContext) -> Closings:
    """`revert` is filled in."""
    if _model(case).revert is None:
        yield UnmetCondition(("status",), "it was reverted without a reason", "add `revert:` with on and why")


def abandonment_explained(case: DocumentContext) -> Closings:
    """`abandoned` is filled in; its model asks for a finding."""
    if _model(case).abandoned is None:
        yield UnmetCondition(
            ("status",),
            "it was abandoned without a word",
            "add `abandoned:` with on, why and at least one finding",
        )


def successor_exists(case: DocumentContext) -> Closings:
    """`superseded_by` names another document of the project."""
    named = _model(case).superseded_by
    known = {document.path for document in case.project.repository.documents}
    if named is None:
        yield UnmetCondition(
            ("status",), "it does not say what replaces it", "add `superseded_by:` with the document's path"
        )
    elif f"{case.project.path}/{named}" not in known and named not in known:
        yield UnmetCondition(
            ("superseded_by",),
            f"there is no document {named}",
            "name it relative to the project, as 02-x/proposal.md",
        )


def revisions_explained(case: DocumentContext) -> Closings:
    """Revisions 2 to the current one each have an entry."""
    requirements: Requirements = _model(case)
    explained = {entry.revision for entry in requirements.revisions}
    for number in range(2, requirements.revision + 1):
        if number not in explained:
            yield UnmetCondition(
                ("revision",),
                f"revision {number} gives no reason",
                f"add an entry `revision: {number}` under `revisions:`",
            )
