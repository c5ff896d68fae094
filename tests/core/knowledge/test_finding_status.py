"""The status of findings, the day as of which they hold, and where they are used."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from iterata.knowledge import Member, joined
from iterata.knowledge.components import components
from iterata.knowledge.finding_status import FindingState, FindingStatus, HoldsBy, finding_states
from iterata.stages import Outcome

from ...helpers.written_base import WrittenBase, finding

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

OPEN, CONFIRMED, CONTRADICTED, SUPERSEDED, RETIRED = FindingStatus

FIRST, SECOND, THIRD, FOURTH = (f"churn/0{number}-a#F1" for number in range(1, 5))


@pytest.fixture
def written(tmp_path: Path) -> WrittenBase:
    return WrittenBase(tmp_path)


def chain(written: WrittenBase, *relations: Mapping[str, Any], **last: Any) -> Mapping[str, FindingState]:
    """The states of findings of iterations 01, 02 ..., each report a month after the one before."""
    for number, relation in enumerate(relations, 1):
        more = last if number == len(relations) else dict[str, Any]()
        written.report(f"churn/0{number}-a", {"F1": relation}, f"2026-0{number}-02", **more)
    return finding_states(written.read())


def statuses(states: Mapping[str, FindingState]) -> list[FindingStatus]:
    return [state.status for state in states.values()]


def test_open_finding_holds_as_of_its_approval(written: WrittenBase) -> None:
    (state,) = chain(written, {}).values()
    assert (state.status, state.is_provisional, state.since) == (OPEN, False, date(2026, 1, 2))
    assert state.holds_as_of == (date(2026, 1, 2), HoldsBy.AGREEMENT, "")


def test_decision_dates_a_report_without_approvals(written: WrittenBase) -> None:
    decision = {"outcome": "stop", "by": [{"role": "product"}], "on": "2026-05-05", "why": "Enough."}
    (state,) = chain(written, {}, approvals=[], decision=decision).values()
    assert state.learned_on == date(2026, 5, 5)


def test_later_support_confirms_and_renews(written: WrittenBase) -> None:
    states = chain(written, {}, {"supports": ["01-a#F1"]})
    assert statuses(states) == [CONFIRMED, OPEN]
    assert states[FIRST].holds_as_of == (date(2026, 2, 2), HoldsBy.SUPPORT, SECOND)
    assert states[FIRST].since == date(2026, 2, 2)


def test_support_is_not_passed_on(written: WrittenBase) -> None:
    states = chain(written, {}, {"supports": ["01-a#F1"]}, {"supports": ["02-a#F1"]})
    assert statuses(states) == [CONFIRMED, CONFIRMED, OPEN]
    assert states[FIRST].holds_as_of == (date(2026, 2, 2), HoldsBy.SUPPORT, SECOND)


def test_contradiction_outweighs_support(written: WrittenBase) -> None:
    states = chain(written, {}, {"supports": ["01-a#F1"]}, {"contradicts": ["01-a#F1"]})
    assert statuses(states) == [CONTRADICTED, OPEN, OPEN]
    assert states[FIRST].holds_as_of is None
    assert states[FIRST].since == date(2026, 3, 2)
    assert len(states[FIRST].supporters) == 1


def test_contradicted_contradiction_does_not_count(written: WrittenBase) -> None:
    states = chain(written, {}, {"contradicts": ["01-a#F1"]}, {"contradicts": ["02-a#F1"]})
    assert statuses(states) == [OPEN, CONTRADICTED, OPEN]


def test_contradictions_alternate_along_a_chain(written: WrittenBase) -> None:
    against = [{"contradicts": [f"0{number}-a#F1"]} for number in range(1, 4)]
    assert statuses(chain(written, {}, *against)) == [CONTRADICTED, OPEN, CONTRADICTED, OPEN]


def test_contradicted_support_does_not_count(written: WrittenBase) -> None:
    states = chain(written, {}, {"supports": ["01-a#F1"]}, {"contradicts": ["02-a#F1"]})
    assert statuses(states) == [OPEN, CONTRADICTED, OPEN]


@pytest.mark.parametrize("status", ["draft", "in_review", "rejected", "unheard-of"])
def test_provisional_finding_does_not_count(written: WrittenBase, status: str) -> None:
    states = chain(written, {}, {"contradicts": ["01-a#F1"]}, status=status)
    assert statuses(states) == [OPEN, OPEN]
    assert [state.is_provisional for state in states.values()] == [False, True]
    assert (states[SECOND].learned_on, states[SECOND].holds_as_of) == (None, None)


def test_finding_of_a_superseded_report_is_superseded_and_does_not_count(written: WrittenBase) -> None:
    states = chain(written, {}, {"supports": ["01-a#F1"]}, status="superseded", superseded_by="x/report.md")
    assert statuses(states) == [OPEN, SUPERSEDED]
    assert (states[SECOND].reason, states[SECOND].holds_as_of) == ("x/report.md", None)


def test_finding_of_an_abandoned_report_is_retired_and_its_lesson_stays(written: WrittenBase) -> None:
    lesson = {"on": "2026-06-01", "why": "Too dear.", "findings": [finding("F9")]}
    states = chain(written, {}, {"contradicts": ["01-a#F1"]}, status="abandoned", abandoned=lesson)
    assert statuses(states) == [OPEN, RETIRED, OPEN]
    assert (states[SECOND].since, states[SECOND].reason) == (date(2026, 6, 1), "Too dear.")
    assert states["churn/02-a#F9"].learned_on == date(2026, 6, 1)
    assert not states["churn/02-a#F9"].is_provisional


def test_findings_of_one_report_do_not_confirm_each_other(written: WrittenBase) -> None:
    entries = {"F1": {"supports": ["#F1"]}, "F2": {"supports": ["#F1"], "contradicts": ["01-a#F1"]}}
    written.report("churn/01-a", entries)
    assert statuses(finding_states(written.read())) == [OPEN, OPEN]


def test_post_mortem_contradicts_the_report_that_has_it(written: WrittenBase) -> None:
    mortem = {"what_happened": "It sank.", "why": "A leak.", "findings": [finding("F2", contradicts=["#F1"])]}
    assert statuses(chain(written, {}, post_mortem=mortem)) == [CONTRADICTED, OPEN]


def test_reference_to_nothing_is_ignored(written: WrittenBase) -> None:
    states = chain(written, {"supports": ["09-x#F1"], "contradicts": ["wine/01-a#F1"]})
    assert statuses(states) == [OPEN]


def test_in_a_circle_only_the_later_finding_counts(written: WrittenBase) -> None:
    states = chain(written, {"supports": ["02-a#F1"]}, {"supports": ["01-a#F1"]})
    assert statuses(states) == [CONFIRMED, OPEN]


def test_in_a_circle_of_one_day_no_finding_counts(written: WrittenBase) -> None:
    for number, other in ((1, 2), (2, 3), (3, 1)):
        written.report(f"churn/0{number}-a", {"F1": {"contradicts": [f"0{other}-a#F1"]}})
    written.report("churn/04-a", {"F1": {"contradicts": ["03-a#F1"]}})
    assert statuses(finding_states(written.read())) == [OPEN, OPEN, CONTRADICTED, OPEN]


def test_report_that_was_approved_again_is_still_confirmed(written: WrittenBase) -> None:
    written.report("churn/01-a", {"F1": {}}, "2026-09-09")
    written.report("churn/02-a", {"F1": {"supports": ["01-a#F1"]}}, "2026-02-02")
    state = finding_states(written.read())[FIRST]
    assert (state.status, state.holds_as_of) == (CONFIRMED, (date(2026, 9, 9), HoldsBy.AGREEMENT, ""))


PLAN: dict[str, Any] = {
    "hypotheses": [
        {"id": "H1", "claim": "Habits tell.", "supported_if": {"variant": "logistic"}},
        {"id": "H2", "claim": "Trees tell more.", "supported_if": {"variant": "trees"}},
    ]
}
ANSWERS = [
    {"id": identifier, "verdict": "supported", "interpretation": "So it is."} for identifier in ("H1", "H2")
]
EVIDENCE = {
    "F1": {"evidence": "results/experiment.json, H1"},
    "F2": {"evidence": "results/experiment.json, H2"},
    "F3": {"evidence": "results/experiment.json"},
}
MONITOR = {"name": "kept", "source": "data/kept.csv", "measure": "count", "lower": 10}
REVERT = {"on": "2026-04-20", "why": "Complaints doubled."}


def release(written: WrittenBase, status: str, answers: object = ANSWERS, **values: Any) -> None:
    """A report on two supported hypotheses, and the release of the variant of the first."""
    written.document("churn/01-a/proposal", "approved", plan=PLAN)
    written.report("churn/01-a", EVIDENCE, hypotheses=answers)
    written.document("churn/01-a/deployment", status, variant="logistic", monitors=[MONITOR], **values)


def record(written: WrittenBase, *verdicts: str) -> None:
    """A series of one monitor, from 1 May on."""
    days = ",".join(
        f'"2026-05-0{number}": {{"kept": {{"verdict": "{verdict}"}}}}'
        for number, verdict in enumerate(verdicts, 1)
    )
    folder = written.root / "projects/churn/01-a/results"
    folder.mkdir()
    (folder / "monitors.json").write_text(f'{{"kind": "monitors", "days": {{{days}}}}}', "utf-8")


def test_revert_retires_what_was_found_about_its_variant(written: WrittenBase) -> None:
    release(written, "reverted", revert=REVERT)
    states = finding_states(written.read())
    assert statuses(states) == [RETIRED, OPEN, OPEN]
    assert (states[FIRST].since, states[FIRST].reason) == (date(2026, 4, 20), "Complaints doubled.")


@pytest.mark.parametrize("verdict", ["refuted", "inconclusive"])
def test_revert_leaves_other_verdicts(written: WrittenBase, verdict: str) -> None:
    release(written, "reverted", [ANSWERS[0] | {"verdict": verdict}], revert=REVERT)
    assert statuses(finding_states(written.read())) == [OPEN, OPEN, OPEN]


@pytest.mark.parametrize(("variant", "status"), [("trees", RETIRED), ("logistic", OPEN)])
def test_earlier_revert_counts_unless_the_variant_is_released_again(
    written: WrittenBase, variant: str, status: FindingStatus
) -> None:
    earlier = [{"variant": variant, "phases": [{"share": 0.1}], "revert": REVERT}]
    release(written, "rolling_out", earlier=earlier)
    states = finding_states(written.read())
    assert states["churn/01-a#F2" if variant == "trees" else FIRST].status is status


def test_monitor_within_its_bounds_renews_what_was_found_about_the_released_variant(
    written: WrittenBase,
) -> None:
    release(written, "deployed")
    record(written, "fine", "fine", "regression", "uncertain", "too_few", "stale")
    held = [state.holds_as_of for state in finding_states(written.read()).values()]
    agreed = (date(2026, 3, 2), HoldsBy.AGREEMENT, "")
    assert held == [(date(2026, 5, 2), HoldsBy.MONITOR, ""), agreed, agreed]


def test_use_counts_findings_documents_and_decisions(written: WrittenBase) -> None:
    named = "It rests on 01-a#F1."
    decision = {"outcome": "deploy", "by": [{"role": "product"}], "on": "2026-03-03", "why": named}
    prose = "See [it](../01-a/report.md#F1), churn/01-a#F1x, x/#F1 and #F1."
    written.report("churn/01-a", {"F1": {}})
    written.report("churn/02-a", {"F1": {"evidence": named}, "F2": {}}, decision=decision)
    written.document("churn/03-a/proposal", "draft", prose=prose)
    written.document("wine/requirements", "draft", prose="As churn/01-a#F1 says; 01-a#F1 is none of ours.")
    use = finding_states(written.read())[FIRST].use
    assert use.findings == (SECOND,)
    assert use.documents == ("projects/churn/03-a/proposal.md", "projects/wine/requirements.md")
    assert use.decisions == (("churn/02-a", Outcome.DEPLOY, date(2026, 3, 3), True),)
    own = finding_states(written.read())["churn/02-a#F2"].use
    assert own.decisions == (("churn/02-a", Outcome.DEPLOY, date(2026, 3, 3), False),)
    assert (use.total, own.total) == (4, 1)


def test_joined_knowledge_bases_resolve_their_own_references(written: WrittenBase, tmp_path: Path) -> None:
    written.report("churn/01-a", {"F1": {}})
    other = WrittenBase(tmp_path / "other")
    other.report("churn/01-a", {"F1": {}})
    other.report("wine/01-a", {"F1": {"supports": ["churn/01-a#F1"]}})
    other.document("wine/requirements", "draft", prose="As churn/01-a#F1 says.")
    states = finding_states(joined(written.read(), [Member("teams/a", other.read())]))
    assert {key: state.status for key, state in states.items()} == {
        "churn/01-a#F1": OPEN,
        "teams/a/churn/01-a#F1": CONFIRMED,
        "teams/a/wine/01-a#F1": OPEN,
    }
    assert [state.use.total for state in states.values()] == [0, 2, 0]


def test_components_of_a_long_chain_and_of_circles() -> None:
    length = 20_000  # far deeper than recursion may go
    line = {str(number): [str(number + 1)] for number in range(length)}
    assert len(components(line)) == length
    assert components({"a": ["b"], "b": ["a", "c"], "c": ["c", "missing"]}) == [["a", "b"], ["c"]]
