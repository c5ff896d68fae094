"""`iterata monitor --record`, `--replay` and `--export`, from the documents to the files."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from .test_monitor import ELSEWHERE, KEPT, watching

if TYPE_CHECKING:
    from ..helpers.command_line import CommandLine
    from ..helpers.golden import Golden
    from ..helpers.knowledge_base import KnowledgeBase

FOLDER = "projects/churn/01-setup/results"
SERIES = f"{FOLDER}/monitors.json"
DATA = "projects/churn/data/calls.csv"
TODAY = date(2026, 11, 23)


def rows(days: int = 60, last: date = TODAY, kept: int = 3) -> str:
    """A hundred calls a day; of each ten of them, about `kept` succeeded."""
    lines = (
        f"{last - timedelta(ago)},100,{10 * kept + (1, -1, 0)[ago % 3]}\n" for ago in reversed(range(days))
    )
    return "day,called,kept\n" + "".join(lines)


@pytest.fixture
def today(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Set the day of the command."""

    def today(day: date) -> None:
        monkeypatch.setattr("iterata_cli.commands.monitor.today", lambda: day)

    today(TODAY)
    return today


@pytest.fixture
def churn(base: KnowledgeBase, today: Any) -> KnowledgeBase:
    del today
    base.grow("churn\n  requirements: approved\n  01-setup\n    deployment: rolling_out\n")
    watching(base, KEPT | {"last_days": 14, "min_rows": 7}, ELSEWHERE)
    base.write(DATA, rows())
    return base


def days(churn: KnowledgeBase) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(churn.read(SERIES))["days"]
    return found


def test_record_adds_a_line_a_day_and_is_idempotent(
    churn: KnowledgeBase, iterata: CommandLine, today: Any
) -> None:
    iterata("monitor", "--record").fine()
    first = churn.files()
    assert days(churn)["2026-11-23"]["kept"]["verdict"] == "fine"
    assert list(days(churn)["2026-11-23"]) == ["kept"], "what is watched elsewhere has no value"
    iterata("monitor", "--record").fine()
    assert churn.files() == first
    today(TODAY + timedelta(1))
    churn.write(DATA, rows(kept=1))
    assert iterata("monitor", "--record").code == 1
    assert list(days(churn)) == ["2026-11-24", "2026-11-23"]
    assert days(churn)["2026-11-24"]["kept"]["verdict"] == "regression"
    churn.write(DATA, rows())
    iterata("monitor", "--record").fine()
    assert days(churn)["2026-11-24"]["kept"]["verdict"] == "fine", "the last record of a day counts"


def test_a_source_that_is_down_is_a_gap_with_its_reason(churn: KnowledgeBase, iterata: CommandLine) -> None:
    down = {
        "name": "down", "source": "the warehouse", "query": "SELECT 1 AS x", "database": "NO_SUCH_DATABASE",
        "measure": "mean", "of": "x", "lower": 0,
    }  # fmt: skip
    watching(churn, down, KEPT | {"name": "no file", "source": "data/cals.csv"}, KEPT)
    assert iterata("monitor", "--record").code == 1
    entries = days(churn)["2026-11-23"]
    assert {name: entry["verdict"] for name, entry in entries.items()} == {
        "down": "unknown", "no file": "unknown", "kept": "fine"
    }  # fmt: skip
    for name in ("down", "no file"):
        assert entries[name]["reason"]
        assert "value" not in entries[name]


def test_a_query_is_read_as_a_file(churn: KnowledgeBase, iterata: CommandLine) -> None:
    pytest.importorskip("duckdb")
    query = {"source": "the call centre", "query": "SELECT * FROM 'data/calls.csv' WHERE called > 0"}
    plain = KEPT | {"last_days": 14, "min_rows": 7}
    watching(churn, plain, plain | query | {"name": "queried"})
    parsed = json.loads(iterata("monitor", "--format", "json").fine().out)
    one, other = parsed["monitors"]
    same = ("figure", "interval", "rows", "newest", "verdict")
    assert [one[key] for key in same] == [other[key] for key in same]
    assert other["source"] == "the call centre"


def test_check_accepts_the_series_and_reports_a_damaged_one(
    churn: KnowledgeBase, iterata: CommandLine
) -> None:
    iterata("monitor", "--record").fine()
    assert "RES" not in iterata("check").out
    churn.write(SERIES, churn.read(SERIES).replace("fine", "good"))
    assert "RES040" in iterata("check").out
    iterata("monitor", "--record").fine()
    assert "RES040" not in iterata("check").out


def test_a_clock_that_was_wrong_is_told(churn: KnowledgeBase, iterata: CommandLine, today: Any) -> None:
    today(TODAY + timedelta(1))
    iterata("monitor", "--record").fine()
    before = churn.read(SERIES)
    today(TODAY)
    typed = iterata("monitor", "--record")
    assert typed.code == 1
    assert "2026-11-24" in typed.err
    assert churn.read(SERIES) == before


def test_monitors_of_one_name_cannot_be_recorded(churn: KnowledgeBase, iterata: CommandLine) -> None:
    watching(churn, KEPT, KEPT)
    iterata("monitor").fine()
    assert iterata("monitor", "--record").code == 1
    assert SERIES not in churn.files()


def test_branches_that_recorded_different_days_merge(
    churn: KnowledgeBase, iterata: CommandLine, today: Any
) -> None:
    iterata("monitor", "--record").fine()
    git = churn.in_git()
    for branch, ahead in (("one", 1), ("two", 2)):
        git("checkout", "-q", "-b", branch, "main")
        today(TODAY + timedelta(ahead))
        iterata("monitor", "--record").fine()
        git("commit", "-q", "-am", branch)
    git("merge", "-q", "--no-edit", "one")
    assert set(days(churn)) == {"2026-11-23", "2026-11-24", "2026-11-25"}
    assert "RES040" not in iterata("check").out
    iterata("monitor", "--record").fine()
    assert list(days(churn)) == ["2026-11-25", "2026-11-24", "2026-11-23"]


def test_branches_that_recorded_the_same_day_are_told_and_repaired(
    churn: KnowledgeBase, iterata: CommandLine, today: Any
) -> None:
    iterata("monitor", "--record").fine()
    git = churn.in_git()
    for branch, kept in (("one", 3), ("two", 4)):
        git("checkout", "-q", "-b", branch, "main")
        today(TODAY + timedelta(1))
        churn.write(DATA, rows(kept=kept))
        iterata("monitor", "--record").fine()
        git("commit", "-q", "-m", branch, SERIES)
        churn.write(DATA, rows())
    git("merge", "-q", "--no-edit", "one")
    assert "RES040" in iterata("check").out
    iterata("monitor", "--record").fine()
    assert "RES040" not in iterata("check").out
    assert list(days(churn)) == ["2026-11-24", "2026-11-23"]


# Replays


def test_replay_in_text_and_json(churn: KnowledgeBase, iterata: CommandLine, golden: Golden) -> None:
    watching(churn, KEPT | {"last_days": 14, "lower": 0.28}, KEPT | {"name": "last", "measure": "last",
             "per": None, "last_days": None}, ELSEWHERE)  # fmt: skip
    typed = iterata("monitor", "--replay", "--drop", "20%").fine()
    golden.check("replay", typed.out.rstrip("\n"))
    assert "last" in typed.err
    parsed = json.loads(iterata("monitor", "--replay", "--drop", "0.2", "--format", "json").fine().out)
    one, last = parsed["monitors"]
    assert last["replay"] is None
    assert (one["replay"]["days"], one["replay"]["fired"]) == (60, 0)
    assert one["replay"]["detection"]["change"] == -0.2
    assert one["replay"]["detection"]["found"] == one["replay"]["detection"]["tried"]


def test_replay_of_a_source_that_is_down_exits_with_1(churn: KnowledgeBase, iterata: CommandLine) -> None:
    watching(churn, KEPT | {"source": "data/cals.csv"}, KEPT | {"name": "kept too"})
    typed = iterata("monitor", "--replay")
    assert typed.code == 1
    assert "kept too" in typed.out


@pytest.mark.parametrize(
    "options",
    [("--drop", "ten"), ("--drop", "0"), ("--drop", "200%"), ("--drop", "nan"), ("--record", "--replay"),
     ("--export", "argo", "--record"), ("--export", "grafana")],
    ids=" ".join,
)  # fmt: skip
def test_wrong_options_are_wrong_usage(
    churn: KnowledgeBase, iterata: CommandLine, options: tuple[str, ...]
) -> None:
    before = churn.files()
    assert iterata("monitor", *options).code == 2
    assert churn.files() == before


# Exports


def test_export_prints_yaml_and_writes_nothing(churn: KnowledgeBase, iterata: CommandLine) -> None:
    before = churn.files()
    (group,) = yaml.safe_load(iterata("monitor", "--export", "prometheus").fine().out)["groups"]
    assert {rule["labels"]["monitor"] for rule in group["rules"]} == {"kept"}
    assert group["rules"][0]["annotations"]["page"] == "projects/churn/01-setup/deployment.md"
    template = yaml.safe_load(iterata("monitor", "churn/01", "--export", "argo").fine().out)
    assert template["metadata"]["name"] == "churn-01-setup"
    assert "iterata_monitor_value" in iterata("monitor", "--format", "prometheus").fine().out
    watching(churn, ELSEWHERE)
    assert iterata("monitor", "--export", "argo").code == 1
    assert churn.files().keys() == before.keys()
