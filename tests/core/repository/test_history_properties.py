"""Histories of any shape: what one pass finds is what Git says of each path, asked one by one."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from iterata.repository import config, history

from .made import LINK, Commit, git, make

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hypothesis.strategies import DrawFn

    from iterata.repository.history import Dates
    from iterata.repository.log import Moment

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
"""So few that branches often agree, and that a revert or a second beginning is the first again."""


@st.composite
def histories(draw: DrawFn) -> list[Commit]:
    """Commits upon each other: changes, deletions, moves, and merges of two or three, some with changes."""
    commits: list[Commit] = []
    for number in range(draw(st.integers(1, 14))):
        recent = st.integers(max(0, number - 5), max(0, number - 1))
        parents = draw(st.lists(recent, min_size=1, max_size=3, unique=True)) if number else []
        if number and draw(st.integers(0, 15)) == 0:
            parents = []  # another beginning
        tree = _mixed(draw, [commits[parent].tree for parent in parents])
        for _ in range(draw(st.integers(0, 2 if len(parents) < 2 else 1))):
            _change(draw, tree)
        zone = draw(st.sampled_from(("+0000", "-1100", "+1300")))
        time = 1_700_000_000 + 40_000 * number + draw(st.sampled_from((0, 0, 0, -200_000)))
        commits.append(Commit(tuple(parents), tree, time, zone))
    return commits


def _mixed(draw: DrawFn, trees: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """What a merge without conflicts might be: every path from one of the parents."""
    mixed: dict[str, str] = {}
    for path in sorted({path for tree in trees for path in tree}):
        chosen = trees[draw(st.integers(0, len(trees) - 1))] if len(trees) > 1 else trees[0]
        if path in chosen:
            _put(mixed, path, chosen[path])
    return mixed


def _change(draw: DrawFn, tree: dict[str, str]) -> None:
    path, content = draw(st.sampled_from(PATHS)), draw(st.sampled_from((*CONTENTS, "", "gone", "moved")))
    match content:
        case "gone":
            tree.pop(path, None)
        case "moved" if tree:
            _put(tree, path, tree.pop(draw(st.sampled_from(sorted(tree)))))
        case _:
            _put(tree, path, content)


def _put(tree: dict[str, str], path: str, content: str) -> None:
    """A file, in the place of whatever stands in its way."""
    for other in [each for each in tree if each.startswith(f"{path}/") or path.startswith(f"{each}/")]:
        del tree[other]
    tree[path] = content


def looked_up(root: Path, path: str) -> tuple[int, str]:
    """What Git says of one path: the position of the commit that last changed it, and the committer's day."""
    said = git(root, "log", "-1", "--no-renames", "--format=%an%x00%cs", "--", path)
    author, day = said.rstrip("\n").split("\0")
    return int(author), day


def created(root: Path, ids: Sequence[str], commits: Sequence[Commit], path: str) -> int:
    """Where a path came from, going back commit by commit and asking Git about each step."""
    number = len(commits) - 1
    while True:
        parents, tree = commits[number].parents, commits[number].tree
        same = [parent for parent in parents if commits[parent].tree.get(path) == tree[path]]
        befores = ((parent, _before(root, ids[parent], ids[number], path)) for parent in parents)
        found = [(same[0], path)] if same else [each for each in befores if each[1]]
        if not found:
            return number
        number, path = found[0]


def _before(root: Path, parent: str, commit: str, path: str) -> str:
    """The path that a file had in a parent, even if it was moved; empty if it was not there."""
    options = ("-r", "-z", "-M100%", "--name-status", "--relative")
    listed = git(root, "diff-tree", *options, parent, commit)
    fields = iter(listed.split("\0"))
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
    found = history.read(knowledge_base(root))
    assert found
    dates = found.of(path)
    assert dates
    return dates


def said(moment: Moment | None) -> tuple[int, str] | None:
    return (int(moment.author), moment.day) if moment else None


def _among_others(tree: Mapping[str, str], within: str, number: int) -> dict[str, str]:
    """The knowledge base in a folder of a repository whose other files change all the time."""
    return {"code": str(number), **{f"{within}{path}": content for path, content in tree.items()}}


def documents(commit: Commit) -> list[str]:
    return [path for path in commit.tree if path.startswith("projects/")]


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(histories(), st.sampled_from(("", "team's/base/")))
def test_every_document_has_the_dates_that_git_gives_it(commits: list[Commit], within: str) -> None:
    with TemporaryDirectory() as folder:
        top = Path(folder).resolve()
        root = top / within
        root.mkdir(parents=True, exist_ok=True)
        placed = [each._replace(tree=_among_others(each.tree, within, n)) for n, each in enumerate(commits)]
        ids = make(top, placed)
        for path in documents(commits[-1]):
            dates = dates_of(root, path)
            assert said(dates.changed) == looked_up(root, path)
            beginning = said(dates.created)
            assert beginning
            assert beginning[0] == created(root, ids, commits, path)


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(histories(), st.data())
def test_where_the_history_was_cut_off_no_date_is_made_up(commits: list[Commit], data: st.DataObject) -> None:
    with TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        ids = make(root, commits)
        whole = {path: looked_up(root, path) for path in documents(commits[-1])}
        cut = data.draw(st.sets(st.integers(0, len(commits) - 1), min_size=1, max_size=3))
        (root / ".git/shallow").write_text("".join(f"{ids[number]}\n" for number in sorted(cut)), "ascii")
        for path, (number, day) in whole.items():
            dates = dates_of(root, path)
            naive, _ = looked_up(root, path)
            assert said(dates.changed) == (None if naive in cut else (number, day))
            assert dates.changed or not dates.created
