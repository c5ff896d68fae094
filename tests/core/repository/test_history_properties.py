"""Histories of any shape: one pass finds the dates that `git log` finds for each path alone."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from iterata.repository import config, history

from .fast_import import LINK, Commit, create, git

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hypothesis.strategies import DrawFn

    from iterata.repository.history import Dates
    from iterata.repository.log import Authorship

PATHS = (
    "projects/churn/requirements.md",
    "projects/churn/01-setup/assessment.md",
    "projects/churn/01-setup/report.md",
    "projects/churn/01-setup/report.md/report.md",  # a folder in the place of a file
    "projects/naïve/requirements.md",
    'projects/a "b"\\c\n\td/requirements.md',
    "projects/*/requirements.md",
    "projects/\udcff/requirements.md",  # a byte that is no UTF-8
    "elsewhere/requirements.md",
)
CONTENTS = ("one", "two", "three", f"{LINK}../elsewhere/requirements.md")
"""Few, so that branches often agree and a revert restores earlier content."""


@st.composite
def histories(draw: DrawFn) -> list[Commit]:
    """Histories with changes, deletions, renames, and merges of two or three parents, some with changes."""
    commits: list[Commit] = []
    for number in range(draw(st.integers(1, 14))):
        recent = st.integers(max(0, number - 5), max(0, number - 1))
        parents = draw(st.lists(recent, min_size=1, max_size=3, unique=True)) if number else []
        if number and draw(st.integers(0, 15)) == 0:
            parents = []  # another root commit
        tree = _merged(draw, [commits[parent].tree for parent in parents])
        for _ in range(draw(st.integers(0, 2 if len(parents) < 2 else 1))):
            _change(draw, tree)
        zone = draw(st.sampled_from(("+0000", "-1100", "+1300")))
        time = 1_700_000_000 + 40_000 * number + draw(st.sampled_from((0, 0, 0, -200_000)))
        commits.append(Commit(tuple(parents), tree, time, zone))
    return commits


def _merged(draw: DrawFn, trees: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """The tree of a merge: every path comes from one of the parents."""
    merged: dict[str, str] = {}
    for path in sorted({path for tree in trees for path in tree}):
        chosen = trees[draw(st.integers(0, len(trees) - 1))] if len(trees) > 1 else trees[0]
        if path in chosen:
            _put(merged, path, chosen[path])
    return merged


def _change(draw: DrawFn, tree: dict[str, str]) -> None:
    path, content = draw(st.sampled_from(PATHS)), draw(st.sampled_from((*CONTENTS, "", "delete", "rename")))
    match content:
        case "delete":
            tree.pop(path, None)
        case "rename" if tree:
            _put(tree, path, tree.pop(draw(st.sampled_from(sorted(tree)))))
        case _:
            _put(tree, path, content)


def _put(tree: dict[str, str], path: str, content: str) -> None:
    """Add a file, and remove the files that conflict with its path."""
    for other in [name for name in tree if name.startswith(f"{path}/") or path.startswith(f"{name}/")]:
        del tree[other]
    tree[path] = content


def last_change(root: Path, path: str) -> tuple[int, str]:
    """The index and the day of the commit that last changed a path, by `git log`."""
    output = git(root, "log", "-1", "--no-renames", "--format=%an%x00%cs", "--", path)
    author, day = output.rstrip("\n").split("\0")
    return int(author), day


def created(root: Path, ids: Sequence[str], commits: Sequence[Commit], path: str) -> int:
    """The index of the commit that created a path, found commit by commit with `git diff-tree`."""
    number = len(commits) - 1
    while True:
        parents, tree = commits[number].parents, commits[number].tree
        same = [parent for parent in parents if commits[parent].tree.get(path) == tree[path]]
        befores = ((parent, _before(root, ids[parent], ids[number], path)) for parent in parents)
        origins = [(same[0], path)] if same else [origin for origin in befores if origin[1]]
        if not origins:
            return number
        number, path = origins[0]


def _before(root: Path, parent: str, commit: str, path: str) -> str:
    """The path of a file in a parent, through a rename; empty if it did not exist."""
    options = ("-r", "-z", "-M100%", "--name-status", "--relative")
    output = git(root, "diff-tree", *options, parent, commit)
    fields = iter(output.split("\0"))
    for status in fields:
        if not status:
            break
        before = after = next(fields)
        if status.startswith("R"):
            after = next(fields)
        if after == path:
            return "" if status == "A" else before
    raise AssertionError(f"{path!r} does not differ")


def knowledge_base(root: Path) -> config.Config:
    return config.Config(root, config.settings({}, "mkdocs.yml"))


def dates_of(root: Path, path: str) -> Dates:
    read = history.read(knowledge_base(root))
    assert read
    dates = read.of(path)
    assert dates
    return dates


def index_and_day(authorship: Authorship | None) -> tuple[int, str] | None:
    return (int(authorship.author), authorship.day) if authorship else None


def _among_others(tree: Mapping[str, str], within: str, number: int) -> dict[str, str]:
    """The knowledge base in a folder of a repository whose other files change in every commit."""
    return {"code": str(number), **{f"{within}{path}": content for path, content in tree.items()}}


def documents(commit: Commit) -> list[str]:
    return [path for path in commit.tree if path.startswith("projects/")]


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(histories(), st.sampled_from(("", "team's/base/")))
def test_dates_agree_with_git_log_of_each_path(commits: list[Commit], within: str) -> None:
    with TemporaryDirectory() as folder:
        top = Path(folder).resolve()
        root = top / within
        root.mkdir(parents=True, exist_ok=True)
        placed = [
            commit._replace(tree=_among_others(commit.tree, within, n)) for n, commit in enumerate(commits)
        ]
        ids = create(top, placed)
        for path in documents(commits[-1]):
            dates = dates_of(root, path)
            assert index_and_day(dates.changed) == last_change(root, path)
            first = index_and_day(dates.created)
            assert first
            assert first[0] == created(root, ids, commits, path)


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(histories(), st.data())
def test_documents_older_than_a_shallow_boundary_have_no_dates(
    commits: list[Commit], data: st.DataObject
) -> None:
    with TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        ids = create(root, commits)
        full = {path: last_change(root, path) for path in documents(commits[-1])}
        boundary = data.draw(st.sets(st.integers(0, len(commits) - 1), min_size=1, max_size=3))
        (root / ".git/shallow").write_text(
            "".join(f"{ids[number]}\n" for number in sorted(boundary)), "ascii"
        )
        for path, (number, day) in full.items():
            dates = dates_of(root, path)
            naive, _ = last_change(root, path)
            assert index_and_day(dates.changed) == (None if naive in boundary else (number, day))
            assert dates.changed or not dates.created
