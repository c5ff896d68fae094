"""The page for beginners keeps its word: its commands work, and print what it says they print."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .walk import walk

if TYPE_CHECKING:
    from .walk import CommandResult

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "start.md").read_text("utf-8")


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[CommandResult]]:
    folder = tmp_path_factory.mktemp("start")
    return folder / "our-knowledge-base", list(walk(PAGE, folder))


def test_commands_of_the_start_page_succeed(walked: tuple[Path, list[CommandResult]]):
    _, typed = walked
    assert [each for each in typed if each.code] == []
    assert len(typed) == PAGE.count("\n$ ") - PAGE.count("\n$ cd ")


def test_start_page_quotes_command_output(walked: tuple[Path, list[CommandResult]]):
    _, typed = walked
    before_the_walk, *promised = re.findall(
        r"^```(?:markdown|text)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL
    )
    printed = [each.out + each.err for each in typed]
    assert "pip install" in before_the_walk
    assert len(promised) == 3
    assert [each for each in promised if not any(each in text for text in printed)] == []


def test_start_page_ends_with_a_site(walked: tuple[Path, list[CommandResult]]):
    root, _ = walked
    site = root / "site" / "projects" / "second-look" / "01-setup" / "report" / "index.html"
    assert "Size against shape" in site.read_text("utf-8")
