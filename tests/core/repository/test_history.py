"""Dates of documents: merges and renames, submodules, shallow clones, and Git's configuration."""

from __future__ import annotations

import shutil
import stat
from typing import TYPE_CHECKING

import pytest

from iterata.errors import IterataError
from iterata.repository import config, history
from iterata.repository.history import Dates
from iterata.repository.log import Authorship

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


class CommittedBase(KnowledgeBase):
    """A knowledge base in its own repository, with its documents committed on the first day."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.grow(TREE)
        self.git = self.in_git()


@pytest.fixture
def base(tmp_path: Path) -> CommittedBase:
    return CommittedBase(tmp_path / "base")


def dates(root: Path, path: str) -> Dates | None:
    """The dates of one document; there must be a history."""
    found = history.read(config.load(root))
    assert found
    return found.of(path)


def dates_of(root: Path, path: str) -> tuple[Authorship | None, Authorship | None]:
    found = dates(root, path)
    assert found
    return found.created, found.changed


def later(base: CommittedBase, path: str, text: str = "\nMore.\n") -> Authorship:
    """Add to a document a day later, and commit."""
    base.git.clock += DAY * 3600
    place = base.root / path
    place.write_text(place.read_text("utf-8") + text, "utf-8")
    base.git.commit()
    return Authorship(base.git("log", "-1", "--format=%cs"), "data science")


def test_document_has_dates_of_creation_and_last_change(base: CommittedBase) -> None:
    first, unchanged = dates_of(base.root, REQUIREMENTS)
    assert first == unchanged
    changed = later(base, REQUIREMENTS)
    assert changed != first
    assert dates_of(base.root, REQUIREMENTS) == (first, changed)
    assert dates_of(base.root, ASSESSMENT) == (first, first)


def test_author_is_mapped_by_mailmap(base: CommittedBase) -> None:
    base.write(".mailmap", "Ana Söderström <data.science@example.org>\n")
    created, _ = dates_of(base.root, REQUIREMENTS)
    assert created
    assert created.author == "Ana Söderström"


def test_author_in_another_encoding_is_decoded(base: CommittedBase) -> None:
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
    created, _ = dates_of(base.root, REQUIREMENTS)
    assert created
    assert created.author == "René"


def test_day_is_in_the_committers_time_zone(base: CommittedBase) -> None:
    base.write(REQUIREMENTS, "changed")
    base.git("add", "--all")
    base.git("-c", "alias.late=!GIT_COMMITTER_DATE='1772281800 +1300' git commit -qm late", "late")
    changed = dates_of(base.root, REQUIREMENTS)[1]
    assert changed
    assert changed.day == "2026-03-01"  # in Greenwich, noon of the day before


def test_renamed_document_keeps_its_creation_date(base: CommittedBase) -> None:
    first, _ = dates_of(base.root, ASSESSMENT)
    base.git.clock += DAY * 3600
    base.git("mv", "projects/churn/01-setup", "projects/churn/01-first")
    base.git.commit()
    created, changed = dates_of(base.root, "projects/churn/01-first/assessment.md")
    assert created == first
    assert changed != first


def test_document_added_again_has_new_dates(base: CommittedBase) -> None:
    text = (base.root / ASSESSMENT).read_text("utf-8")
    base.git("rm", "--quiet", ASSESSMENT)
    base.git.commit()
    base.write(ASSESSMENT, "")
    again = later(base, ASSESSMENT, text)
    assert dates_of(base.root, ASSESSMENT) == (again, again)


def test_new_and_changed_documents_are_pending(base: CommittedBase) -> None:
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


def test_ignored_and_linked_documents_have_no_dates(base: CommittedBase) -> None:
    base.write(".gitignore", "/projects/churn/02-ignored/\n")
    base.write("projects/churn/02-ignored/assessment.md", "ignored")
    (base.root / "projects/linked").symlink_to("churn")
    (base.root / "projects/churn/03-other").mkdir()
    Git(base.root / "projects/churn/03-other")
    base.write("projects/churn/03-other/assessment.md", "of another repository")
    for path in ("churn/02-ignored/assessment.md", "linked/requirements.md", "churn/03-other/assessment.md"):
        assert dates(base.root, f"projects/{path}") is None


def test_submodule_has_its_own_dates(base: CommittedBase, tmp_path: Path) -> None:
    other = CommittedBase(tmp_path / "other")
    base.git(
        "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other.root), "projects/sub"
    )
    base.git.commit()
    assert dates(base.root, "projects/sub/projects/churn/requirements.md") is None
    assert dates(base.root / "projects/sub", REQUIREMENTS)


def test_knowledge_base_in_a_subfolder_has_dates(tmp_path: Path) -> None:
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


def test_no_history_without_git_repository_or_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base = KnowledgeBase(tmp_path / "base").grow(TREE)
    assert history.read(config.load(base.root)) is None
    Git(base.root)
    assert history.read(config.load(base.root)) is None
    monkeypatch.setenv("PATH", str(tmp_path))
    assert history.read(config.load(base.root)) is None


def test_shallow_clone_has_dates_within_its_depth(base: CommittedBase, tmp_path: Path) -> None:
    later(base, "mkdocs.yml", "# more\n")
    changed = later(base, REQUIREMENTS)
    later(base, "mkdocs.yml", "# more\n")
    whole = [dates_of(base.root, path) for path in (REQUIREMENTS, ASSESSMENT)]
    for depth, found, undated in (
        ("1", [(None, None), (None, None)], 2),
        ("3", [(None, changed), (None, None)], 1),
        ("9", whole, 0),
    ):
        clone = tmp_path / depth
        base.git("clone", "--quiet", "--depth", depth, base.root.as_uri(), str(clone))
        assert [dates_of(clone, path) for path in (REQUIREMENTS, ASSESSMENT)] == found
        known = history.read(config.load(clone))
        assert known
        assert known.undated == undated


def test_git_configuration_does_not_change_dates(base: CommittedBase) -> None:
    base.git("switch", "--quiet", "--create", "branch", "HEAD")
    later(base, REQUIREMENTS)
    base.git("switch", "--quiet", "main")
    later(base, ASSESSMENT)
    base.git("merge", "--quiet", "--no-edit", "branch")
    before = [dates_of(base.root, path) for path in (REQUIREMENTS, ASSESSMENT)]
    for setting in (
        "log.showRoot=false", "log.diffMerges=first-parent", "log.showSignature=true", "log.mailmap=false",
        "log.decorate=full", "log.abbrevCommit=true", "log.follow=true", "log.date=relative",
        "color.ui=always", "diff.renames=copies", "diff.noprefix=true", "diff.relative=true",
        "format.pretty=oneline", "core.quotePath=true", "status.short=true", "status.branch=true",
        "status.renames=copies", "status.showUntrackedFiles=no", "notes.displayRef=*",
    ):  # fmt: skip
        base.git("config", *setting.split("=", 1))
    history._committed_documents.cache_clear()
    assert [dates_of(base.root, path) for path in (REQUIREMENTS, ASSESSMENT)] == before


def test_damaged_repository_is_refused(base: CommittedBase) -> None:
    later(base, REQUIREMENTS)
    tree = base.git("rev-parse", "HEAD~1^{tree}")
    place = base.root / ".git/objects" / tree[:2] / tree[2:]
    place.chmod(stat.S_IWUSR)
    place.unlink()
    with pytest.raises(IterataError) as error:
        history.read(config.load(base.root))
    assert error.value.location.source == str(base.root)


def test_history_is_read_once_per_commit(
    base: CommittedBase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = shutil.which("git"), tmp_path / "calls"
    wrapper = tmp_path / "bin/git"
    wrapper.parent.mkdir()
    wrapper.write_text(f'#!/bin/sh\necho "$@" >> "{calls}"\nexec "{real}" "$@"\n', "utf-8")
    wrapper.chmod(0o755)
    monkeypatch.setenv("PATH", str(wrapper.parent), prepend=":")

    def passes() -> int:
        return calls.read_text("utf-8").count("--topo-order")

    dates(base.root, REQUIREMENTS)
    dates(base.root, ASSESSMENT)
    assert passes() == 1
    later(base, ASSESSMENT)
    dates(base.root, ASSESSMENT)
    assert passes() == 2
