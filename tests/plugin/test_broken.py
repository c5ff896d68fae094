"""A document with problems is reported, and its readable parts are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from mkdocs.exceptions import Abort

from iterata.repository.config import Settings
from mkdocs_iterata.plugin import IterataConfig

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Site

REPORT = "projects/newsletter/01-setup/report"


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


@pytest.fixture
def report(base: Path) -> Path:
    return base / f"{REPORT}.md"


def test_readable_parts_are_shown_with_the_problems(report: Path, build: Callable[..., Site]) -> None:
    edit(report, "kind: negative", "kind: sad")
    site = build()
    page = site.page(REPORT)
    assert "This document has problems." in page.text
    assert "report.md:15" in page.text
    assert "Habits tell who reads." in page.text  # the other finding
    assert "opens 60 more issues" in page.text
    links = [link.attributes["href"] for link in site.page("findings").all("a", href="-F")]
    assert sorted(links) == [
        "../findings/newsletter/01-setup-F1/",
        "../findings/wine-labels/requirements-F1/",
    ]
    assert "problems in its front matter" in site.page("projects").text


def test_problem_is_a_warning_of_the_build(report: Path, build: Callable[..., Site]) -> None:
    edit(report, "status: approved", "status: aproved")
    hidden = ("projects/Churn", "projects/newsletter/1st try")
    for folder in hidden:
        (report.parents[3] / folder).mkdir()
    warnings = build().warnings
    assert any(f"{REPORT}.md:4:9" in warning for warning in warnings)
    assert [name for name in hidden for warning in warnings if f"{name}:1:1: TREE002" in warning] == list(
        hidden
    )
    for folder in hidden:
        (report.parents[3] / folder).rmdir()
    with pytest.raises(Abort, match="1 warning"):
        build(strict=True)


WRONG_TYPES = b"""---
stage: report
title: {a: b}
status: [x]
owners: 3
approvals: text
abandoned: yes
superseded_by: 7
findings: {a: 1}
hypotheses: [1, [2], {id: H1}]
---
"""


@pytest.mark.parametrize(
    "content",
    [
        b"---\ntitle: [unclosed\n---\nprose",
        b"no front matter at all",
        b"---\nstage: report\n",
        b"---\n- a\n- list\n---\nprose",
        b"\xff\xfe not text",
        b"",
        WRONG_TYPES,
        b"---\nstage: report\nstage: report\ndecision: {outcome: 2023-14-05}\n---\nprose",
    ],
)
def test_site_builds_with_any_file_content(report: Path, build: Callable[..., Site], content: bytes) -> None:
    report.write_bytes(content)
    (report.parents[3] / "docs/index.md").write_text("# Home\n", "utf-8")
    site = build()
    assert "This document has problems." in site.page(REPORT).text
    assert "Two first models" in site.page("projects/newsletter/01-setup/proposal").text
    assert any("report.md:" in warning for warning in site.warnings)


def test_unreadable_result_is_reported(base: Path, build: Callable[..., Site]) -> None:
    (base / "projects/newsletter/01-setup/results/experiment.json").write_text("{}", "utf-8")
    site = build()
    assert any("01-setup/results/experiment.json: " in warning for warning in site.warnings)
    page = site.page("projects/newsletter/01-setup")
    assert page.all("div", id="results")  # the expected lift
    assert any(
        "experiment.json cannot be read" in box.text for box in page.all("section", class_="it-answer")
    )


def test_ignored_rule_does_not_stop_the_build(report: Path, build: Callable[..., Site]) -> None:
    edit(report, "summary: A small model", "sumary: misspelt\nsummary: A small model")
    assert any("DOC006" in warning for warning in build().warnings)
    assert not build(plugins=[{"iterata": {"severity": {"DOC006": "ignore"}}}], strict=True).warnings


def test_plugin_accepts_every_setting() -> None:
    assert {name for name, _ in IterataConfig._schema} == set(Settings.model_fields)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"projects_dir": "../elsewhere"}, "mkdocs.yml: plugins.iterata.projects_dir: "),
        ({"projects_dri": "x"}, "mkdocs.yml: plugins.iterata.projects_dri: "),
        ({"projects_dir": "docs/projects"}, "mkdocs.yml: plugins.iterata.projects_dir: is inside docs_dir"),
    ],
)
def test_invalid_option_names_file_and_key(
    build: Callable[..., Site], caplog: pytest.LogCaptureFixture, options: dict[str, str], message: str
) -> None:
    with pytest.raises(Abort):
        build(plugins=[{"iterata": options}])
    assert message in caplog.text
    assert "fix: " in caplog.text
