"""Limits on prose: hostile pages are refused, in one pass, and ordinary ones are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from iterata.documents.prose_limits import excesses

ROOT = Path(__file__).parents[3]

HOSTILE = {
    "a list of 300 levels": "".join(f"{'    ' * depth}- x\n" for depth in range(300)),
    "a list of 300 levels by tabs": "".join("\t" * depth + "- x\n" for depth in range(300)),
    "admonitions in admonitions": "".join(f"{'    ' * depth}!!! note\n" for depth in range(100)),
    "quotes in quotes": "> " * 300 + "x",
    "lists on one line": "- " * 300 + "x",
    "numbers on one line": "1. " * 300 + "x",
    "mixed": "> - 1. " * 100 + "x",
    "brackets": "[" * 30_000,
    "images": "![" * 30_000,
    "links": "[a](" * 30_000,
    "tags": "<a " * 30_000,
    "deep HTML": "<div>\n\n" * 30_000,
    "CDATA": "<![CDATA[\n\n" * 3_000,
    "headings": "# a\n\n" * 5_000,
    "underlined headings": "a\n=\n\n" * 5_000,
    "definitions of links": "[a]: x\n\n" * 5_000,
    "footnotes": "x[^1]\n\n" * 2_000,
    "fences": "```\n" * 5_000,
    "inline code": "`a` " * 20_000,
    "a long line": "a" * 1_000_000,
    "a long table": "a|b\n-|-\n" + "a|b\n" * 300_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_page_is_refused(name: str) -> None:
    body = f"\nAn introduction.\n\n{HOSTILE[name]}"
    excess = next(excesses(body), None)
    assert excess is not None
    assert 0 <= excess.offset < len(body)


def test_place_is_that_of_the_line() -> None:
    body = "\nAn introduction.\n\n" + "> " * 30 + "x\n"
    (excess,) = excesses(body)
    assert body.count("\n", 0, excess.offset) == 3


@pytest.mark.parametrize(
    "body",
    [
        "- - - " * 20,
        "* * * *",
        "```\n" + " " * 60 + "x\n```\n",
        "| a | [b](c) |\n| - | - |\n" + "| 1 | [x](y.md) |\n" * 500,
        "".join(f"{'    ' * depth}- x\n" for depth in range(8)),
    ],
)
def test_ordinary_page_is_accepted(body: str) -> None:
    assert list(excesses(body)) == []


def test_documents_of_this_repository_are_accepted() -> None:
    pages = [*ROOT.glob("projects/**/*.md"), *ROOT.glob("docs/**/*.md")]
    assert pages
    for page in pages:
        assert list(excesses(page.read_text("utf-8"))) == [], page
