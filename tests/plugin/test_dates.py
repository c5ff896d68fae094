"""When documents were written, on their pages."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest
from mkdocs.exceptions import Abort

from ..helpers.git import Git

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Site

ASSESSMENT = "projects/newsletter/01-setup/assessment"
REPORT = "projects/newsletter/01-setup/report"


@pytest.fixture
def git(base: Path) -> Git:
    """The small knowledge base, committed."""
    (base / ".gitignore").write_text("/site/\n", "utf-8")
    git = Git(base)
    git.commit()
    return git


def date_line(site: Site, path: str) -> str:
    """The line with the dates on the card of a document."""
    return " ".join(
        "".join(element.text for element in site.page(path).all("span", class_="it-dates")).split()
    )


def test_document_shows_dates_and_authors(git: Git, base: Path, build: Callable[..., Site]) -> None:
    report = base / f"{REPORT}.md"
    report.write_text(report.read_text("utf-8") + "\nOne more sentence.\n", "utf-8")
    git.clock += 86_400
    git("commit", "-qam", "a step", "--author", "Ana &lt; {{ 7 }} Ünal <ana@example.org>")
    site = build(strict=True)
    assert date_line(site, ASSESSMENT) == "created 2026-02-25 by data science"
    assert (
        date_line(site, REPORT)
        == "created 2026-02-25 by data science, last changed 2026-02-26 by Ana &lt; {{ 7 }} Ünal"
    )
    assert [time.attributes["datetime"] for time in site.page(REPORT).all("time")] == [
        "2026-02-25",
        "2026-02-26",
        "2026-03-20",  # of the decision
    ]
    assert "Ana &amp;lt; {{ 7 }}" in site.page(REPORT).source


def test_uncommitted_documents_are_marked(git: Git, base: Path, build: Callable[..., Site]) -> None:
    git("rm", "--quiet", "--cached", f"{ASSESSMENT}.md")
    git("commit", "-qm", "not yet")
    report = base / f"{REPORT}.md"
    report.write_text(report.read_text("utf-8") + "\nOne more sentence.\n", "utf-8")
    site = build(strict=True)
    assert date_line(site, ASSESSMENT) == "not committed yet"
    assert date_line(site, REPORT) == "created 2026-02-25 by data science, with uncommitted changes"


def test_shallow_clone_builds_strictly_without_dates(
    git: Git, base: Path, build: Callable[..., Site], caplog: pytest.LogCaptureFixture
) -> None:
    git.commit("later")
    (base / ".git/shallow").write_text(git("rev-parse", "HEAD~1") + "\n", "ascii")
    with caplog.at_level(logging.INFO):
        site = build(strict=True)
        notes = [record.getMessage() for record in caplog.records if "fetch-depth" in record.getMessage()]
    assert len(notes) == 1
    assert "7 documents have no dates" in notes[0]
    assert date_line(site, REPORT) == "date unknown: the site was built from a shallow clone"
    assert "2026-02-25" not in site.page(REPORT).source


def test_no_dates_and_no_warnings_outside_git(
    build: Callable[..., Site], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        site = build(strict=True)
        assert "documents have no dates: there is no Git commit here" in caplog.text
    assert not site.page(REPORT).all("span", class_="it-dates")


def test_unreadable_history_does_not_stop_the_build(
    git: Git, base: Path, build: Callable[..., Site], caplog: pytest.LogCaptureFixture
) -> None:
    tree = git("rev-parse", "HEAD^{tree}")
    (base / ".git/objects" / tree[:2] / tree[2:]).rename(base / "tree")
    with caplog.at_level(logging.INFO):
        site = build(strict=True)
        assert "Git cannot" in caplog.text
    assert not site.page(REPORT).all("span", class_="it-dates")


def test_dates_can_be_turned_off(git: Git, build: Callable[..., Site]) -> None:
    site = build(strict=True, plugins=["search", {"iterata": {"dates": False}}])
    assert not site.page(REPORT).all("span", class_="it-dates")


def test_dates_option_is_boolean(build: Callable[..., Site], caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(Abort):
        build(plugins=[{"iterata": {"dates": "sometimes"}}])
    assert "dates" in caplog.text


def test_next_build_shows_a_new_commit(git: Git, base: Path, build: Callable[..., Site]) -> None:
    before = date_line(build(), REPORT)
    report = base / f"{REPORT}.md"
    report.write_text(report.read_text("utf-8") + "\nOne more sentence.\n", "utf-8")
    git.clock += 86_400
    git.commit()
    assert date_line(build(), REPORT) == f"{before}, last changed 2026-02-26 by data science"
