"""Documents as people write them in a hurry, and all that the check tells them about each.

A case is a document `NAME.STAGE.md` and, in `NAME.txt`, its problems: place, code, field and message, and the
remedy below them. They are read as their authors would read them: change a text only for one that helps more.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from iterata.documents import parse
from iterata.stages import Stage

CASES = sorted((Path(__file__).parent / "cases").glob("*.md"))


def told(path: Path, raw: bytes) -> list[str]:
    document = parse(path.name, Stage(path.suffixes[0].removeprefix(".")), raw)
    return [
        f"{line}:{column} {code} {field}: {message}\n    {remedy}\n"
        for code, _, _, (line, column), field, message, remedy in document.problems
    ]


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.name)
def test_everything_is_told_at_once_and_in_place(path: Path) -> None:
    expected = path.with_name(path.name.split(".")[0]).with_suffix(".txt").read_text("utf-8")
    assert "".join(told(path, path.read_bytes())) == expected


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.name)
def test_line_ends_and_a_byte_order_mark_move_nothing(path: Path) -> None:
    raw = path.read_bytes()
    assert told(path, b"\xef\xbb\xbf" + raw.replace(b"\n", b"\r\n")) == told(path, raw)
