"""`iterata lift --what-if`: the expected lift with other values, without writing anything."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from iterata.actions.lift import lift
from iterata.actions.what_if import what_if
from iterata.errors import IterataError
from iterata.stages import Status

if TYPE_CHECKING:
    from pathlib import Path

    from ...helpers.command_line import CommandLine
    from ...helpers.golden import Golden
    from ...helpers.knowledge_base import KnowledgeBase

PAGE = "churn/01-setup/assessment"
MINUS = "\N{MINUS SIGN}"


@pytest.fixture
def measured(base: KnowledgeBase) -> KnowledgeBase:
    """100 customers, of whom 10 leave; the 20 newest hold 4 of them."""
    base.grow("churn\n  requirements: approved\n  01-setup\n    assessment\n")
    leavers = {0, 3, 8, 15, 30, 41, 52, 63, 74, 85}
    rows = "".join(f"{100 - row},{row % 7},{int(row in leavers)}\n" for row in range(100))
    base.write("projects/churn/data/customers.csv", f"newness,visits,left\n{rows}")
    base.set(PAGE, "lift.resamples", 200)
    return base


@pytest.fixture
def assumed(base: KnowledgeBase) -> KnowledgeBase:
    """The same customers, described by assumptions instead of data."""
    base.grow("churn\n  requirements: approved\n  01-setup\n    assessment\n")
    base.set(PAGE, "lift.data", None)
    assumptions = {"base_rate": [0.05, 0.1, 0.2], "status_quo": {"capture": 0.4}, "draws": 1000}
    base.set(PAGE, "lift.assumptions", assumptions)
    base.set(PAGE, "lift.period", {"name": "month", "rows": 100})
    return base


def answer(base: KnowledgeBase, iterata: CommandLine, *changes: str) -> dict[str, Any]:
    """The JSON answer of a command that writes nothing, not even a lock."""
    before = base.files()
    options = [word for change in changes for word in ("--what-if", change)]
    done = iterata("lift", "churn/01", *options, "--format", "json").fine()
    assert base.files() == before
    assert not (base.root / ".iterata").exists()
    data: dict[str, Any] = json.loads(done.out)
    return data


def refusal(base: KnowledgeBase, iterata: CommandLine, *changes: str) -> str:
    """The one error message of a command that is refused."""
    before = base.files()
    options = [word for change in changes for word in ("--what-if", change)]
    done = iterata("lift", "churn/01", *options)
    assert (done.code, done.out) == (1, "")
    assert "Traceback" not in done.err
    assert done.err.count("error: ") == done.err.count("fix: ") == 1
    assert base.files() == before
    return done.err


class TestAnswer:
    def test_answer_has_the_results_before_and_after(
        self, measured: KnowledgeBase, iterata: CommandLine
    ) -> None:
        found = answer(measured, iterata, "kpi.budget=0.1")
        status_quo = [found[each]["scale"]["status_quo"]["value"] for each in ("before", "after")]
        assert status_quo == [4, 3]
        assert found["changes"] == [{"key": "kpi.budget", "before": 0.2, "after": 0.1}]

    def test_result_before_equals_what_the_command_writes(
        self, measured: KnowledgeBase, iterata: CommandLine
    ) -> None:
        before = answer(measured, iterata, "kpi.budget=0.1")["before"]
        written = json.loads(iterata("lift", "churn/01", "--format", "json").fine().out)
        for each in (before, written):
            del each["provenance"], each["spec_digest"]
        assert before == written

    def test_result_after_equals_what_the_command_writes_after_an_edit(
        self, measured: KnowledgeBase, iterata: CommandLine
    ) -> None:
        after = answer(measured, iterata, "kpi.budget=0.1", "seed=3")["after"]
        measured.set(PAGE, "lift.kpi.budget", 0.1)
        measured.set(PAGE, "lift.seed", 3)
        written = json.loads(iterata("lift", "churn/01", "--format", "json").fine().out)
        for each in (after, written):
            del each["provenance"], each["spec_digest"]
        assert after == written

    def test_assumed_capture_is_converted_to_another_budget(
        self, assumed: KnowledgeBase, iterata: CommandLine
    ) -> None:
        """The base rate is 10 %; 20 of 100 rows held 40 % of the positives."""
        found = answer(assumed, iterata, "kpi.budget=0.3")
        ends = [1 - 0.6 * 0.7 / 0.8, 0.6]
        assert [change["key"] for change in found["changes"]] == [
            "kpi.budget",
            "assumptions.status_quo.capture",
        ]
        assert found["changes"][1]["before"] == 0.4
        assert found["changes"][1]["after"] == pytest.approx([ends[0], sum(ends) / 2, ends[1]], rel=1e-3)
        assert found["after"]["scale"]["status_quo"]["value"] == pytest.approx(5 * sum(ends), rel=1e-3)
        assert found["note"]

    def test_capture_given_for_the_other_budget_is_taken_as_it_is(
        self, assumed: KnowledgeBase, iterata: CommandLine
    ) -> None:
        found = answer(assumed, iterata, "kpi.budget=0.3", "assumptions.status_quo.capture=0.5")
        assert found["after"]["scale"]["status_quo"]["value"] == 5
        assert (len(found["changes"]), found["note"]) == (2, "")

    def test_capture_that_the_smaller_budget_cannot_reach_is_converted_before_it_is_checked(
        self, assumed: KnowledgeBase, iterata: CommandLine
    ) -> None:
        assumed.set(PAGE, "lift.assumptions.base_rate", 0.2)
        assumed.set(PAGE, "lift.assumptions.status_quo.capture", 0.8)
        found = answer(assumed, iterata, "kpi.budget=0.05")
        assert found["changes"][1]["after"] == pytest.approx([0.2, 0.225, 0.25], rel=1e-3)

    def test_status_quo_of_data_is_measured_at_the_other_budget(
        self, measured: KnowledgeBase, iterata: CommandLine
    ) -> None:
        found = answer(measured, iterata, "kpi.budget=0.3")
        assert (len(found["changes"]), found["note"]) == (1, "")

    def test_text_shows_the_change_a_table_and_sentences(
        self, measured: KnowledgeBase, iterata: CommandLine
    ) -> None:
        options = ("--what-if", "kpi.budget=0.1", "--what-if", "project_cost=2")
        said = iterata("lift", "churn/01", *options).fine().out
        assert "kpi.budget is 0.1 instead of 0.2" in said
        rows = {
            line.split("|")[1].strip(): line.split("|")[2:-1] for line in said.splitlines() if "|" in line
        }
        assert [cell.strip().split(" ")[0] for cell in rows["status quo"]] == ["4.00", "3.00", f"{MINUS}1.00"]
        assert rows["position of the status quo"][2].strip() == f"{MINUS}2.8 points"
        assert rows["break-even"][0].strip() == ""
        assert rows["break-even"][1].strip() == "28.6 %"
        assert "**3.00 customers**" in said

    @pytest.mark.parametrize(
        ("change", "factor"),
        [
            ("period={name: year, rows: 1000}", 10),
            ("data.status_quo={rule: visits > 3}", None),
            ("lift.kpi.value_per_hit=2", 2),
        ],
    )  # fmt: skip
    def test_every_key_below_lift_can_change(
        self, measured: KnowledgeBase, iterata: CommandLine, change: str, factor: float | None
    ) -> None:
        found = answer(measured, iterata, change)
        before, after = (found[each]["scale"]["perfect"]["value"] for each in ("before", "after"))
        assert factor is None or after == factor * before

    def test_empty_value_removes_a_key(self, measured: KnowledgeBase, iterata: CommandLine) -> None:
        changes = ("data.status_quo.column=", "data.status_quo.constant=1")
        assert answer(measured, iterata, *changes)["after"]["risk"]["value"] == 0

    def test_assumptions_can_change(self, assumed: KnowledgeBase, iterata: CommandLine) -> None:
        changes = ("assumptions.base_rate=[0.1, 0.2]", "period.rows=1000")
        found = answer(assumed, iterata, *changes)
        figures = [found[each]["scale"]["perfect"]["value"] for each in ("before", "after")]
        assert figures == [10, 150]

    def test_change_is_blank_for_another_unit(self, measured: KnowledgeBase, iterata: CommandLine) -> None:
        said = iterata("lift", "churn/01", "--what-if", "kpi.unit=EUR").fine().out
        row = next(line for line in said.splitlines() if line.startswith("| status quo"))
        assert row.split("|")[4].strip() == ""

    def test_approved_assessment_is_accepted(self, measured: KnowledgeBase, iterata: CommandLine) -> None:
        measured.document(PAGE, Status.APPROVED)
        answer(measured, iterata, "kpi.budget=0.1")


INVALID = {
    "kpi.budgt=0.1": "`budget`",
    "perod.rows=3": "`period`",
    "period.rows=8000": "`name`",
    "kpi.budget=0": "kpi.budget",
    "kpi.budget=1.5": "kpi.budget",
    "kpi.budget=a fifth": "kpi.budget",
    "kpi.budget=.nan": "kpi.budget",
    "kpi.budget=": "kpi.budget",
    "kpi.kind=targetting": "`targeting`",
    "kpi.kind=ranking": "`measure`",
    "kpi=null": "kpi: ",
    "resamples=10": "resamples",
    "assumptions={base_rate: 0.1, status_quo: {capture: 0.3}}": "`data`",
    "data.source=../../../../etc/passwd": "data.source",
    "=3": "kpi.budget=0.3",
    "kpi..budget=3": "kpi.budget=0.3",
    "": "kpi.budget=0.3",
    "kpi.budget=[1": "YAML",
    "kpi.budget=!!python/name:os.system ''": "YAML",
    "kpi={a: &a [*a]}": "invalid value",
    "kpi=" + "[" * 3000: "invalid value",
    "seed={a: 1, a: 2}": "`a`",
}
"""Invalid changes, and what their messages name."""


class TestRefusals:
    @pytest.mark.parametrize("change", INVALID, ids=lambda change: change[:20])
    def test_invalid_change_is_refused(
        self, measured: KnowledgeBase, iterata: CommandLine, change: str
    ) -> None:
        error = refusal(measured, iterata, change)
        assert error.startswith("--what-if ")
        assert INVALID[change] in error.removeprefix(f"--what-if {change}")

    @pytest.mark.parametrize(
        ("name", "change"), [("no_value", "kpi.budget"), ("key_below_a_value", "kpi.budget.share=1")]
    )
    def test_message_reads_as_in_the_golden_file(
        self, measured: KnowledgeBase, iterata: CommandLine, golden: Golden, name: str, change: str
    ) -> None:
        golden.check(f"what_if_{name}", refusal(measured, iterata, change))

    def test_key_is_given_once(self, measured: KnowledgeBase, iterata: CommandLine) -> None:
        error = refusal(measured, iterata, "kpi.budget=1", "lift.kpi.budget=1")
        assert error.startswith("--what-if: error: kpi.budget ")

    def test_impossible_assumption_is_refused(self, assumed: KnowledgeBase, iterata: CommandLine) -> None:
        error = refusal(assumed, iterata, "assumptions.status_quo.capture=30")
        assert "assumptions.status_quo.capture" in error

    @pytest.mark.parametrize(
        ("change", "condition"),
        [
            ("kpi.budget=900", "if kpi.budget is 900 instead of 0.2: "),
            ("data.target=gone", "if data.target is gone instead of left: "),
            ("data.source=data/none.csv", "if data.source is data/none.csv instead of "),
            ("data.status_quo={rule: __import__('os')}", "if data.status_quo is "),
        ],
    )
    def test_error_of_the_data_names_the_change(
        self, measured: KnowledgeBase, iterata: CommandLine, change: str, condition: str
    ) -> None:
        assert condition in refusal(measured, iterata, change)

    def test_assessment_with_problems_is_refused_for_these(
        self, measured: KnowledgeBase, iterata: CommandLine
    ) -> None:
        measured.set(PAGE, "lift.kpi.budget", 7.5)
        error = refusal(measured, iterata, "kpi.budget=0.1")
        assert "DOC" in error
        assert "--what-if" not in error

    def test_control_characters_of_a_value_are_not_printed(
        self, measured: KnowledgeBase, iterata: CommandLine
    ) -> None:
        change = 'data.status_quo.label="\\e[31mred\\a"'
        assert "\x1b" not in iterata("lift", "churn/01", "--what-if", change).fine().out


KEYS = ["kpi", "budget", "data", "status_quo", "period", "rows", "assumptions", "base_rate", "draws"]
VALUES = ["0", "-1", "1e308", ".inf", "{}", "[]", "null", "true", "[1, 2]", "'x'", "*a", "&a b", "!x y", ": "]
CHANGES = st.builds(
    "{}={}".format, st.lists(st.sampled_from(KEYS), max_size=3).map(".".join), st.sampled_from(VALUES)
)


class TestAnyInput:
    @pytest.fixture
    def bounded(self, assumed: KnowledgeBase) -> tuple[Path, Any]:
        repository = assumed.repository
        return assumed.root, repository.find_iteration("churn/01")

    @given(st.one_of(st.text(max_size=30), CHANGES))
    @settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
    def test_any_text_is_answered_or_refused(self, bounded: tuple[Path, Any], text: str) -> None:
        root, folder = bounded
        try:
            found = what_if(root, folder, [text])
        except IterataError as error:
            assert all((error.message, error.remedy))  # noqa: PT017  # it may be right, too
        else:
            assert found.before.potential_lift.value == lift(root, folder).result.potential_lift.value


def test_installed_command_leaves_the_repository_clean(measured: KnowledgeBase, iterata: CommandLine) -> None:
    git = measured.in_git()
    done = iterata.in_subprocess("lift", "projects/churn/01-setup", "--what-if", "kpi.budget=0.1").fine()
    assert "| **potential lift**" in done.out
    assert git("status", "--porcelain", "--ignored").strip() == ""
    wrong = iterata.in_subprocess("lift", "projects/churn/01-setup", "--what-if", "kpi.budgt=0.1")
    assert (wrong.code, wrong.out) == (1, "")
    assert "`budget`" in wrong.err
