"""Folders that cannot be written or read, and locks of any content: one message with a fix, nothing lost.

A read-only file system is a real mount in a namespace of its own. Permissions are those of a process without
the privileges of root.
"""

from __future__ import annotations

import errno
import json
import os
import shlex
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from ..core.actions.approved_plan import FOLDER, planned
from ..helpers.command_line import CommandLine
from ..helpers.knowledge_base import KnowledgeBase

if TYPE_CHECKING:
    from pathlib import Path

NAMESPACE = ["unshare", "--user", "--map-root-user", "--mount"]
PRIVILEGES = "-dac_override,-dac_read_search,-fowner"
UNPRIVILEGED = ["setpriv", f"--bounding-set={PRIVILEGES}", f"--inh-caps={PRIVILEGES}"]
ITERATA = f"{shlex.quote(sys.executable)} -m iterata_cli"
RUN = "run churn/01 --jobs 1"
RESULT = f"{FOLDER}/results/experiment.json"
LOCK = ".iterata/churn--01-setup.lock"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An approved plan whose result was computed, and removed again; its fits are cached."""
    base = KnowledgeBase(tmp_path_factory.mktemp("unwritable") / "base")
    planned(base)
    CommandLine(base.root)(*RUN.split()).fine()
    (base.root / RESULT).unlink()
    return base.root


@pytest.fixture
def base(template: Path, tmp_path: Path) -> Path:
    return shutil.copytree(template, tmp_path / "base")


def script(program: list[str], base: Path, text: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*program, "sh", "-c", f"set -u\n{text}"], cwd=base, capture_output=True, text=True, check=False,
        env=CommandLine.environment({}),
    )  # fmt: skip


def works(program: list[str]) -> bool:
    return (
        shutil.which(program[0]) is not None
        and subprocess.run([*program, "true"], capture_output=True, check=False).returncode == 0
    )


@pytest.fixture
def namespace() -> list[str]:
    if not works([*NAMESPACE, "mount", "-t", "tmpfs", "tmpfs", "/mnt"][:4]):
        pytest.skip("this machine does not let a test mount a file system")
    return NAMESPACE


@pytest.fixture
def unprivileged() -> list[str]:
    """What runs a program that permissions bind."""
    if os.geteuid() != 0:
        return ["env"]
    if not works(UNPRIVILEGED):
        pytest.skip("this machine does not let root give up its privileges")
    return UNPRIVILEGED


def refused_once(text: str) -> bool:
    """Whether the output ends with one message and its fix, and has no traceback."""
    lines = text.strip().splitlines()
    fixes = [line for line in lines if line.startswith("  fix: ")]
    return lines[-1:] == fixes and "Traceback" not in text


WRITING = [
    "new project sales",
    f"move {FOLDER}/proposal.md abandoned",
    f"affirm {FOLDER}/proposal.md",
    "lift churn/01",
    RUN,
    "init sub",
]


def test_a_read_only_file_system_can_be_checked_and_every_writing_command_says_why(
    base: Path, namespace: list[str]
) -> None:
    calls = "\n".join(
        f"{ITERATA} {words} > /dev/null 2> ../told-{number}; echo $?" for number, words in enumerate(WRITING)
    )
    mount = 'mount --bind . . && mount -o remount,ro,bind "$PWD" && cd "$PWD"'
    check = f"{ITERATA} check > ../checked"
    done = script(namespace, base, f"{check}; cp ../checked ../before\n{mount}\n{check}\n{calls}")
    assert done.stdout.split() == ["1"] * len(WRITING), done.stderr
    assert (base.parent / "checked").read_bytes() == (base.parent / "before").read_bytes()
    for number in range(len(WRITING)):
        told = (base.parent / f"told-{number}").read_text("utf-8")
        assert refused_once(told), told
    assert CommandLine(base)(*RUN.split()).code == 0


@pytest.mark.parametrize("folder", [".", FOLDER, f"{FOLDER}/results"])
def test_a_folder_without_permission_loses_no_fit(base: Path, unprivileged: list[str], folder: str) -> None:
    if folder == ".":
        shutil.rmtree(base / ".iterata")
    if folder == FOLDER:
        shutil.rmtree(base / FOLDER / "results")
    done = script(unprivileged, base, f"chmod 555 {folder}; {ITERATA} {RUN}; echo $?; chmod 755 {folder}")
    assert done.stdout.split()[-1] == "1", done.stdout
    assert refused_once(done.stderr), done.stderr
    again = CommandLine(base)(*RUN.split()).fine()
    assert "kept from an earlier run" in again.err or folder == "."


@pytest.mark.parametrize("folder", [FOLDER, "projects/churn", f"{FOLDER}/results", ".git", ".git/objects"])
def test_a_folder_that_cannot_be_read_is_named_as_that(
    base: Path, unprivileged: list[str], folder: str
) -> None:
    done = script(unprivileged, base, f"chmod 000 {folder}; {ITERATA} {RUN}; echo $?; chmod 755 {folder}")
    assert done.stdout.split()[-1] == "1", done.stdout
    assert refused_once(done.stderr), done.stderr
    assert "Permission denied" in done.stderr
    assert folder in done.stderr


def garbage(place: Path) -> None:
    place.write_bytes(bytes(range(256)))
    place.with_suffix(".holder").write_bytes(bytes(range(256)))


def of_another_version(place: Path) -> None:
    place.write_text('{"schema_version": 99, "process": 1}', "utf-8")
    place.with_suffix(".holder").write_text("process 1 on another machine", "utf-8")


def holder_is_a_folder(place: Path) -> None:
    place.with_suffix(".holder").mkdir()


@pytest.mark.parametrize("write", [garbage, of_another_version, holder_is_a_folder])
def test_a_lock_of_any_content_that_nobody_holds_is_taken(base: Path, write: object) -> None:
    assert callable(write)
    write(base / LOCK)
    CommandLine(base)(*RUN.split()).fine()


def test_a_lock_that_is_a_folder_or_of_another_user_has_a_fix(base: Path, unprivileged: list[str]) -> None:
    (base / LOCK).unlink(missing_ok=True)
    (base / LOCK).mkdir()
    done = CommandLine(base)(*RUN.split())
    assert (done.code, refused_once(done.err)) == (1, True)
    (base / LOCK).rmdir()
    done_by = script(unprivileged, base, f"touch {LOCK}; chmod 000 {LOCK}; {ITERATA} {RUN}; echo $?")
    assert done_by.stdout.split()[-1] == "1"
    assert refused_once(done_by.stderr)


def test_a_result_without_permission_is_not_written_again(base: Path, unprivileged: list[str]) -> None:
    (base / RESULT).parent.mkdir(exist_ok=True)
    (base / RESULT).write_text("{}", "utf-8")
    done = script(unprivileged, base, f"chmod 000 {RESULT}; {ITERATA} check --format json")
    problems = [found for found in json.loads(done.stdout)["problems"] if found["path"] == RESULT]
    assert [found["code"] for found in problems] == ["RES001"]
    assert os.strerror(errno.EACCES) in problems[0]["message"]
    assert "iterata run" not in problems[0]["remedy"]


# A Git that stalls


STALLING = """#!/bin/sh
case " $* " in *" {command} "*) exec sleep 600;; esac
exec {git} "$@"
"""


@pytest.mark.parametrize(
    ("command", "words"),
    [("rev-parse", RUN), ("status", RUN), ("log", "check --base HEAD"), ("cat-file", "check --base HEAD")],
)
def test_a_git_that_stalls_is_ended_and_named(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, words: str
) -> None:
    wrapper = tmp_path / "bin" / "git"
    wrapper.parent.mkdir()
    wrapper.write_text(STALLING.format(command=command, git=shutil.which("git")), "utf-8")
    wrapper.chmod(0o755)
    before = {path: path.read_bytes() for path in base.rglob("*.md")}
    with monkeypatch.context() as patch:
        patch.setenv("PATH", f"{wrapper.parent}{os.pathsep}{os.environ['PATH']}")
        patch.setattr("iterata.repository.git_process.TIME_LIMIT", 1.0)
        done = CommandLine(base)(*words.split())
    assert done.code == 1, done.output
    assert done.err.strip().splitlines()[-2].startswith("git: error: "), done.err
    assert refused_once(done.err), done.err
    assert {path: path.read_bytes() for path in base.rglob("*.md")} == before
