"""The dates of documents in repositories of every kind."""

from __future__ import annotations

import shutil
import stat
from typing import TYPE_CHECKING

import pytest

from iterata.errors import IterataError
from iterata.repository import config, history
from iterata.repository.history import Dates
from iterata.repository.log import Moment

from ...helpers.git import Git
from ...helpers.knowledge_base import KnowledgeBase

if TYPE_CHECKING:
    from pathlib import Path

REQUIREMENTS = "projects/churn/requirements.md"
ASSESSMENT = "projects/churn/01-setup/assessment.md"
DAY = 24

TREE = """
    churn
      requirements: approved
      01-setup
        assessment: draft
"""


class Kept(KnowledgeBase):
    """A knowledge base in a repository of its own, its documents committed on the first day."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.grow(TREE)
        self.git = self.in_git()


@pytest.fixture
def base(tmp_path: Path) -> Kept:
    return Kept(tmp_path / "base")


def dates(root: Path, path: str) -> Dates | None:
    """What is known of one document; the history must be there."""
    found = history.read(config.load(root))
    assert found
    return found.of(path)


def moments(root: Path, path: str) -> tuple[Moment | None, Moment | None]:
    found = dates(root, path)
    assert found
    return found.created, found.changed


def later(base: Kept, path: str, text: str = "\nMore.\n") -> Moment:
    """Add to a document a day later."""
    base.git.clock += DAY * 3600
    place = base.root / path
    place.write_text(place.read_text("utf-8") + text, "utf-8")
    base.git.commit()
    return Moment(base.git("log", "-1", "--format=%cs"), "data science")


def test_a_document_was_created_once_and_changed_last_by_somebody(base: Kept) -> None:
    first, unchanged = moments(base.root, REQUIREMENTS)
    assert first == unchanged
    changed = later(base, REQUIREMENTS)
    assert changed != first
    assert moments(base.root, REQUIREMENTS) == (first, changed)
    assert moments(base.root, ASSESSMENT) == (first, first)


def test_names_are_those_of_the_mailmap(base: Kept) -> None:
    base.write(".mailmap", "Ana Söderström <data.science@example.org>\n")
    created, _ = moments(base.root, REQUIREMENTS)
    assert created
    assert created.author == "Ana Söderström"


def test_a_name_in_another_encoding_is_the_same_name(base: Kept) -> None:
    base.git(
        "-c",
        "i18n.commitEncoding=latin1",
        "commit",
        "--amend",
        "--quiet",
        "--no-edit",
        "--author",
        "Ren\udce9 <rene@example.org>",
    )
    created, _ = moments(base.root, REQUIREMENTS)
    assert created
    assert created.author == "René"


def test_a_day_is_the_committers_own(base: Kept) -> None:
    base.write(REQUIREMENTS, "changed")
    base.git("add", "--all")
    base.git("-c", "alias.late=!GIT_COMMITTER_DATE='1772281800 +1300' git commit -qm late", "late")
    changed = moments(base.root, REQUIREMENTS)[1]
    assert changed
    assert changed.day == "2026-03-01"  # in Greenwich, noon of the day before


def test_a_document_that_was_moved_unchanged_was_created_where_it_was(base: Kept) -> None:
    first, _ = moments(base.root, ASSESSMENT)
    base.git.clock += DAY * 3600
    base.git("mv", "projects/churn/01-setup", "projects/churn/01-first")
    base.git.commit()
    created, changed = moments(base.root, "projects/churn/01-first/assessment.md")
    assert created == first
    assert changed != first


def test_a_document_that_was_deleted_begins_anew(base: Kept) -> None:
    text = (base.root / ASSESSMENT).read_text("utf-8")
    base.git("rm", "--quiet", ASSESSMENT)
    base.git.commit()
    base.write(ASSESSMENT, "")
    again = later(base, ASSESSMENT, text)
    assert moments(base.root, ASSESSMENT) == (again, again)


def test_what_is_new_or_changed_is_not_committed(base: Kept) -> None:
    base.write(REQUIREMENTS, "changed")
    base.write("projects/churn/01-setup/proposal.md", "new")
    changed = dates(base.root, REQUIREMENTS)
    assert changed
    assert (changed.committed, changed.pending) == (True, True)
    new = dates(base.root, "projects/churn/01-setup/proposal.md")
    assert new == Dates(None, None, committed=False, pending=True)
    untouched = dates(base.root, ASSESSMENT)
    assert untouched
    assert not untouched.pending


def test_what_git_does_not_see_has_no_dates(base: Kept) -> None:
    base.write(".gitignore", "/projects/churn/02-ignored/\n")
    base.write("projects/churn/02-ignored/assessment.md", "ignored")
    (base.root / "projects/linked").symlink_to("churn")
    (base.root / "projects/churn/03-other").mkdir()
    Git(base.root / "projects/churn/03-other")
    base.write("projects/churn/03-other/assessment.md", "of another repository")
    for path in ("churn/02-ignored/assessment.md", "linked/requirements.md", "churn/03-other/assessment.md"):
        assert dates(base.root, f"projects/{path}") is None


def test_a_submodule_keeps_its_dates_to_itself(base: Kept, tmp_path: Path) -> None:
    other = Kept(tmp_path / "other")
    base.git(
        "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other.root), "projects/sub"
    )
    base.git.commit()
    assert dates(base.root, "projects/sub/projects/churn/requirements.md") is None
    assert dates(base.root / "projects/sub", REQUIREMENTS)


def test_below_the_top_of_a_repository_paths_count_from_the_knowledge_base(tmp_path: Path) -> None:
    git = Git(tmp_path)
    base = KnowledgeBase(tmp_path / "team's/base").grow(TREE)
    git.commit()
    (tmp_path / "code.py").write_text("1", "utf-8")
    git.commit()
    base.write(ASSESSMENT, "changed")
    changed, same = dates(base.root, ASSESSMENT), dates(base.root, REQUIREMENTS)
    assert changed
    assert same
    assert (changed.pending, same.pending) == (True, False)
    assert changed.created == same.created
    assert same.created


def test_no_git_no_repository_and_no_commit_are_no_history(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = KnowledgeBase(tmp_path / "base").grow(TREE)
    assert history.read(config.load(base.root)) is None
    Git(base.root)
    assert history.read(config.load(base.root)) is None
    monkeypatch.setenv("PATH", str(tmp_path))
    assert history.read(config.load(base.root)) is None


def test_a_shallow_clone_knows_what_it_holds_and_what_it_does_not(base: Kept, tmp_path: Path) -> None:
    later(base, "mkdocs.yml", "# more\n")
    changed = later(base, REQUIREMENTS)
    later(base, "mkdocs.yml", "# more\n")
    whole = [moments(base.root, path) for path in (REQUIREMENTS, ASSESSMENT)]
    for depth, found, undated in (
        ("1", [(None, None), (None, None)], 2),
        ("3", [(None, changed), (None, None)], 1),
        ("9", whole, 0),
    ):
        clone = tmp_path / depth
        base.git("clone", "--quiet", "--depth", depth, base.root.as_uri(), str(clone))
        assert [moments(clone, path) for path in (REQUIREMENTS, ASSESSMENT)] == found
        known = history.read(config.load(clone))
        assert known
        assert known.undated == undated


def test_whatever_is_configured_for_git_log_the_dates_are_the_same(base: Kept) -> None:
    base.git("switch", "--quiet", "--create", "branch", "HEAD")
    later(base, REQUIREMENTS)
    base.git("switch", "--quiet", "main")
    later(base, ASSESSMENT)
    base.git("merge", "--quiet", "--no-edit", "branch")
    before = [moments(base.root, path) for path in (REQUIREMENTS, ASSESSMENT)]
    for setting in (
        "log.showRoot=false", "log.diffMerges=first-parent", "log.showSignature=true", "log.mailmap=false",
        "log.decorate=full", "log.abbrevCommit=true", "log.follow=true", "log.date=relative",
        "color.ui=always", "diff.renames=copies", "diff.noprefix=true", "diff.relative=true",
        "format.pretty=oneline", "core.quotePath=true", "status.short=true", "status.branch=true",
        "status.renames=copies", "status.showUntrackedFiles=no", "notes.displayRef=*",
    ):  # fmt: skip
        base.git("config", *setting.split("=", 1))
    history._known.cache_clear()
    assert [moments(base.root, path) for path in (REQUIREMENTS, ASSESSMENT)] == before


def test_a_repository_that_is_broken_says_so(base: Kept) -> None:
    later(base, REQUIREMENTS)
    tree = base.git("rev-parse", "HEAD~1^{tree}")
    place = base.root / ".git/objects" / tree[:2] / tree[2:]
    place.chmod(stat.S_IWUSR)
    place.unlink()
    with pytest.raises(IterataError, match="cannot read the history to its end") as refused:
        history.read(config.load(base.root))
    assert "dates: false" in refused.value.remedy


def test_git_is_asked_once_for_all_documents_and_again_only_after_a_commit(
    base: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, asked = shutil.which("git"), tmp_path / "asked"
    wrapper = tmp_path / "bin/git"
    wrapper.parent.mkdir()
    wrapper.write_text(f'#!/bin/sh\necho "$@" >> "{asked}"\nexec "{real}" "$@"\n', "utf-8")
    wrapper.chmod(0o755)
    monkeypatch.setenv("PATH", str(wrapper.parent), prepend=":")

    def passes() -> int:
        return asked.read_text("utf-8").count("--topo-order")

    dates(base.root, REQUIREMENTS)
    dates(base.root, ASSESSMENT)
    assert passes() == 1
    later(base, ASSESSMENT)
    dates(base.root, ASSESSMENT)
    assert passes() == 2
