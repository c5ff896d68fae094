"""Exit codes, streams and colours of commands."""

from __future__ import annotations

import json
import os
import pty
import shlex
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from iterata_cli.exits import Exit

from ..helpers.command_line import INSTALLED, CommandLine

if TYPE_CHECKING:
    from collections.abc import Sequence

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
    """The output of the installed command on a terminal."""
    reading, writing = pty.openpty()
    done = subprocess.Popen(
        [INSTALLED, *words], cwd=base.root, stdout=writing, stderr=writing, stdin=writing,
        env=CommandLine.environment({"TERM": "xterm", **environment}),
    )  # fmt: skip
    os.close(writing)
    printed = b""
    try:
        while piece := os.read(reading, 4096):
            printed += piece
    except OSError:
        pass  # raised on Linux when the other end is closed
    os.close(reading)
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
def test_exit_codes(churn: KnowledgeBase, iterata: CommandLine, words: tuple[str, ...], code: int) -> None:
    done = iterata(*words)
    assert done.code == code, done.output
    assert "Traceback" not in done.output


def test_installed_command_behaves_as_in_tests(churn: KnowledgeBase, iterata: CommandLine) -> None:
    for words in (("check",), ("status",), ("lift", "wine"), ("chekc",)):
        assert iterata.in_subprocess(*words) == iterata(*words)


def test_data_go_to_stdout_and_messages_to_stderr(churn: KnowledgeBase, iterata: CommandLine) -> None:
    checked = iterata("check")
    assert "DOC008" in checked.out
    assert checked.err == "1 problem in 1 file\n"
    created = iterata("new", "document", "churn/01", "proposal")
    assert created.out == "projects/churn/01-setup/proposal.md\n"
    assert created.err.startswith("next: ")
    refused = iterata("lift", "wine")
    assert refused.out == ""
    place, fix = refused.err.splitlines()
    assert place.startswith("wine: error: ")
    assert fix.startswith("  fix: ")


@pytest.mark.parametrize(
    ("words", "keys"),
    [
        (("check", "--format", "json"), {"schema_version", "kind", "problems"}),
        (("check", "--format", "sarif"), {"$schema", "version", "runs"}),
        (("status", "--format", "json"), {"schema_version", "kind", "iterations"}),
    ],
)
def test_json_output_is_only_json(
    churn: KnowledgeBase, iterata: CommandLine, words: tuple[str, ...], keys: set[str]
) -> None:
    assert set(json.loads(iterata.in_subprocess(*words).out)) == keys


def test_json_keys_are_stable(churn: KnowledgeBase, iterata: CommandLine) -> None:
    """Scripts depend on these keys."""
    (problem,) = json.loads(iterata("check", "--format", "json").out)["problems"]
    assert set(problem) == {"code", "severity", "path", "position", "field", "message", "remedy", "data"}
    assert set(problem["position"]) == {"line", "column"}
    (row,) = json.loads(iterata("status", "--format", "json").out)["iterations"]
    assert set(row) == {"ref", "kind", "stage", "waits_for", "who", "command", "remedy"}


COMMANDS = [("check",), ("status",), ("rule",), ("lift", "wine"), ("rule", "DOC999")]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_no_colours_without_a_terminal_or_with_no_color(
    churn: KnowledgeBase, iterata: CommandLine, words: tuple[str, ...]
) -> None:
    assert ESCAPE not in iterata.in_subprocess(*words).output
    assert ESCAPE not in on_a_terminal(churn, *words, NO_COLOR="1")


@pytest.mark.parametrize("words", COMMANDS[:4], ids=" ".join)
def test_colours_on_a_terminal(churn: KnowledgeBase, words: tuple[str, ...]) -> None:
    assert ESCAPE in on_a_terminal(churn, *words)


def test_control_characters_of_documents_do_not_reach_a_terminal(base: KnowledgeBase) -> None:
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
def test_a_closed_pipe_prints_no_error(churn: KnowledgeBase, words: tuple[str, ...]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [INSTALLED, *words], cwd=churn.root, stdout=writing, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (Exit.OUTPUT, "")


PRINTING = [("check",), ("check", "--format", "json"), ("schema", "proposal"), ("--help",), ("--version",)]


def by_a_shell(base: KnowledgeBase, words: Sequence[str], redirections: str) -> tuple[int, str]:
    """The exit code and what a user is told."""
    command = f"{shlex.join([INSTALLED, *words])} {redirections}"
    done = subprocess.run(["sh", "-c", command], cwd=base.root, capture_output=True, text=True, check=False)
    assert done.stdout == ""
    return done.returncode, done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a full device")
@pytest.mark.parametrize("words", PRINTING, ids=" ".join)
def test_a_full_or_closed_stdout_has_an_exit_code_and_a_fix(
    churn: KnowledgeBase, words: tuple[str, ...]
) -> None:
    for redirection in (">/dev/full", ">&-"):
        code, told = by_a_shell(churn, words, redirection)
        first, second = told.splitlines()
        assert (code, first.split()[0], second.split()[0]) == (Exit.OUTPUT, "error:", "fix:")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a full device")
@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("check",), Exit.PROBLEMS),
        (("status",), Exit.FINE),
        (("lift", "wine"), Exit.PROBLEMS),
        ((), Exit.USAGE),
    ],
    ids=str,
)
def test_a_full_or_closed_stderr_changes_no_exit_code(
    churn: KnowledgeBase, words: tuple[str, ...], code: Exit
) -> None:
    for redirection in (">/dev/null 2>/dev/full", ">/dev/null 2>&-", ">/dev/null 2>&- <&-"):
        assert by_a_shell(churn, words, redirection) == (code, "")


def test_no_file_takes_the_number_of_a_closed_stream(base: KnowledgeBase, iterata: CommandLine) -> None:
    """A file that is opened as number 1 would receive what is printed."""
    iterata("init", ".").fine()
    assert by_a_shell(base, ("new", "project", "sales"), ">&- 2>&- <&-")[0] == Exit.OUTPUT
    written = base.root / "projects/sales/requirements.md"
    assert written.read_text("utf-8").startswith("---\n")
    assert written.read_text("utf-8").rstrip().splitlines()[-1] != written.relative_to(base.root).as_posix()


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_exits_with_130(
    base: KnowledgeBase, iterata: CommandLine, ending: signal.Signals
) -> None:
    """A user presses ^C during a run, or a CI system cancels the job."""
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
    running = iterata.start("run", "churn/01", "--jobs", "1", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert running.stderr is not None
    assert "running churn/01-setup" in running.stderr.readline()
    time.sleep(0.2)
    running.send_signal(ending)
    out, err = running.communicate()
    assert (running.returncode, out) == (130, "")
    assert "interrupted; " in err.splitlines()[-1]
    assert "Traceback" not in err
    assert git.status == ""


def test_a_failing_query_prints_one_error(churn: KnowledgeBase, iterata: CommandLine) -> None:
    """At exit DuckDB reports leaked objects on stderr, if garbage collection is frozen."""
    assessment = "projects/churn/01-setup/assessment.md"
    churn.change(assessment, "recommendation: maybe", "recommendation: go")
    churn.change(assessment, "source: data/customers.csv", 'query: "SELECT * FORM nowhere"')
    done = iterata.in_subprocess("lift", "churn/01-setup")
    assert done.code == 1
    first, data, fix = done.err.splitlines()
    assert ": error: " in first
    assert "Parser Error" in first
    assert data.startswith("  data: ")
    assert fix.startswith("  fix: ")
