"""The log of decisions, and the pace of iterations."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from iterata.knowledge.decisions import DecisionKind, decisions
from iterata.knowledge.pace import NotDated, Pace, pace
from iterata.repository import config, history
from iterata.repository.history import Dates
from iterata.repository.log import Authorship
from iterata.stages import IterationKind, Outcome, Stage, Status

from ...helpers.git import Git
from ...helpers.written_base import WrittenBase

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def written(tmp_path: Path) -> WrittenBase:
    return WrittenBase(tmp_path)


def decided(outcome: str, on: str) -> dict[str, Any]:
    return {"outcome": outcome, "by": [{"role": "product"}, {"role": "sales"}], "on": on, "why": "It pays."}


def begin(written: WrittenBase, iteration: str, **values: Any) -> None:
    written.document(f"{iteration}/assessment", "approved", iteration={"kind": "algorithm", **values})


def test_decision_leads_to_the_iteration_that_follows(written: WrittenBase) -> None:
    written.report("churn/01-a", {}, decision=decided("iterate", "2026-03-04"))
    begin(written, "churn/02-a", follows="01-a")
    (entry,) = decisions(written.read())
    assert (entry.day, entry.kind, entry.outcome) == (
        date(2026, 3, 4),
        DecisionKind.REPORT,
        Outcome.ITERATE,
    )
    assert (entry.by, entry.why) == (("product", "sales"), "It pays.")
    assert [(led.path, led.status) for led in entry.led_to] == [
        ("projects/churn/02-a/assessment.md", Status.APPROVED)
    ]


def test_decision_to_stop_leads_to_nothing(written: WrittenBase) -> None:
    written.report("churn/01-a", {}, decision=decided("stop", "2026-03-04"))
    begin(written, "churn/02-a", follows="01-a")
    (entry,) = decisions(written.read())
    assert entry.led_to == ()


@pytest.mark.parametrize(("revised", "count"), [("2026-03-03", 0), ("2026-03-04", 1)])
def test_revision_of_the_requirements_follows_their_revisit(
    written: WrittenBase, revised: str, count: int
) -> None:
    revision = {"revision": 2, "on": revised, "reason": "The market changed."}
    written.document("churn/requirements", "approved", revision=2, revisions=[revision])
    written.report("churn/01-a", {}, decision=decided("revisit_requirements", "2026-03-04"))
    (entry,) = decisions(written.read())
    assert len(entry.led_to) == count


@pytest.mark.parametrize("explained", [True, False])
def test_release_logs_its_overrides_and_reverts(written: WrittenBase, *, explained: bool) -> None:
    lesson = {"post_mortem": {"why": "Letters arrived twice.", "findings": []}} if explained else {}
    written.report("churn/01-a", {}, decision=decided("deploy", "2026-03-04"), **lesson)
    override = {"by": "product", "on": "2026-04-08", "advice": "hold", "reason": "The season ends."}
    phases = [{"share": 0.1, "override": override}, {"share": 1.0}]
    earlier = {
        "variant": "old", "phases": phases, "revert": {"on": "2026-03-20", "why": "Worse."},
    }  # fmt: skip
    revert = {"on": "2026-04-20", "why": "Complaints."}
    written.document(
        "churn/01-a/deployment", "reverted", variant="new", phases=phases, revert=revert, earlier=[earlier]
    )
    log = decisions(written.read())
    assert [(entry.day and entry.day.isoformat(), entry.kind.value, entry.subject) for entry in log] == [
        ("2026-04-20", "revert", "new"),
        ("2026-04-08", "override", "new, 10 %"),
        ("2026-04-08", "override", "old, 10 %"),
        ("2026-03-20", "revert", "old"),
        ("2026-03-04", "report", ""),
    ]
    assert log[1].by == ("product",)
    assert [led.status for led in log[-1].led_to] == [Status.REVERTED]
    to_report = [("projects/churn/01-a/report.md", "Post-mortem in its report")]
    assert [(led.path, led.title) for led in log[0].led_to] == (to_report if explained else [])
    assert [(led.path, led.title) for led in log[3].led_to] == to_report  # another release followed it


def test_ended_work_and_other_verdicts_are_logged(written: WrittenBase) -> None:
    lesson = {"on": "2026-02-01", "why": "Too dear.", "findings": []}
    written.document("wine/requirements", "abandoned", abandoned=lesson)
    written.document(
        "churn/01-a/assessment", "approved", recommendation="no_go", problem_confirmed="No headroom.",
        approvals=[{"role": "product", "on": "2026-02-02"}],
    )  # fmt: skip
    answer = {"id": "H1", "verdict": "refuted", "interpretation": "No.", "override_reason": "A leak."}
    written.report("churn/02-a", {}, "2026-02-03", hypotheses=[answer])
    log = decisions(written.read())
    assert [(entry.kind, entry.why) for entry in log] == [
        (DecisionKind.VERDICT, "A leak."),
        (DecisionKind.NO_GO, "No headroom."),
        (DecisionKind.ABANDONED, "Too dear."),
    ]
    assert log[2].iteration is None


def test_decision_of_a_draft_is_provisional_and_a_day_may_be_missing(written: WrittenBase) -> None:
    written.report("churn/01-a", {}, status="draft", decision=decided("stop", "2026-03-04"))
    written.document("wine/requirements", "abandoned", abandoned={"why": "Too dear."})
    first, last = decisions(written.read())
    assert (first.is_provisional, last.is_provisional, last.day) == (True, False, None)


def paced(written: WrittenBase, begun: dict[str, str | None]) -> Pace:
    """The pace, if each document was committed on a day; None for one that is not committed."""

    def dates_of(path: str) -> Dates | None:
        day = begun.get(path.removeprefix("projects/").removesuffix(".md"), "")
        created = Authorship(day, "somebody") if day else None
        return None if day == "" else Dates(created, created, committed=day is not None, pending=False)

    return pace(written.read(), dates_of)


def iterate(written: WrittenBase, name: str, approved: str, **values: Any) -> dict[str, str | None]:
    """An iteration of two stages; return when its documents began."""
    begin(written, f"churn/{name}", **values)
    approvals = [{"role": "product", "on": "2026-03-05"}]
    written.document(
        f"churn/{name}/assessment", "approved", approvals=approvals,
        iteration={"kind": "algorithm", **values},
    )  # fmt: skip
    written.report(f"churn/{name}", {}, approved)
    return {f"churn/{name}/assessment": "2026-03-01", f"churn/{name}/report": "2026-03-06"}


def test_days_of_stages_and_iterations_with_their_medians(written: WrittenBase) -> None:
    begun = iterate(written, "01-a", "2026-03-11") | iterate(written, "02-a", "2026-03-09")
    found = paced(written, begun)
    (kind,) = found.kinds
    assert (kind.kind, kind.iterations, kind.total) == (IterationKind.ALGORITHM, (9, 2), 2)
    assert kind.stages == {Stage.ASSESSMENT: (4, 2), Stage.REPORT: (4, 2)}
    assert [span.days for span in found.spans] == [10, 8]
    assert found.not_dated == {}


def test_report_that_was_approved_again_ended_before_the_next_iteration(written: WrittenBase) -> None:
    begun = iterate(written, "01-a", "2026-06-30") | iterate(written, "02-a", "2026-03-20", follows="01-a")
    begun["churn/02-a/assessment"] = "2026-03-12"
    assert [span.days for span in paced(written, begun).spans] == [11, 8]


def test_why_a_stage_has_no_length(written: WrittenBase) -> None:
    begun = iterate(written, "01-a", "2026-03-11")
    begun["churn/01-a/assessment"] = None
    begin(written, "churn/02-a")
    begun["churn/02-a/assessment"] = "2026-03-01"
    written.document("churn/03-a/proposal", "draft")
    found = paced(written, begun)
    assert found.not_dated == {NotDated.UNCOMMITTED: 1, NotDated.NO_DAY: 1, NotDated.UNDER_WAY: 1}
    assert [span.days for span in found.spans] == [None, None, None]
    assert [entry.kind for entry in found.kinds] == [IterationKind.ALGORITHM, None]


def test_dates_of_a_real_history(written: WrittenBase) -> None:
    (written.root / "mkdocs.yml").write_text("site_name: Ours\nplugins: [iterata]\n", "utf-8")
    git = Git(written.root)
    iterate(written, "01-a", "2026-03-11")
    git.commit("the first iteration")
    iterate(written, "02-a", "2026-03-11")
    past = history.read(config.load(written.root))
    assert past is not None
    found = pace(written.read(), past.of)
    assert found.not_dated == {NotDated.UNCOMMITTED: 2}
    assert found.spans[0].stages[0].began is not None
