"""What a command tells the script that calls it: exit codes, streams, colours."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from ..helpers.command_line import INSTALLED, CommandLine

if TYPE_CHECKING:
    from ..helpers.knowledge_base import KnowledgeBase

ESCAPE = "\x1b"


@pytest.fixture
def churn(base: KnowledgeBase) -> KnowledgeBase:
    base.grow("""
        churn
          requirements: approved
          01-setup
            assessment
    """)
    base.change("projects/churn/01-setup/assessment.md", "recommendation: go", "recommendation: maybe")
    return base


def on_a_terminal(base: KnowledgeBase, *words: str, **environment: str) -> str:
    """What the installed command prints on a terminal of its own."""
    ours, theirs = pty.openpty()
    done = subprocess.Popen(
        [INSTALLED, *words], cwd=base.root, stdout=theirs, stderr=theirs, stdin=theirs,
        env=CommandLine.environment({"TERM": "xterm", **environment}),
    )  # fmt: skip
    os.close(theirs)
    printed = b""
    try:
        while piece := os.read(ours, 4096):
            printed += piece
    except OSError:
        pass  # Linux says so when the other end is closed
    os.close(ours)
    done.wait()
    return printed.decode()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("check",), 1),
        (("check", "projects/churn/requirements.md"), 0),
        (("status",), 0),
        (("rule", "doc006"), 0),
        (("--help",), 0),
        (("--version",), 0),
        (("lift", "wine"), 1),
        (("move", "projects/churn/01-setup/assessment.md", "approved"), 1),
        (("check", "--formt", "json"), 2),
        (("check", "--format", "yaml"), 2),
        (("chekc",), 2),
        (("rule", "DOC999"), 2),
        (("new", "iteration", "churn", "--kind", "magic"), 2),
        (("move", "projects/churn/requirements.md", "draft", "--as", "product"), 2),
        (("run", "churn", "--jobs", "0"), 2),
        (("schema", "memo"), 2),
        ((), 2),
    ],
)
def test_the_exit_code_says_whose_turn_it_is(
    churn: KnowledgeBase, iterata: CommandLine, words: tuple[str, ...], code: int
) -> None:
    done = iterata(*words)
    assert done.code == code, done.said
    assert "Traceback" not in done.said


def test_the_installed_command_says_the_same(churn: KnowledgeBase, iterata: CommandLine) -> None:
    for words in (("check",), ("status",), ("lift", "wine"), ("chekc",)):
        assert iterata.really(*words) == iterata(*words)


def test_data_go_to_one_stream_and_talk_to_the_other(churn: KnowledgeBase, iterata: CommandLine) -> None:
    checked = iterata("check")
    assert "DOC008" in checked.out
    assert checked.err == "1 problem in 1 file\n"
    begun = iterata("new", "document", "churn/01", "proposal")
    assert begun.out == "projects/churn/01-setup/proposal.md\n"
    assert begun.err.startswith("next: ")
    refused = iterata("lift", "wine")
    assert refused.out == ""
    assert refused.err.startswith("wine: error: no such iteration\n  fix: ")


@pytest.mark.parametrize(
    ("words", "keys"),
    [
        (("check", "--format", "json"), {"problems"}),
        (("check", "--format", "sarif"), {"$schema", "version", "runs"}),
        (("status", "--format", "json"), {"iterations"}),
    ],
)
def test_programs_get_nothing_but_json(
    churn: KnowledgeBase, iterata: CommandLine, words: tuple[str, ...], keys: set[str]
) -> None:
    assert set(json.loads(iterata.really(*words).out)) == keys


def test_the_shape_of_the_json_is_what_others_rely_on(churn: KnowledgeBase, iterata: CommandLine) -> None:
    """Changing these keys breaks other people's scripts."""
    (problem,) = json.loads(iterata("check", "--format", "json").out)["problems"]
    assert set(problem) == {"code", "severity", "path", "position", "field", "message", "remedy"}
    assert set(problem["position"]) == {"line", "column"}
    (row,) = json.loads(iterata("status", "--format", "json").out)["iterations"]
    assert set(row) == {"ref", "kind", "stage", "waits_for", "who", "command", "remedy"}


LOOKED_AT = [("check",), ("status",), ("rule",), ("lift", "wine"), ("rule", "DOC999")]


@pytest.mark.parametrize("words", LOOKED_AT, ids=" ".join)
def test_colours_are_for_terminals_and_for_those_who_want_them(
    churn: KnowledgeBase, iterata: CommandLine, words: tuple[str, ...]
) -> None:
    assert ESCAPE not in iterata.really(*words).said
    assert ESCAPE not in on_a_terminal(churn, *words, NO_COLOR="1")


@pytest.mark.parametrize("words", LOOKED_AT[:4], ids=" ".join)
def test_a_terminal_shows_colours(churn: KnowledgeBase, words: tuple[str, ...]) -> None:
    assert ESCAPE in on_a_terminal(churn, *words)


def test_nothing_a_document_says_is_obeyed_by_a_terminal(base: KnowledgeBase) -> None:
    base.grow("""
        churn
          requirements: approved
          01-setup
            assessment: approved
            lift.json
            proposal: approved
            experiment: completed
            experiment.json
            report
    """)
    base.change("projects/churn/01-setup/proposal.md", "name: logistic", 'name: "\\e[2J\\a"')
    for words in (("check",), ("run", "churn/01")):
        printed = on_a_terminal(base, *words, NO_COLOR="1")
        assert "[2J" in printed
        assert all(char.isprintable() or char in "\r\n" for char in printed), printed


@pytest.mark.parametrize("words", [("rule",), ("check",), ("schema", "proposal")], ids=" ".join)
def test_a_reader_that_left_hears_no_complaint(churn: KnowledgeBase, words: tuple[str, ...]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [INSTALLED, *words], cwd=churn.root, stdout=writing, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, "")


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_is_said_to_be_one(
    base: KnowledgeBase, iterata: CommandLine, ending: signal.Signals
) -> None:
    """Somebody presses ^C while a plan is being carried out, or cancels the job that does."""
    base.grow("""
        churn
          requirements: approved
          01-setup
            assessment: approved
            lift.json
    """)
    rows = "".join(f"{n % 7},{n % 90},{'blue' if n % 2 else 'red'},{n * n % 5 % 2}\n" for n in range(4000))
    base.write("projects/churn/data/customers.csv", f"newness,age,tariff,left\n{rows}")
    path = base.document("churn/01-setup/proposal")
    iterata("move", path, "in_review").fine()
    iterata("move", path, "approved", "--as", "product", "--as", "data science").fine()
    git = base.in_git()
    running = iterata.begin("run", "churn/01", "--jobs", "1", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert running.stderr is not None
    assert running.stderr.readline().startswith("running churn/01-setup")
    time.sleep(0.2)
    running.send_signal(ending)
    out, err = running.communicate()
    assert (running.returncode, out) == (130, "")
    assert err.endswith("interrupted; what was finished is kept\n")
    assert "Traceback" not in err
    assert git.status == ""


def test_a_query_that_fails_says_so_and_no_more(churn: KnowledgeBase, iterata: CommandLine) -> None:
    """DuckDB counts what is left of it when a process ends, and tells of it on stderr."""
    assessment = "projects/churn/01-setup/assessment.md"
    churn.change(assessment, "recommendation: maybe", "recommendation: go")
    churn.change(assessment, "source: data/customers.csv", 'query: "SELECT * FORM nowhere"')
    done = iterata.really("lift", "churn/01-setup")
    assert done.code == 1
    first, second = done.err.splitlines()
    assert first.startswith("query of the project's files: error: the database refused: Parser Error")
    assert second.startswith("  fix: correct the query")
