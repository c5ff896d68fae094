"""Users' mistakes, with the real commands: one clear message, the right exit code, and nothing written."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "projects" / "caravan-policies"
PROJECT = "projects/caravan-policies"
ITERATA = Path(sys.executable).parent / "iterata"
HERMETIC = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}


class Base:
    """The example project up to its first approved plan, in a Git repository of its own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        ignored = shutil.ignore_patterns("data", "02-*", "03-*", "report.md", "experiment.json")
        shutil.copytree(EXAMPLE, root / PROJECT, ignore=ignored)
        (root / "mkdocs.yml").write_text("site_name: x\nplugins: [iterata]\n", "utf-8")
        (root / ".gitignore").write_text("/.iterata/\n", "utf-8")

    def commit(self) -> None:
        who = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
        for words in (["init", "--quiet"], ["add", "--all"], [*who, "commit", "--quiet", "--message", "x"]):
            subprocess.run(["git", *words], cwd=self.root, env=os.environ | HERMETIC, check=True)

    def edit(self, path: str, old: str, new: str) -> None:
        place = self.root / PROJECT / path
        text = place.read_text("utf-8")
        assert old in text
        place.write_text(text.replace(old, new, 1), "utf-8")

    def data(self, text: str) -> None:
        place = self.root / PROJECT / "data" / "caravan.csv"
        place.parent.mkdir(exist_ok=True)
        place.write_text(text, "utf-8")

    def files(self) -> dict[str, bytes]:
        """Every file but those of Git and of our own state."""
        found = (path for path in self.root.rglob("*") if path.is_file())
        kept = (path for path in found if not {".git", ".iterata"} & set(path.relative_to(self.root).parts))
        return {str(path.relative_to(self.root)): path.read_bytes() for path in kept}

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [ITERATA, *words],
            cwd=self.root,
            env=os.environ | HERMETIC,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def base(tmp_path: Path) -> Base:
    return Base(tmp_path)


Mistake = Callable[[Base], object]


def rows(header: str, row: str) -> Mistake:
    return lambda base: base.data(f"{header}\n" + f"{row}\n" * 3)


def configured(text: str) -> Mistake:
    return lambda base: (base.root / "mkdocs.yml").write_text(text, "utf-8")


def nothing(_: Base) -> None: ...


MISTAKES: list[tuple[str, list[str], Mistake, int, str]] = [
    ("no such iteration", ["lift", "nobody/01"], nothing, 1, "no such iteration"),
    ("no such document", ["move", "projects/x/report.md", "draft"], nothing, 1, "there is no stage document"),
    ("no such verb", ["lfit", "x"], nothing, 2, "Did you mean 'lift'?"),
    ("no such status", ["move", "x", "done"], nothing, 2, "is not one of"),
    ("no such rule", ["rule", "DOC099"], nothing, 2, "there is no rule DOC099"),
    ("no such file", ["check", "projects/nobody"], nothing, 1, "no such file or folder"),
    (
        "a step the table lacks",
        ["move", f"{PROJECT}/01-setup/proposal.md", "rejected"],
        nothing,
        1,
        "cannot go from approved to rejected",
    ),
    (
        "a closed gate",
        ["move", f"{PROJECT}/01-setup/experiment.md", "completed"],
        lambda base: base.edit("01-setup/experiment.md", "status: completed", "status: running"),
        1,
        "GATE008",
    ),
    (
        "not a knowledge base",
        ["status"],
        lambda base: (base.root / "mkdocs.yml").unlink(),
        1,
        "no mkdocs.yml here",
    ),
    ("no plugin", ["status"], configured("site_name: x\n"), 1, "the plugin iterata is not listed"),
    ("broken configuration", ["status"], configured("a: b: c\n"), 1, "mkdocs.yml:1: error: not valid YAML"),
    (
        "an unknown option",
        ["status"],
        configured("plugins: [{iterata: {project_dir: x}}]\n"),
        1,
        "did you mean `projects_dir`?",
    ),
    ("no project", ["check"], lambda base: shutil.rmtree(base.root / "projects"), 1, "TREE001"),
    (
        "no data",
        ["lift", "caravan/01"],
        nothing,
        1,
        "make it with `python projects/caravan-policies/get_data.py`",
    ),
    (
        "a missing column",
        ["lift", "caravan/01"],
        rows("MKOOPKL,Purchase,customer", "1,Yes,1"),
        1,
        "did you mean MKOOPKL",
    ),
    ("an empty file", ["lift", "caravan/01"], lambda base: base.data(""), 1, "caravan.csv"),
    ("one class only", ["lift", "caravan/01"], rows("MKOOPKLA,Purchase,customer", "1,No,1"), 1, "Purchase"),
    (
        "words for numbers",
        ["lift", "caravan/01"],
        rows("MKOOPKLA,Purchase,customer", "high,Yes,1\nlow,No,2"),
        1,
        "MKOOPKLA",
    ),
    (
        "no plan",
        ["run", "caravan/01"],
        lambda base: (base.root / PROJECT / "01-setup/proposal.md").unlink(),
        1,
        "has no proposal",
    ),
    (
        "a plan nobody approved",
        ["run", "caravan/01"],
        lambda base: base.edit("01-setup/proposal.md", "status: approved", "status: in_review"),
        1,
        "the proposal is in_review, not approved",
    ),
    (
        "a plan changed after approval",
        ["run", "caravan/01"],
        lambda base: base.edit("01-setup/proposal.md", "by: 10", "by: 1"),
        1,
        "PLAN003",
    ),
    (
        "other data than approved",
        ["run", "caravan/01"],
        rows("MKOOPKLA,Purchase,customer", "1,Yes,1"),
        1,
        "approved",
    ),
    ("nothing to report", ["report", "caravan/01"], nothing, 1, "there is no result to report on"),
    ("nothing to affirm", ["affirm", f"{PROJECT}/requirements.md"], nothing, 1, "there is nothing to affirm"),
    (
        "a document there already",
        ["new", "document", "caravan/01", "proposal"],
        nothing,
        1,
        "exists already",
    ),
    ("a name with a space", ["new", "project", "my project"], nothing, 1, "not a valid project name"),
    ("an unknown base", ["check", "--base", "origin/main"], nothing, 1, "there is no such revision here"),
]


@pytest.mark.parametrize(
    ("words", "mistake", "code", "said"), [each[1:] for each in MISTAKES], ids=[each[0] for each in MISTAKES]
)
def test_a_mistake_is_one_message_and_costs_nothing(
    base: Base, words: list[str], mistake: Mistake, code: int, said: str
) -> None:
    mistake(base)
    base.commit()
    before = base.files()
    done = base.run(*words)
    told = done.stdout + done.stderr
    assert done.returncode == code, told
    assert said in told
    assert "Traceback" not in told
    assert base.files() == before


def test_outside_git_a_run_says_what_is_missing(base: Base) -> None:
    done = base.run("run", "caravan/01")
    assert done.returncode == 1
    assert "no commit yet" in done.stderr
    assert "git commit" in done.stderr


def test_two_commands_on_one_iteration_exclude_each_other(base: Base) -> None:
    base.commit()
    script = (
        "import sys, pathlib\nfrom iterata.files import locked\n"
        "with locked(pathlib.Path.cwd(), 'caravan-policies/01-setup'):\n"
        "    print('held', flush=True)\n    sys.stdin.read()\n"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=base.root,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    done = base.run("lift", "caravan/01")
    holder.communicate("")
    assert done.returncode == 1
    assert "another iterata command is working on it" in done.stderr


def test_a_terminal_that_is_none_sees_no_colours(base: Base) -> None:
    base.edit("requirements.md", "model_kind:", "model_sort:")
    assert "\x1b" not in base.run("check").stdout


def test_a_reader_that_leaves_early_hears_no_complaint(base: Base) -> None:
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; '{ITERATA}' rule | head -n 1"],
        cwd=base.root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
