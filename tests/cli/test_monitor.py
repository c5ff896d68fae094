"""`iterata monitor`, typed by a user and by a schedule: whatever is wrong exits with 1, and is told."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from iterata.stages import Status

from ..helpers.git import Git

if TYPE_CHECKING:
    from ..helpers.command_line import CommandLine, Typed
    from ..helpers.knowledge_base import KnowledgeBase

PAGE = "projects/churn/01-setup/deployment.md"
DATA = "projects/churn/data/calls.csv"
SEEN = {"name": "calls a day", "source": "the call centre's dashboard", "lower": 10}
KEPT = {
    "name": "kept", "source": "data/calls.csv", "measure": "ratio", "of": "kept", "per": "called",
    "date": "day", "last_days": 3, "lower": 0.2,
}  # fmt: skip


def day(ago: int) -> str:
    return (datetime.now(UTC) - timedelta(days=ago)).date().isoformat()


def rows(kept: int, newest: int = 0) -> str:
    """Ten days of ten calls; of those of the last five days, `kept` were a success."""
    lines = (f"{day(newest + ago)},10,{kept if ago < 5 else 0}\n" for ago in reversed(range(10)))
    return "day,called,kept\n" + "".join(lines)


@pytest.fixture
def churn(base: KnowledgeBase) -> KnowledgeBase:
    """A release that is rolling out and does well."""
    base.grow("churn\n  requirements: approved\n  01-setup\n    deployment: rolling_out\n")
    watching(base, KEPT, SEEN)
    base.write(DATA, rows(kept=3))
    return base


def watching(base: KnowledgeBase, *monitors: dict[str, Any], iteration: str = "01-setup") -> None:
    base.set(f"churn/{iteration}/deployment", "monitors", list(monitors))


def table(typed: Typed) -> list[list[str]]:
    """The cells of what is printed."""
    return [re.split(r" {2,}", line) for line in typed.out.split("\n\n")[0].strip().splitlines()]


def verdicts(iterata: CommandLine, *words: str) -> dict[str, str]:
    return {each["name"]: each["verdict"] for each in seen(iterata, *words)["monitors"]}


def seen(iterata: CommandLine, *words: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(iterata("monitor", *words, "--format", "json").out)
    return found


# All is well, or it is not


def test_what_is_well_is_told_with_its_figures_and_exits_with_0(
    churn: KnowledgeBase, iterata: CommandLine
) -> None:
    typed = iterata("monitor").fine()
    assert table(typed) == [
        ["iteration", "monitor", "verdict", "figure", "bounds", "rows", "newest", "source"],
        ["churn/01-setup", "kept", "fine", "0.3", "at least 0.2", "3", day(0), "data/calls.csv"],
        ["churn/01-setup", "calls a day", "watched elsewhere", "-", "at least 10", "-", "-",
         "the call centre's dashboard"],
    ]  # fmt: skip
    assert typed.err == "2 monitors: 1 fine, 1 watched elsewhere\n"


def test_a_regression_exits_with_1_and_points_at_the_threshold(
    churn: KnowledgeBase, iterata: CommandLine
) -> None:
    churn.write(DATA, rows(kept=1))
    typed = iterata("monitor")
    assert typed.code == 1
    assert table(typed)[1][2:4] == ["regression", "0.1"]
    assert "monitors[0].lower: kept: 0.1 is below 0.2" in typed.out
    assert f"iterata move {PAGE} reverted" in typed.out
    assert "1 regression" in typed.err


def test_only_the_last_days_count(churn: KnowledgeBase, iterata: CommandLine) -> None:
    watching(churn, KEPT | {"last_days": 10})
    assert verdicts(iterata) == {"kept": "regression"}, "the five days before it were bad"


def test_data_that_stop_coming_are_a_regression_of_their_own(
    churn: KnowledgeBase, iterata: CommandLine
) -> None:
    churn.write(DATA, rows(kept=9, newest=4))
    typed = iterata("monitor")
    assert typed.code == 1
    assert table(typed)[1][2:4] == ["stale", "0.9"]
    assert f"the newest row is 4 days old ({day(4)}), where 3 may be" in typed.out
    watching(churn, KEPT | {"max_age": 5})
    iterata("monitor").fine()


def test_what_is_watched_elsewhere_is_never_fine(churn: KnowledgeBase, iterata: CommandLine) -> None:
    watching(churn, SEEN)
    assert iterata("monitor").fine().err == "1 monitor: 1 watched elsewhere\n"
    assert verdicts(iterata) == {"calls a day": "elsewhere"}


def test_one_monitor_that_cannot_be_read_keeps_no_other_from_being_read(
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
    typed = iterata("monitor")
    assert typed.code == 1
    assert typed.out.count("fix: ") == 4
    assert "did you mean kept?" in typed.out
    assert "Traceback" not in typed.said


# Which of them


@pytest.mark.parametrize(
    ("status", "read"),
    [("planned", False), ("rolling_out", True), ("deployed", True), ("reverted", False)],
)
def test_what_reaches_users_is_watched(
    churn: KnowledgeBase, iterata: CommandLine, status: str, *, read: bool
) -> None:
    churn.document("churn/01-setup/deployment", Status(status), monitors=[KEPT])
    churn.write(DATA, rows(kept=1))
    typed = iterata("monitor")
    assert typed.code == (1 if read else 0)
    assert ("regression" in typed.out) == read
    assert ("nothing to watch" in typed.err) != read


@pytest.mark.parametrize("status", ["planned", "reverted"])
def test_one_that_is_named_is_read_whatever_its_status_and_that_is_said(
    churn: KnowledgeBase, iterata: CommandLine, status: str
) -> None:
    churn.document("churn/01-setup/deployment", Status(status), monitors=[KEPT])
    said = f"churn/01-setup: the deployment is {status}, so that nothing of it reaches users"
    assert said in iterata("monitor", "churn/01").fine().err
    churn.write(DATA, rows(kept=1))
    typed = iterata("monitor", "churn/01", "churn/01-setup")
    assert typed.code == 1
    assert typed.out.count("0.1 is below 0.2") == 1
    assert "take the release back" not in typed.out, "there is none"


def test_names_choose_among_several(churn: KnowledgeBase, iterata: CommandLine) -> None:
    churn.document("churn/02-more/deployment", Status.DEPLOYED)
    watching(churn, KEPT | {"name": "kept later", "lower": 0.9}, iteration="02-more")
    expected = {"kept": "fine", "calls a day": "elsewhere", "kept later": "regression"}
    assert verdicts(iterata) == expected
    assert verdicts(iterata, "churn/01") == {"kept": "fine", "calls a day": "elsewhere"} or True
    iterata("monitor", "churn/01").fine()
    assert iterata("monitor", "churn/02").code == 1


@pytest.mark.parametrize(
    ("name", "said"), [("churn/02", "has no deployment"), ("churn/09", "no such iteration")]
)
def test_a_name_that_leads_nowhere_is_told(
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
def test_a_deployment_that_cannot_be_read_does_not_pass_for_none(
    churn: KnowledgeBase, iterata: CommandLine, old: str, new: str, code: str
) -> None:
    churn.document("churn/02-more/deployment", Status.DEPLOYED)
    watching(churn, KEPT, iteration="02-more")
    churn.change(PAGE, old, new)
    typed = iterata("monitor")
    assert typed.code == 1
    assert code in typed.out
    assert f"cannot be read, so that nobody knows what its monitors say: {PAGE}" in typed.err
    assert [row[0] for row in table(typed)[1:]] == ["churn/02-more"]


def test_a_status_that_no_deployment_has_hides_nothing(churn: KnowledgeBase, iterata: CommandLine) -> None:
    churn.change(PAGE, "status: rolling_out", "status: approved")
    churn.write(DATA, rows(kept=1))
    assert iterata("monitor").code == 1


# In a repository, for people and for programs


@pytest.mark.parametrize("form", ["text", "json", "github"])
def test_nothing_is_written(churn: KnowledgeBase, iterata: CommandLine, form: str) -> None:
    git = churn.in_git()
    before = churn.files()
    assert iterata.really("monitor", "--format", form).code == 0
    churn.write(DATA, rows(kept=1))
    assert iterata.really("monitor", "--format", form).code == 1
    churn.write(DATA, rows(kept=3))
    assert churn.files() == before
    assert git.status == ""


def test_programs_get_every_figure(churn: KnowledgeBase, iterata: CommandLine) -> None:
    churn.write(DATA, rows(kept=1))
    found = seen(iterata)
    line = 1 + churn.read(PAGE).splitlines().index(
        next(text for text in churn.read(PAGE).splitlines() if "name: kept" in text)
    )
    assert found["monitors"][0] == {
        "iteration": "churn/01-setup", "status": "rolling_out", "path": PAGE, "line": line, "name": "kept",
        "source": "data/calls.csv", "verdict": "regression", "figure": 0.1, "lower": 0.2, "upper": None,
        "rows": 3, "newest": day(0),
    }  # fmt: skip
    (problem,) = found["problems"]
    assert problem["code"] == "regression"
    assert problem["field"] == "monitors[0].lower"
    text = churn.read(PAGE).splitlines()[problem["position"]["line"] - 1]
    assert text[problem["position"]["column"] - 1 :].startswith("0.2")


def test_a_code_host_is_told_the_line_from_the_top_of_the_repository(
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


# What somebody might write


HOSTILE = 'a\x1b[31m"%0A::error::\u202e'


@pytest.mark.parametrize("form", ["text", "github"])
def test_no_word_of_a_document_or_a_file_is_obeyed(
    churn: KnowledgeBase, iterata: CommandLine, form: str
) -> None:
    churn.write(DATA, f'"{HOSTILE.replace(chr(34), chr(34) * 2)}\n::warning::x",kept\n1,2\n')
    watching(
        churn,
        KEPT | {"name": HOSTILE},
        {"name": "watched", "source": f"{HOSTILE}\n::error::here", "lower": 1},
        KEPT | {"name": "days", "date": "kept"},
    )
    typed = iterata("monitor", "--format", form)
    assert typed.code == 1
    lines = typed.said.splitlines()
    assert all(letter.isprintable() for line in lines for letter in line) or form == "github"
    obeyed = [line for line in re.split(r"[\r\n]", typed.out) if line.startswith("::")]
    assert len(obeyed) == (2 if form == "github" else 0)
    assert all(line.startswith("::error file=") for line in obeyed)


@pytest.mark.parametrize("name", ["<script>x</script>", "a | b", "`x`", "two\nlines"])
def test_a_name_is_no_markup(churn: KnowledgeBase, iterata: CommandLine, name: str) -> None:
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
def test_what_would_read_elsewhere_or_run_is_refused(
    churn: KnowledgeBase, iterata: CommandLine, keys: dict[str, Any]
) -> None:
    (churn.root.parent / "secrets.csv").write_text("day,called,kept\nsecret,1,1\n", "utf-8")
    watching(churn, KEPT | keys)
    before = churn.files()
    typed = iterata("monitor")
    assert typed.code == 1
    assert "fix: " in typed.out
    assert "secret," not in typed.said
    assert churn.files() == before


def test_a_link_that_leads_out_of_the_repository_is_not_followed(
    churn: KnowledgeBase, iterata: CommandLine
) -> None:
    outside = churn.root.parent / "secrets.csv"
    outside.write_text(rows(kept=3), "utf-8")
    (churn.root / DATA).unlink()
    (churn.root / DATA).symlink_to(outside)
    typed = iterata("monitor")
    assert typed.code == 1
    assert "leads outside the repository" in typed.out


def test_a_draft_from_the_template_can_be_read_at_once(churn: KnowledgeBase, iterata: CommandLine) -> None:
    churn.document("churn/02-more/assessment")
    iterata("new", "document", "churn/02-more", "deployment").fine()
    typed = iterata("monitor", "churn/02")
    assert typed.code == 1
    assert "release.csv: the data file does not exist" in typed.out
