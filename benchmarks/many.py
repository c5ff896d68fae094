"""`iterata check` of 3,000 documents: all, with faults, repeated, and against a base; and their boards.

The corpus and its history are generated from the documents of the example project, so sizes are realistic.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

from benchmarks.pairs import Command, Comparison, compare, script

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PROJECTS = 500
CHANGED = 55
"""Projects with changes in every document: 330 of 3,000 documents."""

BASES = 20
"""Knowledge bases of one repository, which share the projects."""

FAULTY = 25
"""Projects with a fault in every document: one document in twenty."""

NAMES = ("assessment.md", "proposal.md", "experiment.md", "report.md")

RAW = """
import sys, yaml
from pathlib import Path
for path in Path("projects").rglob("*.md"):
    yaml.load(path.read_text("utf-8").split("---\\n", 2)[1], Loader=yaml.CSafeLoader)
"""
"""The peer: PyYAML's C loader on the same front matter."""

BATCH = "git ls-tree -r HEAD projects | cut -d' ' -f3 | cut -f1 | git cat-file --batch > /dev/null"

GIT_PART = """
from pathlib import Path
from iterata.repository import git
from iterata.repository.git_objects import BlobReader
root = Path.cwd()
common, = git.merge_bases(root, git.resolve_commit(root, "HEAD~1"), git.resolve_commit(root, "HEAD"))
listed, blobs = git.list_files(root, common, "projects"), BlobReader(root)
for pair in git.diff(root, common, git.resolve_commit(root, "HEAD"), "projects"):
    blobs.read(listed[pair.before].sha)
blobs.close()
"""
"""The Git part of `check --base`."""

_GIT = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}


def comparisons(root: Path, scratch: Path) -> Iterator[Comparison]:
    """The comparisons of this subject."""
    clean, faulty = scratch / "clean", scratch / "faulty"
    corpus(root, clean)
    corpus(root, faulty, faults=FAULTY)
    _history(clean)
    iterata, python = script("iterata"), sys.executable
    uncached = ["sh", "-c", f"rm -rf .iterata; {iterata} check; true"]
    reference = Command([python, "-c", RAW], clean)
    yield compare(
        "check, 3,000 documents", Command(uncached, clean), "PyYAML's C loader", reference, 1.3, pairs=5
    )
    yield compare(
        "check, 1 in 20 faulty",
        Command(uncached, faulty),
        "no faults",
        Command(uncached, clean),
        1.3,
        pairs=5,
    )
    one = Command([iterata, "check", "projects/p1/requirements.md"], clean)
    repeated = Command([iterata, "check"], clean)
    yield compare("check, nothing changed", repeated, "one document", one, 1.5, pairs=9)
    whole = Command(["sh", "-c", BATCH], clean)
    part = Command([python, "-c", GIT_PART], clean)
    yield compare("the Git part, 330 changed", part, "git cat-file, all", whole, 0.75, pairs=7)
    yield _boards(root, scratch, Command(uncached, clean))
    review = Command([iterata, "check", "--base", "HEAD~1"], clean)
    yield compare("check --base, 330 changed", review, "check, all", Command(uncached, clean), 0.5, pairs=5)


def _boards(root: Path, scratch: Path, reference: Command) -> Comparison:
    """The boards of 20 knowledge bases of 150 documents, against one check of as many documents."""
    monorepo = scratch / "monorepo"
    monorepo.mkdir()
    for number in range(BASES):
        corpus(root, monorepo / f"team{number}", projects=PROJECTS // BASES)
    _git(monorepo, "init", "--quiet", "--initial-branch", "main")
    _git(monorepo, "add", "--all")
    boards = Command([script("iterata"), "status", "--all"], monorepo)
    return compare("status --all, 20 of 150 documents", boards, "check, 3,000", reference, 1.2, pairs=5)


def corpus(root: Path, folder: Path, *, projects: int = PROJECTS, faults: int = 0) -> None:
    """Write a knowledge base of six documents in each project; the first `faults` projects are faulty."""
    example = root / "projects" / "caravan-policies"
    folder.mkdir()
    (folder / "mkdocs.yml").write_text("site_name: many\nplugins: [iterata]\n", "utf-8")
    (folder / ".gitignore").write_text(".iterata/\n", "utf-8")
    texts = {f"01-setup/{name}": _draft((example / "01-setup" / name).read_text("utf-8")) for name in NAMES}
    texts["requirements.md"] = _draft((example / "requirements.md").read_text("utf-8"))
    texts["02-more/assessment.md"] = re.sub(
        r"^iteration: .*$",
        "iteration: {kind: algorithm, follows: 01-setup}",
        texts["01-setup/assessment.md"],
        flags=re.M,
    )
    for number in range(projects):
        for path, text in texts.items():
            place = folder / "projects" / f"p{number}" / path
            place.parent.mkdir(parents=True, exist_ok=True)
            own = f"{text}\nThis is project {number}.\n"  # no two files are the same for Git
            place.write_text(own.replace("owners:", "owner:", 1) if number < faults else own, "utf-8")


def _draft(text: str) -> str:
    """The document before its approval, which needs no results."""
    earlier = {"approved": "draft", "completed": "planned"}
    text = re.sub(
        r"^status: (\w+)$",
        lambda match: f"status: {earlier.get(match[1], match[1])}",
        text,
        count=1,
        flags=re.M,
    )
    return re.sub(r"<!-- iterata:begin (\S+) -->.*?<!-- iterata:end \S+ -->", "", text, flags=re.S)


def _history(folder: Path) -> None:
    _git(folder, "init", "--quiet", "--initial-branch", "main")
    _git(folder, "add", "--all")
    _git(folder, "commit", "--quiet", "--message", "everything")
    for number in range(CHANGED):
        for place in (folder / "projects" / f"p{number}").rglob("*.md"):
            place.write_text(place.read_text("utf-8") + "\nOne more sentence.\n", "utf-8")
    _git(folder, "commit", "--quiet", "--all", "--message", "a tenth of it")


def _git(folder: Path, *words: str) -> None:
    identity = ["-c", "user.name=bench", "-c", "user.email=bench@localhost"]
    subprocess.run(["git", *identity, *words], cwd=folder, env=os.environ | _GIT, check=True)
