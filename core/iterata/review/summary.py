"""The summary of a pull request in Markdown, for a reviewer with three minutes."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from iterata import knowledge
from iterata.documents.models.assessment import Assessment
from iterata.documents.models.enums import Direction
from iterata.documents.models.inheritance import overrides
from iterata.documents.models.proposal import Proposal
from iterata.documents.models.requirements_inheritance import overrides as kpi_overrides
from iterata.errors import dotted
from iterata.experiment.disclosure import executed_code
from iterata.knowledge import reuse
from iterata.knowledge.agreed import is_provisional
from iterata.knowledge.ideas import follows, ideas_of
from iterata.knowledge.similar import Ideas
from iterata.lifecycle.context import document_contexts
from iterata.lifecycle.gates import unmet_conditions
from iterata.lifecycle.plan_power import plan_power
from iterata.lifecycle.staleness import upstream_changes
from iterata.render.comment import MAX_ENTRIES, code, first_entries, inert, inert_message
from iterata.render.estimates import interval
from iterata.render.experiment.classes import costliest
from iterata.render.experiment.leaks import leak_notices
from iterata.render.experiment.reuse_note import sentences
from iterata.render.experiment.verdicts import label, required_difference
from iterata.render.lift.change import comparison_table
from iterata.render.lift.power import power_of_plan
from iterata.render.markdown import markdown_table
from iterata.render.rollout.sentences import in_review
from iterata.results.comparison import equal_apart_from_provenance
from iterata.review.prose_changes import prose_changes
from iterata.stages import STAGES, Stage, Status, successors
from iterata.text import truncate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iterata.knowledge import FindingView, IterationView, Knowledge
    from iterata.lifecycle.context import DocumentContext
    from iterata.problems import Problem
    from iterata.results import ExperimentResult, GuardrailResult, LiftResult
    from iterata.review.changes import Change, Comparison
    from iterata.review.review import Review

_FORWARD = (
    Status.IN_REVIEW,
    Status.APPROVED,
    Status.RUNNING,
    Status.COMPLETED,
    Status.ROLLING_OUT,
    Status.DEPLOYED,
)
"""The statuses on the way to completion; the next of them determines a document's next gate."""

MAX_LINE = 120
"""Characters of one line of a file that changes the rules."""

MAX_LENGTH = 60_000
"""Characters of a summary; a comment on GitHub has at most 65,536."""


def summary(comparison: Comparison, review: Review) -> str:
    """The summary of a pull request, without empty sections; the same for the same revisions."""
    before, after = knowledge.read(comparison.base), knowledge.read(comparison.head)
    sections = (
        ("What this pull request changes about the rules", _rules(review)),
        ("Status changes", _status_changes(comparison.changes)),
        ("Approvals", _approvals(review)),
        ("How much approved prose changes", prose_changes(comparison)),
        ("Problems to fix", _problems(review)),
        ("Next gates", first_entries(_gates(comparison.changes))),
        ("Differences from what is inherited", first_entries(_overrides(comparison.changes))),
        ("What the rows can show", first_entries(_power(comparison.changes))),
        ("Code that a run would execute", first_entries(_executed_code(comparison.changes))),
        ("Expected lift", _lifts(before, after)),
        ("Results that cannot be read", first_entries(_unreadable(after))),
        ("Results", _results(comparison.changes, before, after)),
        ("Releases", first_entries(_releases(comparison.changes))),
        ("Findings", first_entries(_findings(before, after))),
        ("Have we tried this?", first_entries(_tried_before(comparison.changes, before))),
        ("Suspect documents", first_entries(_suspects(comparison))),
    )
    texts = [(title, "\n".join(lines).strip("\n")) for title, lines in sections]
    parts = [(title, f"## {title}\n\n{text}\n") for title, text in texts if text]
    return "\n".join(_fitting(parts)) if parts else "No stage document is changed.\n"


def _fitting(parts: Sequence[tuple[str, str]]) -> Iterator[str]:
    """The sections that fit into one comment, and the titles of the others."""
    left, omitted = MAX_LENGTH, []
    for title, part in parts:
        if len(part) > left:
            omitted.append(title)
        else:
            left -= len(part)
            yield part
    if omitted:
        yield f"Too long to show here: {', '.join(omitted)}.\n"


def _rules(review: Review) -> Iterator[str]:
    """What is checked, by what, and who must agree: before and after."""
    yield from first_entries(
        f"- {code(change.path)}: {inert(change.subject)}: {_lines(change.before)} → {_lines(change.after)}"
        for change in review.rule_changes
    )
    if review.rule_changes:
        yield "\nThis pull request itself is judged by the settings and the owners of its target branch."


def _lines(text: str) -> str:
    return "; ".join(code(truncate(line, MAX_LINE)) for line in text.split("\n") if line) or "nothing"


def _status_changes(changes: Sequence[Change]) -> Iterator[str]:
    rows = []
    for change in changes:
        context = change.after or change.before
        if context is None:
            continue
        before, after = (_status(revision) for revision in change)
        new = "deleted" if change.after is None else after
        old = "new" if change.before is None else before
        step = new if old == new else f"{old} → {new}"
        rows.append((code(change.path), inert(context.document.title), step))
    if rows:
        yield markdown_table(("document", "title", "status"), rows[:MAX_ENTRIES], text_columns=3)
    if len(rows) > MAX_ENTRIES:
        yield f"\nand {len(rows) - MAX_ENTRIES} more"


def _status(context: DocumentContext | None) -> str:
    """The status of a document, `?` if it is not valid."""
    return str(context.document.status or "?") if context else "?"


def _approvals(review: Review) -> Iterator[str]:
    rows = [
        (
            code(check.document.path),
            inert(check.approval.role),
            inert(check.approval.by or ""),
            str(check.status),
        )
        for check in review.approvals
    ]
    if rows:
        yield markdown_table(("document", "role", "account", "approval"), rows, text_columns=4)


def _problems(review: Review) -> Iterator[str]:
    """The problems of the pull request; those of SUSP001 have their own section."""
    yield from first_entries(f"- {_problem(problem)}" for problem in review.own if problem.code != "SUSP001")
    if review.others:
        count = len(review.others)
        subject = "1 earlier problem" if count == 1 else f"{count} earlier problems"
        yield f"\n{subject} in unchanged documents."


def _problem(problem: Problem) -> str:
    place = code(f"{problem.path}:{problem.position.line}")
    message, remedy = inert_message(problem.message), inert_message(problem.remedy)
    return f"{place} **{problem.code}** {message}. *Fix:* {remedy}"


def _unreadable(after: Knowledge) -> Iterator[str]:
    """The results whose figures are missing here, and what is ignored of the others."""
    for error in after.unread:
        message, remedy = inert_message(error.message), inert_message(error.remedy)
        yield f"- {code(error.where)}: {message}. *Fix:* {remedy}"
    yield from (f"- {inert_message(notice)}" for notice in after.notices)


def _gates(changes: Sequence[Change]) -> Iterator[str]:
    for change in changes:
        context = change.after
        if context is None or context.model is None or context.document.status is None:
            continue
        steps = successors(context.document.stage, context.model.status)
        target = next((status for status in steps if status in _FORWARD), None)
        if target is not None:
            yield from _gate_lines(context, target)


def _gate_lines(context: DocumentContext, target: Status) -> Iterator[str]:
    """The gate to one status: open, or one line for each of its unmet conditions."""
    unmet = list(unmet_conditions(context, target))
    path = f"{code(context.document.path)} to {target}"
    if not unmet:
        yield f"- {path}: open"
        return
    fields_of: dict[tuple[str, str, str], list[str]] = {}
    for gate_code, condition in unmet:
        key = (gate_code, condition.message, condition.remedy)
        fields_of.setdefault(key, []).append(dotted(condition.field))
    for (gate_code, message, remedy), fields in fields_of.items():
        owner = "the named roles" if gate_code == "GATE002" else STAGES[context.document.stage].owner
        listed = ", ".join(code(field) for field in fields if field)
        text = f"{listed}: {inert_message(message)}" if listed else inert_message(message)
        yield f"- {path}: **{gate_code}** {text} ({owner}: {inert_message(remedy)})"


def _overrides(changes: Sequence[Change]) -> Iterator[str]:
    """What changed documents describe differently from those that they inherit from, and why."""
    for change in changes:
        context = change.after
        if context is None:
            continue
        if isinstance(context.model, Assessment) and context.requirements is not None:
            reason = context.model.override_reason
            for entry in kpi_overrides(context.model, context.requirements):
                text = _difference(
                    entry.name, entry.assessment, f"the requirements {entry.requirements}", reason
                )
                yield f"- {code(change.path)}: {text}"
        if context.assessment is None or not isinstance(context.model, Proposal):
            continue
        plan = context.model.plan
        for override in overrides(plan, context.assessment.lift):
            inherited = f"the assessment {override.assessment}"
            text = _difference(override.name, override.plan, inherited, plan.override_reason)
            yield f"- {code(change.path)}: {text}"


def _executed_code(changes: Sequence[Change]) -> Iterator[str]:
    """The code that changed plans name; an approval permits its execution."""
    for change in changes:
        context = change.after
        if context is not None and isinstance(context.model, Proposal):
            for line in executed_code(context.plan or context.model.plan, context.project.path):
                yield f"- {code(change.path)}: {inert(line)}"


def _power(changes: Sequence[Change]) -> Iterator[str]:
    """The gain that each changed plan could show."""
    for change in changes:
        context = change.after
        if context is None or context.document.stage is not Stage.PROPOSAL:
            continue
        power = plan_power(context)
        if power is not None:
            yield f"- {code(context.document.path)}: {inert(power_of_plan(power.lift, power.gain))}"


def _lifts(before: Knowledge, after: Knowledge) -> Iterator[str]:
    old = {view.ref: view.lift for view in before.iterations}
    for view in after.iterations:
        if view.lift and not equal_apart_from_provenance(old.get(view.ref), view.lift):
            yield comparison_table(old.get(view.ref), view.lift, heading=_kpi(view, view.lift))


def _kpi(view: IterationView, result: LiftResult | ExperimentResult) -> str:
    direction = "; less is better" if result.kpi.direction is Direction.MINIMISE else ""
    return f"{inert(view.ref)}: {inert(result.kpi.name)} ({inert(result.kpi.scaled_unit)}{direction})"


def _results(changes: Sequence[Change], before: Knowledge, after: Knowledge) -> Iterator[str]:
    """The results that change, and those that a changed report speaks of, whenever they were merged."""
    reported = {
        change.after.iteration.ref
        for change in changes
        if change.after and change.after.iteration and change.after.document.stage is Stage.REPORT
    }
    old = {view.ref: view.experiment for view in before.iterations}
    experiments = [(view.ref, view.experiment) for view in after.iterations if view.experiment]
    for view in after.iterations:
        if view.experiment is None:
            continue
        changed = not equal_apart_from_provenance(old.get(view.ref), view.experiment)
        if changed or view.ref in reported:
            yield _experiment(view, old.get(view.ref), view.experiment)
            count = reuse.count_reuse(experiments, view.experiment, view.ref)
            lines = sentences(count.iterations, count.variants, len(view.experiment.variants))
            yield from (f"{inert(line)}\n" for line in lines)


def _experiment(view: IterationView, old: ExperimentResult | None, new: ExperimentResult) -> str:
    before = {variant.name: interval(variant.kpi) for variant in old.variants} if old else {}
    rows = [("status quo", interval(old.scale.status_quo) if old else "", interval(new.scale.status_quo))]
    rows += [
        (inert(variant.name), before.get(variant.name, ""), interval(variant.kpi)) for variant in new.variants
    ]
    violated = [guardrail for guardrail in new.guardrails if not guardrail.holds and not guardrail.needed]
    leaks = (f"- {notice}" for notice in leak_notices(new, inert))
    costs = (f"- {line}" for line in costliest(new, inert))
    lines = first_entries(chain(leaks, _differing(new), map(_violated, violated), _hypotheses(new), costs))
    return "\n".join((markdown_table((_kpi(view, new), "before", "after"), rows), "", *lines, ""))


def _differing(result: ExperimentResult) -> Iterator[str]:
    """What the plan of a result describes differently from the assessment, and why."""
    for override in result.overrides:
        inherited = f"the assessment {override.assessment}"
        text = _difference(override.name, override.plan, inherited, result.override_reason)
        yield f"- **The plan differs:** {text}"


def _difference(name: str, value: str, inherited: str, reason: str | None) -> str:
    """A value and the inherited one, with the reason for the difference."""
    return f"{inert(name)} {inert(value)}, in {inert(inherited)}{f' ({inert(reason)})' if reason else ''}"


def _violated(guardrail: GuardrailResult) -> str:
    return f"- **Guardrail violated:** {inert(guardrail.name)}, by {inert(guardrail.variant)}"


def _hypotheses(result: ExperimentResult) -> Iterator[str]:
    for hypothesis in result.hypotheses:
        pair = f"{inert(hypothesis.variant)} against {inert(hypothesis.over)}"
        required = f"required: {required_difference(hypothesis.by)}"
        figure = f"{pair}: {interval(hypothesis.difference, sign=True)}; {required}"
        claim = inert(hypothesis.claim)
        yield f"- **{inert(hypothesis.id)}** is **{inert(label(hypothesis))}**: {claim} ({figure})"


def _releases(changes: Sequence[Change]) -> Iterator[str]:
    """What each phase of a rollout advises, and what of the lift arrived, where that changes."""
    for change in changes:
        if change.after is None or change.after.document.stage is not Stage.DEPLOYMENT:
            continue
        old, new = (
            {} if context is None or context.iteration is None else context.iteration.rollout_results
            for context in change
        )
        for share, result in new.items():
            if not equal_apart_from_provenance(old.get(share), result):
                yield f"- {code(change.path)}: {in_review(result, inert)}"


def _findings(before: Knowledge, after: Knowledge) -> Iterator[str]:
    """The new findings, and those whose statement changed."""
    statements = {finding.key: finding.statement for finding in before.findings}
    for finding in after.findings:
        if statements.get(finding.key) != finding.statement:
            yield f"- {_finding(finding)}"


def _finding(finding: FindingView) -> str:
    provisional = ", provisional" if is_provisional(finding.document) else ""
    return f"**{finding.kind}{provisional}** {inert(finding.statement)} ({code(finding.key)})"


def _tried_before(changes: Sequence[Change], before: Knowledge) -> Iterator[str]:
    """Earlier ideas that resemble what changed proposals are about to try."""
    proposals = [context for _, context in changes if context and context.document.stage is Stage.PROPOSAL]
    ideas = Ideas(ideas_of(before)) if proposals else None
    for context in proposals:
        if ideas is None or context.iteration is None:
            continue
        followed = follows([context.document, *context.iteration.documents.values()])
        for idea, _, text in ideas.similar_to([context.document], context.iteration.ref, followed):
            provisional = ", provisional" if idea.provisional else ""
            label = f"**{inert(idea.label)}{provisional}**"
            yield f"- *{inert(text)}* See {label} {inert(idea.text)} ({code(idea.key)})"


def _suspects(comparison: Comparison) -> Iterator[str]:
    for context in document_contexts(comparison.head):
        for suspect in upstream_changes(context):
            yield f"- {code(context.document.path)}: {code(suspect.path)} has changed since"
