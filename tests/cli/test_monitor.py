"""`iterata monitor`: every problem exits with 1, and is reported with its place."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from iterata.stages import Status

from ..helpers.git import Git

if TYPE_CHECKING:
    from ..helpers.command_line import CommandLine, CommandResult
    from ..helpers.knowledge_base import KnowledgeBase

PAGE = "projects/churn/01-setup/deployment.md"
DATA = "projects/churn/data/calls.csv"
ELSEWHERE = {"name": "calls a day", "source": "the call centre's dashboard", "lower": 10}
KEPT = {
    "name": "kept", "source": "data/calls.csv", "measure": "ratio", "of": "kept", "per": "called",
    "date": "day", "last_days": 3, "min_rows": 3, "lower": 0.2,
}  # fmt: skip


def day(ago: int) -> str:
    return (datetime.now(UTC) - timedelta(days=ago)).date().isoformat()


def rows(kept: int, newest: int = 0) -> str:
    """Ten days with ten calls each; in the last five days, `kept` of them succeeded."""
    lines = (f"{day(newest + ago)},10,{kept if ago < 5 else 0}\n" for ago in reversed(range(10)))
    return "day,called,kept\n" + "".join(lines)


@pytest.fixture
def churn(base: KnowledgeBase) -> KnowledgeBase:
    """A deployment that is rolling out, with one monitor that is fine and one watched elsewhere."""
    base.grow("churn\n  requirements: approved\n  01-setup\n    deployment: rolling_out\n")
    watching(base, KEPT, ELSEWHERE)
    base.write(DATA, rows(kept=3))
    return base


def watching(base: KnowledgeBase, *monitors: dict[str, Any], iteration: str = "01-setup") -> None:
    base.set(f"churn/{iteration}/deployment", "monitors", list(monitors))


def table(typed: CommandResult) -> list[list[str]]:
    """The cells of the printed table."""
    return [re.split(r" {2,}", line) for line in typed.out.split("\n\n")[0].strip().splitlines()]


def verdicts(iterata: CommandLine, *words: str) -> dict[str, str]:
    return {monitor["name"]: monitor["verdict"] for monitor in report(iterata, *words)["monitors"]}


def report(iterata: CommandLine, *words: str) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(iterata("monitor", *words, "--format", "json").out)
    return parsed


# Verdicts


def test_fine_monitors_are_listed_and_exit_with_0(churn: KnowledgeBase, iterata: CommandLine) -> None:
    typed = iterata("monitor").fine()
    assert table(typed) == [
        ["iteration", "monitor", "verdict", "figure", "interval", "bounds", "rows", "newest", "source"],
        ["churn/01-setup", "kept", "fine", "0.3", "0.3 to 0.3", "at least 0.2", "3", day(0),
         "data/calls.csv"],
        ["churn/01-setup", "calls a day", "watched elsewhere", "-", "-", "at least 10", "-", "-",
         "the call centre's dashboard"],
    ]  # fmt: skip
    assert typed.err.endswith("Z monitor: 2 monitors: 1 fine, 1 watched elsewhere\n")


def test_a_regression_exits_with_1_and_is_located_at_its_bound(
    churn: KnowledgeBase, iterata: CommandLine
) -> None:
    churn.write(DATA, rows(kept=1))
    typed = iterata("monitor")
    assert typed.code == 1
    assert table(typed)[1][2:4] == ["regression", "0.1"]
    assert "monitors[0].lower: kept: 0.1 is below 0.2" in typed.out
    assert f"iterata move {PAGE} reverted" in typed.out
    assert "1 regression" in typed.err


def test_only_the_last_days_are_used(churn: KnowledgeBase, iterata: CommandLine) -> None:
    strict = KEPT | {"lower": 0.29, "looks_per_year": 1}
    watching(churn, strict)
    assert verdicts(iterata) == {"kept": "fine"}
    watching(churn, strict | {"last_days": 10})
    assert verdicts(iterata) == {"kept": "regression"}, "the five days before it were bad"


def test_old_data_are_stale(churn: KnowledgeBase, iterata: CommandLine) -> None:
    churn.write(DATA, rows(kept=9, newest=4))
    typed = iterata("monitor")
    assert typed.code == 1
    assert table(typed)[1][2:4] == ["stale", "0.9"]
    assert f"monitors[0].last_days: kept: the newest row is 4 days old ({day(4)})" in typed.out
    watching(churn, KEPT | {"max_age": 5})
    iterata("monitor").fine()


def test_a_monitor_watched_elsewhere_is_not_fine(churn: KnowledgeBase, iterata: CommandLine) -> None:
    watching(churn, ELSEWHERE)
    assert iterata("monitor").fine().err.endswith("Z monitor: 1 monitor: 1 watched elsewhere\n")
    assert verdicts(iterata) == {"calls a day": "elsewhere"}


def test_an_uncomputable_monitor_does_not_affect_the_others(
    churn: KnowledgeBase, iterata: CommandLine
) -> None:
    watching(
        churn,
        KEPT | {"name": "no file", "source": "data/cals.csv"},
        KEPT | {"name": "no column", "of": "kpet"},
        KEPT | {"name": "no rows", "where": "called > 99"},
        KEPT,
        KEPT | {"name": "too good", "upper": 0.25},
    )
    assert verdicts(iterata) == {
        "no file": "unknown", "no column": "unknown", "no rows": "unknown", "kept": "fine",
        "too good": "regression",
    }  # fmt: skip
    places = [problem["data"] for problem in report(iterata)["problems"]]
    assert places == [DATA.replace("calls", "cals"), DATA, DATA, ""]
    typed = iterata("monitor")
    assert typed.code == 1
    assert typed.out.count("fix: ") == 4
    assert "Traceback" not in typed.output


# Selection


@pytest.mark.parametrize(
    ("status", "evaluated"),
    [("planned", False), ("rolling_out", True), ("deployed", True), ("reverted", False)],
)
def test_released_deployments_are_evaluated(
    churn: KnowledgeBase, iterata: CommandLine, status: str, *, evaluated: bool
) -> None:
    churn.document("churn/01-setup/deployment", Status(status), monitors=[KEPT])
    churn.write(DATA, rows(kept=1))
    typed = iterata("monitor")
    assert typed.code == (1 if evaluated else 0)
    assert ("regression" in typed.out) == evaluated
    assert ("nothing to monitor" in typed.err) != evaluated


@pytest.mark.parametrize("status", ["planned", "reverted"])
def test_a_named_deployment_is_evaluated_in_any_status(
    churn: KnowledgeBase, iterata: CommandLine, status: str
) -> None:
    churn.document("churn/01-setup/deployment", Status(status), monitors=[KEPT])
    assert f"churn/01-setup: the deployment is {status};" in iterata("monitor", "churn/01").fine().err
    churn.write(DATA, rows(kept=1))
    typed = iterata("monitor", "churn/01", "churn/01-setup")
    assert typed.code == 1
    assert typed.out.count("0.1 is below 0.2") == 1
    assert "iterata move" not in typed.out, "it is not released, and cannot be reverted"


def test_names_select_deployments(churn: KnowledgeBase, iterata: CommandLine) -> None:
    churn.document("churn/02-more/deployment", Status.DEPLOYED)
    watching(churn, KEPT | {"name": "kept later", "lower": 0.9}, iteration="02-more")
    expected = {"kept": "fine", "calls a day": "elsewhere", "kept later": "regression"}
    assert verdicts(iterata) == expected
    assert verdicts(iterata, "churn/01") == {"kept": "fine", "calls a day": "elsewhere"}
    iterata("monitor", "churn/01").fine()
    assert iterata("monitor", "churn/02").code == 1


@pytest.mark.parametrize(
    ("name", "said"), [("churn/02", "has no deployment"), ("churn/09", "no such iteration")]
)
def test_an_unknown_deployment_is_an_error(
    churn: KnowledgeBase, iterata: CommandLine, name: str, said: str
) -> None:
    churn.document("churn/02-more/assessment")
    typed = iterata("monitor", name)
    assert (typed.code, typed.out) == (1, "")
    assert said in typed.err
    assert "fix: " in typed.err


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("status: rolling_out", "status: rolled_out", "DOC008"),
        ("lower: 0.2", "lowest: 0.2", "DOC006"),
        ("stage: deployment", "stage: [", "DOC003"),
    ],
)
def test_an_invalid_deployment_exits_with_1(
    churn: KnowledgeBase, iterata: CommandLine, old: str, new: str, code: str
) -> None:
    churn.document("churn/02-more/deployment", Status.DEPLOYED)
    watching(churn, KEPT, iteration="02-more")
    churn.change(PAGE, old, new)
    typed = iterata("monitor")
    assert typed.code == 1
    assert code in typed.out
    assert typed.err.endswith(f": {PAGE}\n")
    assert [row[0] for row in table(typed)[1:]] == ["churn/02-more"]


def test_a_deployment_with_an_unknown_status_is_reported(churn: KnowledgeBase, iterata: CommandLine) -> None:
    churn.change(PAGE, "status: rolling_out", "status: approved")
    churn.write(DATA, rows(kept=1))
    assert iterata("monitor").code == 1


# Output


@pytest.mark.parametrize("form", ["text", "json", "github"])
def test_monitor_writes_nothing(churn: KnowledgeBase, iterata: CommandLine, form: str) -> None:
    git = churn.in_git()
    before = churn.files()
    assert iterata("monitor", "--format", form).code == 0
    churn.write(DATA, rows(kept=1))
    assert iterata("monitor", "--format", form).code == 1
    churn.write(DATA, rows(kept=3))
    assert churn.files() == before
    assert git.status == ""


def test_json_has_every_figure(churn: KnowledgeBase, iterata: CommandLine) -> None:
    churn.write(DATA, rows(kept=1))
    parsed = report(iterata)
    line = 1 + churn.read(PAGE).splitlines().index(
        next(text for text in churn.read(PAGE).splitlines() if "name: kept" in text)
    )
    assert parsed["monitors"][0] == {
        "iteration": "churn/01-setup", "status": "rolling_out", "path": PAGE, "line": line, "name": "kept",
        "source": "data/calls.csv", "verdict": "regression", "figure": 0.1, "lower": 0.2, "upper": None,
        "rows": 3, "newest": day(0), "interval": [0.1, 0.1], "interval_one_look": [0.1, 0.1], "since": None,
        "units": None, "min_rows": 3, "note": "",
    }  # fmt: skip
    (problem,) = parsed["problems"]
    assert problem["code"] == "regression"
    assert problem["field"] == "monitors[0].lower"
    text = churn.read(PAGE).splitlines()[problem["position"]["line"] - 1]
    assert text[problem["position"]["column"] - 1 :].startswith("0.2")


def test_github_paths_are_relative_to_the_git_repository(
    base: KnowledgeBase, tmp_path_factory: pytest.TempPathFactory
) -> None:
    from ..helpers.command_line import CommandLine  # noqa: PLC0415
    from ..helpers.knowledge_base import KnowledgeBase  # noqa: PLC0415

    top = tmp_path_factory.mktemp("top")
    Git(top)
    below = KnowledgeBase(top / "knowledge")
    below.grow("churn\n  requirements: approved\n  01-setup\n    deployment: rolling_out\n")
    watching(below, KEPT)
    below.write(DATA, rows(kept=1))
    typed = CommandLine(below.root)("monitor", "--format", "github")
    assert typed.code == 1
    assert typed.out.startswith(f"::error file=knowledge/{PAGE},line=")
    assert typed.err == ""


# Hostile input


HOSTILE = 'a\x1b[31m"%0A::error::\u202e'


@pytest.mark.parametrize("form", ["text", "github"])
def test_text_of_documents_and_data_is_escaped(churn: KnowledgeBase, iterata: CommandLine, form: str) -> None:
    churn.write(DATA, f'"{HOSTILE.replace(chr(34), chr(34) * 2)}\n::warning::x",kept\n1,2\n')
    watching(
        churn,
        KEPT | {"name": HOSTILE},
        {"name": "watched", "source": f"{HOSTILE}\n::error::here", "lower": 1},
        KEPT | {"name": "days", "date": "kept"},
    )
    typed = iterata("monitor", "--format", form)
    assert typed.code == 1
    lines = typed.output.splitlines()
    assert all(char.isprintable() for line in lines for char in line) or form == "github"
    commands = [line for line in re.split(r"[\r\n]", typed.out) if line.startswith("::")]
    assert len(commands) == (2 if form == "github" else 0)
    assert all(line.startswith("::error file=") for line in commands)


@pytest.mark.parametrize("name", ["<script>x</script>", "a | b", "`x`", "two\nlines"])
def test_markup_in_a_name_is_refused(churn: KnowledgeBase, iterata: CommandLine, name: str) -> None:
    watching(churn, KEPT | {"name": name})
    typed = iterata("monitor")
    assert typed.code == 1
    assert "DOC008" in typed.out


@pytest.mark.parametrize(
    "keys",
    [
        {"source": "../../../secrets.csv"},
        {"source": "/etc/passwd.csv"},
        {"source": "https://example.org/calls.csv"},
        {"of": "__import__('os').system('touch pwned')"},
        {"where": "open('pwned', 'w')"},
        {"per": "called.__class__"},
        {"of": "9**9**9**9"},
        {"where": "(" * 900 + "1" + ")" * 900},
    ],
    ids=str,
)
def test_outside_sources_and_code_are_refused(
    churn: KnowledgeBase, iterata: CommandLine, keys: dict[str, Any]
) -> None:
    (churn.root.parent / "secrets.csv").write_text("day,called,kept\nsecret,1,1\n", "utf-8")
    watching(churn, KEPT | keys)
    before = churn.files()
    typed = iterata("monitor")
    assert typed.code == 1
    assert "fix: " in typed.out
    assert "secret," not in typed.output
    assert churn.files() == before


def test_a_symlink_out_of_the_repository_is_not_followed(churn: KnowledgeBase, iterata: CommandLine) -> None:
    outside = churn.root.parent / "secrets.csv"
    outside.write_text(rows(kept=3), "utf-8")
    (churn.root / DATA).unlink()
    (churn.root / DATA).symlink_to(outside)
    typed = iterata("monitor")
    assert typed.code == 1
    assert "monitors[0].source" in typed.out
    assert "0.3" not in typed.out, "the figure of the file outside"


def test_the_template_of_a_deployment_is_valid(churn: KnowledgeBase, iterata: CommandLine) -> None:
    churn.document("churn/02-more/assessment")
    decision = {"outcome": "deploy", "by": [{"role": "product"}], "on": "2026-06-01", "why": "It pays."}
    churn.document("churn/02-more/report", decision=decision)
    iterata("new", "document", "churn/02-more", "deployment").fine()
    typed = iterata("monitor", "churn/02")
    assert typed.code == 1
    assert "unknown" in typed.out, "its data file does not exist yet"
    assert "DOC" not in typed.out
