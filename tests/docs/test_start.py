"""The first guide quotes real output: its commands succeed, and print what the page shows."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from iterata.documents import parse
from iterata.documents.yaml.loader import load
from iterata.stages import Stage

from .run_page import run_page

if TYPE_CHECKING:
    from .run_page import CommandResult

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "start.md").read_text("utf-8")


@pytest.fixture(scope="module")
def page_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[CommandResult]]:
    folder = tmp_path_factory.mktemp("start")
    return folder / "our-knowledge-base", list(run_page(PAGE, folder))


def test_commands_of_the_start_page_succeed(page_run: tuple[Path, list[CommandResult]]):
    _, command_results = page_run
    assert [result for result in command_results if result.code] == []
    assert len(command_results) == PAGE.count("\n$ ") - PAGE.count("\n$ cd ")


def test_start_page_quotes_command_output(page_run: tuple[Path, list[CommandResult]]):
    _, command_results = page_run
    installation, *quoted = re.findall(r"^```(?:markdown|text)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    printed = [result.out + result.err for result in command_results]
    assert "pip install" in installation
    assert len(quoted) == 3
    assert [quote for quote in quoted if not any(quote in text for text in printed)] == []


def test_next_plan_is_copied_as_the_page_shows(page_run: tuple[Path, list[CommandResult]]):
    root, _ = page_run
    path = "projects/second-look/02-feature/proposal.md"
    written = parse(path, Stage.PROPOSAL, (root / path).read_bytes()).data["plan"]
    (shown,) = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    plan, _ = load(shown)
    assert {key: written[key] for key in plan} == plan


def test_start_page_ends_with_a_site(page_run: tuple[Path, list[CommandResult]]):
    root, _ = page_run
    site = root / "site" / "projects" / "second-look" / "01-setup" / "report" / "index.html"
    assert "Size against shape" in site.read_text("utf-8")
