"""Asking what would be if the assessment said something else, without writing it."""

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
    """The same without data."""
    base.grow("churn\n  requirements: approved\n  01-setup\n    assessment\n")
    base.set(PAGE, "lift.data", None)
    guesses = {"base_rate": [0.05, 0.1, 0.2], "status_quo": {"capture": 0.4}, "draws": 1000}
    base.set(PAGE, "lift.assumptions", guesses)
    base.set(PAGE, "lift.period", {"name": "month", "rows": 100})
    return base


def tried(base: KnowledgeBase, iterata: CommandLine, *changes: str) -> dict[str, Any]:
    """The answer for programs; and nothing is written, not even a lock."""
    before = base.files()
    options = [word for change in changes for word in ("--what-if", change)]
    done = iterata("lift", "churn/01", *options, "--format", "json").fine()
    assert done.err == "nothing was written\n"
    assert base.files() == before
    assert not (base.root / ".iterata").exists()
    answer: dict[str, Any] = json.loads(done.out)
    return answer


def refusal(base: KnowledgeBase, iterata: CommandLine, *changes: str) -> str:
    """What is said against it, in one message."""
    before = base.files()
    options = [word for change in changes for word in ("--what-if", change)]
    done = iterata("lift", "churn/01", *options)
    assert (done.code, done.out) == (1, "")
    assert "Traceback" not in done.err
    assert done.err.count("error: ") == done.err.count("fix: ") == 1
    assert base.files() == before
    return done.err


class TestTheAnswer:
    def test_both_results_stand_side_by_side(self, measured: KnowledgeBase, iterata: CommandLine) -> None:
        found = tried(measured, iterata, "kpi.budget=0.1")
        quo = [found[each]["scale"]["status_quo"]["value"] for each in ("before", "after")]
        assert quo == [4, 3]
        assert found["changes"] == [{"key": "kpi.budget", "before": 0.2, "after": 0.1}]

    def test_before_is_what_the_command_would_write(
        self, measured: KnowledgeBase, iterata: CommandLine
    ) -> None:
        before = tried(measured, iterata, "kpi.budget=0.1")["before"]
        written = json.loads(iterata("lift", "churn/01", "--format", "json").fine().out)
        for each in (before, written):
            del each["provenance"], each["spec_digest"]
        assert before == written

    def test_after_is_what_it_would_write_then(self, measured: KnowledgeBase, iterata: CommandLine) -> None:
        after = tried(measured, iterata, "kpi.budget=0.1", "seed=3")["after"]
        measured.set(PAGE, "lift.kpi.budget", 0.1)
        measured.set(PAGE, "lift.seed", 3)
        written = json.loads(iterata("lift", "churn/01", "--format", "json").fine().out)
        for each in (after, written):
            del each["provenance"], each["spec_digest"]
        assert after == written

    def test_people_get_the_change_a_table_and_the_sentences(
        self, measured: KnowledgeBase, iterata: CommandLine
    ) -> None:
        options = ("--what-if", "kpi.budget=0.1", "--what-if", "project_cost=2")
        said = iterata("lift", "churn/01", *options).fine().out
        assert said.startswith("What if kpi.budget is 0.1 instead of 0.2, and project_cost is 2 instead of ")
        rows = {
            line.split("|")[1].strip(): line.split("|")[2:-1] for line in said.splitlines() if "|" in line
        }
        assert [cell.strip().split(" ")[0] for cell in rows["status quo"]] == ["4.00", "3.00", f"{MINUS}1.00"]
        assert rows["position of the status quo"][2].strip() == f"{MINUS}2.8 points"
        assert rows["break-even"][0].strip() == ""
        assert rows["break-even"][1].strip() == "28.6 %"
        assert "reaches **3.00 customers** over the 100 rows" in said

    @pytest.mark.parametrize(
        ("change", "moved"),
        [
            ("period={name: year, rows: 1000}", 10),
            ("data.status_quo={rule: visits > 3}", None),
            ("lift.kpi.value_per_hit=2", 2),
        ],
    )  # fmt: skip
    def test_any_key_below_lift_may_change(
        self, measured: KnowledgeBase, iterata: CommandLine, change: str, moved: float | None
    ) -> None:
        found = tried(measured, iterata, change)
        before, after = (found[each]["scale"]["perfect"]["value"] for each in ("before", "after"))
        assert moved is None or after == moved * before

    def test_a_key_is_taken_away_by_setting_it_to_nothing(
        self, measured: KnowledgeBase, iterata: CommandLine
    ) -> None:
        changes = ("data.status_quo.column=", "data.status_quo.constant=1")
        assert tried(measured, iterata, *changes)["after"]["risk"]["value"] == 0

    def test_assumptions_may_be_tried_too(self, assumed: KnowledgeBase, iterata: CommandLine) -> None:
        changes = ("assumptions.base_rate=[0.1, 0.2]", "period.rows=1000")
        found = tried(assumed, iterata, *changes)
        figures = [found[each]["scale"]["perfect"]["value"] for each in ("before", "after")]
        assert figures == [10, 150]

    def test_another_unit_is_not_subtracted(self, measured: KnowledgeBase, iterata: CommandLine) -> None:
        said = iterata("lift", "churn/01", "--what-if", "kpi.unit=EUR").fine().out
        row = next(line for line in said.splitlines() if line.startswith("| status quo"))
        assert row.split("|")[4].strip() == ""
        assert "customers kept (customers), then customers kept (EUR)" in said

    def test_an_approved_assessment_may_be_asked_too(
        self, measured: KnowledgeBase, iterata: CommandLine
    ) -> None:
        measured.document(PAGE, Status.APPROVED)
        tried(measured, iterata, "kpi.budget=0.1")


class TestMistakes:
    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ("kpi.budgt=0.1", "kpi: unknown key `budgt`\n  fix: did you mean `budget`?"),
            ("perod.rows=3", "unknown key `perod`\n  fix: did you mean `period`?"),
            ("period.rows=8000", "period: `name` is missing"),
            ("kpi.budget.share=1", "kpi.budget is a value, so it has no keys below it"),
            ("kpi.budget=0", "kpi.budget: must be more than 0, not `0`"),
            ("kpi.budget=1.5", "must be a share up to 1, such as 0.2"),
            ("kpi.budget=a fifth", "kpi.budget: must be a number, not `a fifth`"),
            ("kpi.budget=.nan", "kpi.budget: must be"),
            ("kpi.budget=", "kpi.budget: must be a number, not empty"),
            ("kpi.kind=targetting", "did you mean `targeting`?"),
            ("kpi.kind=ranking", "kpi: `measure` is missing; kpi: `k` is missing"),
            ("kpi=null", "kpi: must be a block of keys"),
            ("resamples=10", "resamples: must be at least 200"),
            ("assumptions={base_rate: 0.1, status_quo: {capture: 0.3}}", "either `data` or `assumptions`"),
            ("kpi.budget", "is not a key with a value"),
            ("=3", "is not a key with a value"),
            ("kpi..budget=3", "is not a key with a value"),
            ("", "is not a key with a value"),
            ("kpi.budget=[1", "the value is invalid"),
            ("kpi.budget=!!python/name:os.system ''", "the value is invalid"),
            ("kpi={a: &a [*a]}", "the value is invalid"),
            ("kpi=" + "[" * 3000, "the value is invalid"),
            ("seed={a: 1, a: 2}", "the value is invalid"),
        ],
    )
    def test_it_is_the_change_that_is_wrong(
        self, measured: KnowledgeBase, iterata: CommandLine, change: str, said: str
    ) -> None:
        error = refusal(measured, iterata, change)
        assert error.startswith("--what-if ")
        assert said in error

    def test_a_key_stands_once(self, measured: KnowledgeBase, iterata: CommandLine) -> None:
        assert "kpi.budget is given twice" in refusal(measured, iterata, "kpi.budget=1", "lift.kpi.budget=1")

    def test_assumptions_that_cannot_be_are_refused(
        self, assumed: KnowledgeBase, iterata: CommandLine
    ) -> None:
        error = refusal(assumed, iterata, "assumptions.status_quo.capture=30")
        assert "must be a share from 0 to 1, not 30: did you mean 0.3?" in error

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ("kpi.budget=900", "if kpi.budget is 900 instead of 0.2: the budget of 900 is more than the 100"),
            ("data.target=gone", "if data.target is gone instead of left: there is no column gone"),
            ("data.source=data/none.csv", "the data file does not exist"),
            ("data.source=../../../../etc/passwd", "must be a relative path"),
            ("data.status_quo={rule: __import__('os')}", "if data.status_quo is "),
        ],
    )
    def test_what_the_data_refuse_is_put_down_to_the_change(
        self, measured: KnowledgeBase, iterata: CommandLine, change: str, said: str
    ) -> None:
        assert said in refusal(measured, iterata, change)

    def test_an_assessment_with_problems_of_its_own_is_told_of_those(
        self, measured: KnowledgeBase, iterata: CommandLine
    ) -> None:
        measured.set(PAGE, "lift.kpi.budget", 7.5)
        error = refusal(measured, iterata, "kpi.budget=0.1")
        assert "the document has problems" in error
        assert "--what-if" not in error

    def test_the_terminal_obeys_nothing_that_stands_in_a_value(
        self, measured: KnowledgeBase, iterata: CommandLine
    ) -> None:
        change = 'data.status_quo.label="\\e[31mred\\a"'
        assert "\x1b" not in iterata("lift", "churn/01", "--what-if", change).fine().out


KEYS = ["kpi", "budget", "data", "status_quo", "period", "rows", "assumptions", "base_rate", "draws"]
VALUES = ["0", "-1", "1e308", ".inf", "{}", "[]", "null", "true", "[1, 2]", "'x'", "*a", "&a b", "!x y", ": "]
CHANGES = st.builds(
    "{}={}".format, st.lists(st.sampled_from(KEYS), max_size=3).map(".".join), st.sampled_from(VALUES)
)


class TestWhateverIsTyped:
    @pytest.fixture
    def bounded(self, assumed: KnowledgeBase) -> tuple[Path, Any]:
        repository = assumed.repository
        return assumed.root, repository.find_iteration("churn/01")

    @given(st.one_of(st.text(max_size=30), CHANGES))
    @settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
    def test_it_is_answered_or_refused_in_words(self, bounded: tuple[Path, Any], text: str) -> None:
        root, folder = bounded
        try:
            found = what_if(root, folder, [text])
        except IterataError as error:
            assert all((error.message, error.remedy))  # noqa: PT017  # it may be right, too
        else:
            assert found.before.potential_lift.value == lift(root, folder).result.potential_lift.value


def test_the_installed_command_leaves_a_fresh_repository_clean(
    measured: KnowledgeBase, iterata: CommandLine
) -> None:
    git = measured.in_git()
    done = iterata.really("lift", "projects/churn/01-setup", "--what-if", "kpi.budget=0.1").fine()
    assert "| **potential lift**" in done.out
    assert done.err == "nothing was written\n"
    assert git("status", "--porcelain", "--ignored").strip() == ""
    wrong = iterata.really("lift", "projects/churn/01-setup", "--what-if", "kpi.budgt=0.1")
    assert (wrong.code, wrong.out) == (1, "")
    assert "did you mean `budget`?" in wrong.err
