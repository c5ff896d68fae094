"""Dates and authors of all documents against one plain `git log`, and a site with dates against one without.

The history is linear: 1,500 commits that change two documents each.
"""

from __future__ import annotations

import os
import subprocess
import sys
from random import Random
from typing import TYPE_CHECKING

from benchmarks.many import corpus
from benchmarks.pairs import Command, Comparison, compare, script

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

COMMITS = 1500
SITE_PROJECTS = 50
"""A site of 300 documents: large enough that pages take longer than the start of the process."""

ROUNDS = """
import subprocess
from pathlib import Path
from iterata.repository import config, history
base = config.load(Path.cwd())
for _ in range(20):
"""
"""Twenty repetitions in one process, so the start of Python has little weight: a build starts it anyway."""

OURS = (
    f"{ROUNDS}    history._committed_documents.cache_clear()\n"
    "    assert len(history.read(base)._committed) == 3000"
)
THEIRS = f"{ROUNDS}    subprocess.run(['git', 'log', '--name-only', '-z'], check=True, capture_output=True)"


def comparisons(root: Path, scratch: Path) -> Iterator[Comparison]:
    """The comparisons of this subject."""
    all_documents, site = scratch / "dated", scratch / "dated-site"
    corpus(root, all_documents)
    _history(all_documents)
    ours, theirs = (Command([sys.executable, "-c", code], all_documents) for code in (OURS, THEIRS))
    yield compare("dates of 3,000 documents", ours, "git log --name-only", theirs, 1.3, pairs=7)
    corpus(root, site, projects=SITE_PROJECTS)
    (site / "docs").mkdir()
    (site / "docs/index.md").write_text("# Home\n", "utf-8")
    _history(site)
    with_dates, without = (_build(site, dates=dates) for dates in (True, False))
    yield compare("site with dates, 300 documents", with_dates, "without", without, 1.03, pairs=9)


def _build(site: Path, *, dates: bool) -> Command:
    name = f"{'with' if dates else 'without'}.yml"
    plugins = f"plugins: [search, {{iterata: {{dates: {str(dates).lower()}}}}}]"
    nav = "nav: [index.md, projects/index.md, findings.md]"
    (site / name).write_text(f"site_name: dated\ntheme: material\n{plugins}\n{nav}\n", "utf-8")
    return Command([script("mkdocs"), "build", "--quiet", "--config-file", name], site)


def _history(folder: Path) -> None:
    documents = sorted(path for path in folder.rglob("*.md") if "projects" in path.parts)
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    stream = b"".join(_commits(folder, documents))
    for words, stdin in (
        (["init", "--quiet", "--initial-branch", "main"], None),
        (["fast-import", "--quiet"], stream),
        (["add", "--all"], None),  # records the modification times, as a checkout does
    ):
        subprocess.run(["git", *words], cwd=folder, env=environment, check=True, input=stdin)


def _commits(folder: Path, documents: Sequence[Path]) -> Iterator[bytes]:
    """All documents in one commit, then two per commit. The last version of each is the one on disk."""
    rng = Random(7)  # noqa: S311  # not a secret
    rounds = [documents, *(rng.sample(documents, 2) for _ in range(COMMITS - 1))]
    last = {path: number for number, changed in enumerate(rounds) for path in changed}
    for number, changed in enumerate(rounds):
        author = f"author {number % 7} <bench@localhost> {1_700_000_000 + 3600 * number} +0000"
        yield f"commit refs/heads/main\n{author}\n{author.replace('author', 'committer')}\ndata 0\n".encode()
        for path in changed:
            text = path.read_bytes() + (b"" if last[path] == number else f"Draft {number}.\n".encode())
            yield f"M 100644 inline {path.relative_to(folder).as_posix()}\ndata {len(text)}\n".encode()
            yield text + b"\n"
