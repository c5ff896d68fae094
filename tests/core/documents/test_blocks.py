"""Generated blocks: commands write between the markers and never outside."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iterata.documents import blocks

LINES = st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=12), max_size=5)


def marked(name: str, inner: str = "") -> str:
    return f"<!-- iterata:begin {name} -->\n{inner}<!-- iterata:end {name} -->\n"


@given(LINES, LINES, LINES)
def test_text_outside_the_block_is_kept(before: list[str], inner: list[str], after: list[str]) -> None:
    above, below = "".join(f"{line}\n" for line in before), "\n".join(after)
    text = above + marked("lift", "an old table\n") + below
    if blocks.find(above + below) != ({}, []):
        return  # the drawn lines happen to be markers
    written = blocks.replace(text, "lift", "\n".join(inner))
    assert written.startswith(above)
    assert written.endswith(below)
    assert blocks.same(blocks.find(written)[0]["lift"].content, "\n".join(inner))
    assert blocks.replace(written, "lift", "\n".join(inner)) == written


@pytest.mark.parametrize("text", ["", "prose", "prose\n", "prose\n\n"])
def test_missing_block_is_added_at_the_end(text: str) -> None:
    written = blocks.replace(text, "lift", "a table")
    assert written.startswith(text)
    assert written.removeprefix(text).lstrip("\n") == marked("lift", "a table\n")


def test_windows_line_ends_are_kept() -> None:
    text = ("above\n" + marked("lift", "old\n") + "below\n").replace("\n", "\r\n")
    written = blocks.replace(text, "lift", "one\ntwo")
    assert written == ("above\n" + marked("lift", "one\ntwo\n") + "below\n").replace("\n", "\r\n")


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("<!-- iterata:begin lift -->\n", 0),
        ("x\n<!-- iterata:end lift -->\n", 2),
        (marked("lift") + marked("lift"), len(marked("lift"))),
        ("<!-- iterata:begin a -->\n" + marked("b"), 0),
    ],
    ids=["no end", "no begin", "duplicate", "another block inside"],
)
def test_unpaired_marker_is_located(text: str, offset: int) -> None:
    _, (problem, *_) = blocks.find(text)
    assert problem.offset == offset
    assert problem.remedy


def test_marker_within_a_sentence_is_ignored() -> None:
    assert blocks.find("Write `<!-- iterata:begin lift -->` here.\n") == ({}, [])
