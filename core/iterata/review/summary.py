"""What a reviewer with three minutes reads: the Markdown of a pull request's summary."""

from __future__ import annotations

from itertools import chain, islice
from typing import TYPE_CHECKING

from iterata import knowledge
from iterata.documents import model_of
from iterata.documents.explain import dotted
from iterata.documents.models.enums import Direction
from iterata.experiment.disclosure import in_words
from iterata.knowledge import reuse
from iterata.knowledge.similar import similar
from iterata.lifecycle.conditions import TODO
from iterata.lifecycle.context import cases
from iterata.lifecycle.gates import closed
from iterata.lifecycle.staleness import suspects
from iterata.render.comment import MOST_ENTRIES, code, sentence, some, words
from iterata.render.estimates import interval
from iterata.render.experiment.reuse_note import sentences
from iterata.render.experiment.verdicts import asked_for
from iterata.render.lift.change import comparison_table
from iterata.results.comparison import equal_apart_from_provenance
from iterata.stages import STAGES, Stage, Status, successors
from iterata.text import table

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
"""The statuses that lead on; the next one of these is what a document is on its way to."""

MOST_LETTERS = 60_000
"""What fits into a comment: the code host takes 65,536."""


def summary(comparison: Comparison, review: Review) -> str:
    """The summary, the same for the same revisions; sections with nothing to say are left out."""
    before, after = knowledge.read(comparison.base), knowledge.read(comparison.head)
    sections = (
        ("What moves", _moves(comparison.changes)),
        ("Approvals", _approvals(review)),
        ("To be mended", _problems(review)),
        ("Gates ahead", some(_gates(comparison.changes))),
        ("What a run would execute", some(_executed(comparison.changes))),
        ("Expected lift", _lifts(before, after)),
        ("Results", _results(before, after)),
        ("What was learned", some(_findings(before, after))),
        ("Have we tried this?", some(_tried(comparison.changes, before))),
        ("To be looked at again", some(_suspects(comparison))),
    )
    written = [(title, "\n".join(lines).strip("\n")) for title, lines in sections]
    parts = [(title, f"## {title}\n\n{body}\n") for title, body in written if body]
    return "\n".join(_fitting(parts)) if parts else "Nothing here changes a stage document.\n"


def _fitting(parts: Sequence[tuple[str, str]]) -> Iterator[str]:
    """The sections that a comment holds, and the names of the others."""
    left, too_long = MOST_LETTERS, []
    for title, part in parts:
        if len(part) > left:
            too_long.append(title)
        else:
            left -= len(part)
            yield part
    if too_long:
        yield f"Too long to be shown here: {', '.join(too_long)}.\n"


def _moves(changes: Sequence[Change]) -> Iterator[str]:
    rows = []
    for change in changes:
        before, after = (case.document.status if case else None for case in change)
        case = change.after or change.before
        if case is None:
            continue
        now = "deleted" if change.after is None else str(after or "?")
        then = "new" if change.before is None else str(before or "?")
        step = now if then == now else f"{then} → {now}"
        rows.append((code(change.path), words(case.document.title), step))
    if rows:
        yield table(("document", "title", "status"), rows[:MOST_ENTRIES], words=3)
    if len(rows) > MOST_ENTRIES:
        yield f"\nand {len(rows) - MOST_ENTRIES} more"


def _approvals(review: Review) -> Iterator[str]:
    rows = [
        (
            code(each.document.path),
            words(each.approval.role),
            words(each.approval.by or ""),
            str(each.standing),
        )
        for each in review.approvals
    ]
    if rows:
        yield table(("document", "role", "account", "worth"), rows, words=4)


def _problems(review: Review) -> Iterator[str]:
    yield from some(f"- {_line(problem)}" for problem in review.own if problem.code != "SUSP001")
    if review.others:
        count = len(review.others)
        known = "1 problem was" if count == 1 else f"{count} problems were"
        yield f"\n{known} there before, in documents left alone here."


def _line(problem: Problem) -> str:
    """One problem; those of SUSP001 have a section of their own."""
    place = code(f"{problem.path}:{problem.position.line}")
    return f"{place} **{problem.code}** {sentence(problem.message)}. *Mend:* {sentence(problem.remedy)}"


def _gates(changes: Sequence[Change]) -> Iterator[str]:
    for change in changes:
        if change.after is None or change.after.model is None or change.after.document.status is None:
            continue
        document = change.after.document
        ahead = [
            status for status in successors(document.stage, change.after.model.status) if status in _FORWARD
        ]
        for target in ahead[:1]:
            yield from _gate_lines(change.after, target)


def _gate_lines(case: DocumentContext, target: Status) -> Iterator[str]:
    shut = list(closed(case, target))
    path = f"{code(case.document.path)} to {target}"
    if not shut:
        yield f"- {path}: open"
        return
    alike: dict[tuple[str, str, str], list[str]] = {}
    for gate, reason in shut:
        alike.setdefault((gate.code, reason.message, reason.remedy), []).append(dotted(reason.field))
    for (gate_code, message, remedy), fields in alike.items():
        who = "the roles named" if gate_code == "GATE002" else STAGES[case.document.stage].owner
        where = ", ".join(code(field) for field in fields if field)
        said = f"{where}: {sentence(message)}" if where else sentence(message)
        yield f"- {path}: **{gate_code}** {said} ({who}: {sentence(remedy)})"


def _executed(changes: Sequence[Change]) -> Iterator[str]:
    """The code that changed plans name: whoever approves them lets it be run."""
    for change in changes:
        model = change.after.model if change.after is not None else None
        if change.after is not None and isinstance(model, model_of(Stage.PROPOSAL)):
            for said in in_words(model.plan, change.after.project.path):  # type: ignore[attr-defined]
                yield f"- {code(change.path)}: {words(said)}"


def _lifts(before: Knowledge, after: Knowledge) -> Iterator[str]:
    old = {view.ref: view.lift for view in before.iterations}
    for view in after.iterations:
        if view.lift and not equal_apart_from_provenance(old.get(view.ref), view.lift):
            yield comparison_table(old.get(view.ref), view.lift, heading=_kpi(view, view.lift))


def _kpi(view: IterationView, result: LiftResult | ExperimentResult) -> str:
    less = "; less is better" if result.kpi.direction is Direction.MINIMISE else ""
    return f"{words(view.ref)}: {words(result.kpi.name)} ({words(result.kpi.scaled_unit)}{less})"


def _results(before: Knowledge, after: Knowledge) -> Iterator[str]:
    old = {view.ref: view.experiment for view in before.iterations}
    known = [(view.ref, view.experiment) for view in after.iterations if view.experiment]
    for view in after.iterations:
        if view.experiment and not equal_apart_from_provenance(old.get(view.ref), view.experiment):
            yield _experiment(view, old.get(view.ref), view.experiment)
            looks = reuse.other_looks(known, view.experiment, view.ref)
            yield from (
                f"{words(line)}\n"
                for line in sentences(looks.iterations, looks.variants, len(view.experiment.variants))
            )


def _experiment(view: IterationView, old: ExperimentResult | None, new: ExperimentResult) -> str:
    then = {variant.name: interval(variant.kpi) for variant in old.variants} if old else {}
    rows = [("status quo", interval(old.scale.status_quo) if old else "", interval(new.scale.status_quo))]
    rows += [(words(each.name), then.get(each.name, ""), interval(each.kpi)) for each in new.variants]
    lines = some(chain(map(_broken, (each for each in new.guardrails if not each.holds)), _answers(new)))
    return "\n".join((table((_kpi(view, new), "before", "after"), rows), "", *lines, ""))


def _broken(each: GuardrailResult) -> str:
    return f"- **Guardrail not kept:** {words(each.name)}, by {words(each.variant)}"


def _answers(result: ExperimentResult) -> Iterator[str]:
    for each in result.hypotheses:
        who = f"{words(each.variant)} against {words(each.over)}"
        figure = f"{who}: {interval(each.difference, sign=True)}; {asked_for(each.by)} was asked for"
        yield f"- **{words(each.id)}** is **{each.verdict}**: {words(each.claim)} ({figure})"


def _findings(before: Knowledge, after: Knowledge) -> Iterator[str]:
    known = {finding.key: finding for finding in before.findings}
    for finding in after.findings:
        old = known.get(finding.key)
        if old is None or old.statement != finding.statement:
            yield f"- {_finding(finding)}"


def _finding(finding: FindingView) -> str:
    return f"**{finding.kind}** {words(finding.statement)} ({code(finding.key)})"


def _tried(changes: Sequence[Change], before: Knowledge) -> Iterator[str]:
    """Past findings that speak of what a changed proposal is about to try."""
    for change in changes:
        if (
            change.after is None
            or change.after.document.stage is not Stage.PROPOSAL
            or change.after.iteration is None
        ):
            continue
        ref = change.after.iteration.ref
        past = [each for each in before.findings if f"{each.project}/{each.iteration}" != ref]
        for claim in _claims(change.after):
            for found in similar(claim, past):
                yield f"- *{words(claim)}* See {_finding(found.finding)}"


def _claims(case: DocumentContext) -> list[str]:
    plan = case.document.data.get("plan")
    hypotheses = plan.get("hypotheses") if isinstance(plan, dict) else None
    entries = hypotheses if isinstance(hypotheses, list) else []
    claims = (entry["claim"] for entry in entries if isinstance(entry, dict) and "claim" in entry)
    written = (claim for claim in claims if isinstance(claim, str) and not claim.startswith(TODO))
    return list(islice(written, MOST_ENTRIES))


def _suspects(comparison: Comparison) -> Iterator[str]:
    for case in cases(comparison.head):
        for suspect in suspects(case):
            yield f"- {code(case.document.path)}: {code(suspect.path)} has changed since"
