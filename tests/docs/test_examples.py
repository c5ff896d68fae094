"""Every example on a page is run: no number on it can be wrong."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(path for path in (ROOT / "docs").glob("*.md") if ">>>" in path.read_text("utf-8"))

FENCE = re.compile(r"^```pycon\n(.*?)^```$", re.MULTILINE | re.DOTALL)
OPTIONS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


def examples(page: str) -> list[doctest.Example]:
    """The examples of a page with their line numbers; later ones use the names of earlier ones."""
    parsed_examples = []
    for fence in FENCE.finditer(page):
        for example in doctest.DocTestParser().get_examples(fence[1]):
            example.lineno += page.count("\n", 0, fence.start(1))
            parsed_examples.append(example)
    return parsed_examples


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_page_examples_are_true(path: Path) -> None:
    page = path.read_text("utf-8")
    test = doctest.DocTest(examples(page), {}, path.name, str(path), 0, page)
    failures: list[str] = []
    result = doctest.DocTestRunner(optionflags=OPTIONS).run(test, out=failures.append)
    assert result.attempted
    assert not result.failed, "".join(failures)


def test_every_prompt_is_in_a_tested_block() -> None:
    for path in PAGES:
        page = path.read_text("utf-8")
        assert page.count(">>> ") == sum(fence.count(">>> ") for fence in FENCE.findall(page)), path.name
