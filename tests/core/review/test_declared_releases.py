"""What a release has declared: what stays while it is rolling out, and what an amendment may change."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

import pytest

from iterata.actions.move import move
from iterata.actions.release_steps import StepOptions
from iterata.review.changes import Change
from iterata.review.releases.changes import check_release
from iterata.stages import Status

from ...helpers.knowledge_base import KnowledgeBase
from ...helpers.releases import DEPLOYMENT, planned_release, result_of

if TYPE_CHECKING:
    from iterata.lifecycle.context import DocumentContext

PAGE = f"projects/{DEPLOYMENT}.md"
LAST_PHASE = "- {share: 1}"


class Release(NamedTuple):
    """A release whose second phase is going on."""

    base: KnowledgeBase
    before: DocumentContext
    text: str

    def problems(self, *edits: tuple[str, str], before: DocumentContext | None = None) -> list[str]:
        """The fields of what is refused after edits of the document."""
        text = self.text
        for old, new in edits:
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        self.base.write(PAGE, text)
        found = list(check_release(Change(before or self.before, self.base.context(DEPLOYMENT))))
        assert {problem.code for problem in found} <= {"MOVE007"}
        return [problem.field for problem in found]

    def after(self, *edits: tuple[str, str]) -> DocumentContext:
        """The document after edits."""
        self.problems(*edits)
        return self.base.context(DEPLOYMENT)


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    base = planned_release(KnowledgeBase(tmp_path_factory.mktemp("release") / "base"))
    move(base.context(DEPLOYMENT), Status.ROLLING_OUT, (), date(2026, 6, 1), base.root)
    result_of(base, 0.1)
    step = StepOptions(phase=0.25)
    move(base.context(DEPLOYMENT), Status.ROLLING_OUT, (), date(2026, 6, 8), base.root, step)
    return Release(base, base.context(DEPLOYMENT), base.read(PAGE))


def amended(on: str = "2026-06-09") -> tuple[str, str]:
    """An amendment, before the monitors."""
    reason = f"amendments: [{{on: {on}, what: The rows, why: A column was renamed.}}]"
    return "\nmonitors:", f"\n{reason}\nmonitors:"


def holdout(size: float) -> tuple[str, str]:
    return "\nmonitors:", f"\nholdout: {size}\nmonitors:"


AMENDABLE = {
    "phases[2].hold": (LAST_PHASE, "- {share: 1, hold: {days: 14, approval: product}}"),
    "split_test.arm.treatment": ("treatment: model}", "treatment: [model, Model]}"),
    "split_test.arm.column": ("{column: arm,", "{column: group,"),
    "split_test.metrics.customers kept.of": ("{of: kept}", "{of: kept * 2}"),
    "split_test.metrics.customers kept.before": ("{of: kept}", "{of: kept, before: was}"),
    "split_test.metrics.calls to the elderly.worth": ("{of: elderly,", "{of: elderly, worth: 2,"),
    "split_test.source": ("source: data/release.csv", "source: data/other.csv"),
    "split_test.unit_id": ("  date: day", "  date: day\n  unit_id: customer"),
    "holdout": holdout(0.1),
    "monitors[0]": ("lower: 10", "lower: 9"),
    "monitors": ("name: calls a day", "name: calls"),
}

FIXED = {
    "variant": ("variant: logistic", "variant: boosted"),
    "alpha": ("\nmonitors:", "\nalpha: 0.3\nmonitors:"),
    "on": ("\nmonitors:", "\non: {guardrail: hold}\nmonitors:"),
    "split_test.metrics.customers kept.worth": ("{of: kept}", "{of: kept, worth: 2}"),
    "split_test.metrics.customers kept.better": ("{of: kept}", "{of: kept, better: lower}"),
    "split_test.metrics.calls to the elderly.margin": ("margin: 0.01", "margin: 0.5"),
    "split_test.arm.control": ("control: today", "control: yesterday"),
    "phases": (f"  {LAST_PHASE}\n", ""),
    "phases[2]": (LAST_PHASE, f"- {{share: 0.4}}\n  {LAST_PHASE}"),
    "phases[2].hold": (LAST_PHASE, "- {share: 1, hold: {days: 1}}"),
    "phases[2].requires": (LAST_PHASE, "- {share: 1, requires: gain}"),
    "phases[1].hold": ("approval: product\n", "units: 9\n"),
}


@pytest.mark.parametrize(("field", "edit"), AMENDABLE.items(), ids=AMENDABLE)
def test_rows_and_monitors_are_changed_by_an_amendment(
    release: Release, field: str, edit: tuple[str, str]
) -> None:
    assert release.problems(edit) == [field]
    if edit[0] != "\nmonitors:":
        assert release.problems(amended(), edit) == []
        assert release.problems(amended("2026-06-01"), edit) == [field]  # before the present phase


@pytest.mark.parametrize(("field", "edit"), FIXED.items(), ids=FIXED)
def test_what_must_be_shown_is_changed_by_nothing(
    release: Release, field: str, edit: tuple[str, str]
) -> None:
    assert field in release.problems(edit)
    if edit[0] != "\nmonitors:":
        assert field in release.problems(amended(), edit)


def test_a_phase_that_had_begun_and_is_gone_is_one_problem(release: Release) -> None:
    (line,) = (line for line in release.text.splitlines() if "share: 0.1," in line)
    assert release.problems((f"{line}\n", "")) == ["phases"]
    assert release.problems((line, f"  - {{share: 0.05}}\n{line}")) == ["phases[0]"]


def test_the_fix_of_a_changed_day_names_the_day(release: Release) -> None:
    release.base.write(PAGE, release.text.replace("ended: 2026-06-08", "ended: 2026-06-07"))
    (problem,) = check_release(Change(release.before, release.base.context(DEPLOYMENT)))
    assert "write `ended: 2026-06-08`" in problem.remedy


def test_an_amendment_stays_and_is_used_once(release: Release) -> None:
    first = release.after(amended(), ("lower: 10", "lower: 9"))
    assert release.problems(amended(), ("lower: 10", "lower: 8"), before=first) == ["monitors[0]"]
    assert release.problems(("lower: 10", "lower: 9"), before=first) == ["amendments"]


def test_monitors_and_metrics_may_be_added(release: Release) -> None:
    monitor = "monitors: [{name: complaints, source: mails of customers, upper: 9}, "
    metric = "calls to the elderly: {of: elderly, margin: 0.01}"
    assert release.problems(("monitors: [", monitor), (metric, f"{metric}\n    calls: {{of: calls}}")) == []


def test_the_phase_of_everybody_may_be_added_with_a_reason(release: Release) -> None:
    shorter = release.after((f"  {LAST_PHASE}\n", ""))
    assert release.problems(before=shorter) == ["phases[2]"]
    assert release.problems(amended(), before=shorter) == []


def test_a_reverted_release_may_change_its_monitors(release: Release) -> None:
    reverted = ("status: rolling_out", "status: reverted\nrevert: {on: 2026-06-10, why: Complaints.}")
    assert release.problems(reverted, ("lower: 10", "lower: 9")) == []


def test_a_look_that_decided_nothing_is_not_taken_again_as_the_first(release: Release) -> None:
    release.base.write(PAGE, release.text)
    path = result_of(release.base, 0.25, "hold", approval="product")
    text = release.base.read(path)
    units = json.loads(text)["hold"]["units"]

    def codes(undecided_at: int | None, more: int = 0) -> list[str]:
        data = json.loads(text)
        data["hold"]["units"] += more
        release.base.write(path, json.dumps({**data, "undecided_at": undecided_at}))
        return release.problems(before=before)

    release.base.write(path, json.dumps({**json.loads(text), "undecided_at": units}))
    before = release.base.context(DEPLOYMENT)
    assert before.iteration is not None
    assert before.iteration.readable_rollout_result() is not None
    assert codes(units) == codes(units, more=units) == codes(None) == []
    assert codes(None, more=units) == ["undecided_at"]
    (release.base.root / path).unlink()
    assert release.problems(before=before) == ["undecided_at"]
