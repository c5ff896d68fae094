"""Documents with typical mistakes, and everything that the check reports about each.

A case is a document `NAME.STAGE.md` and, in `NAME.txt`, its problems: line and column, code, field and
message, and the fix below. Read a changed text as the document's author would before you commit it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from iterata.documents import parse
from iterata.stages import Stage

if TYPE_CHECKING:
    from ...helpers.golden import Golden

CASES = sorted((Path(__file__).parent / "cases").glob("*.md"))


def problems(path: Path, raw: bytes) -> list[str]:
    document = parse(path.name, Stage(path.suffixes[0].removeprefix(".")), raw)
    return [
        f"{line}:{column} {code} {field}: {message}\n    {remedy}"
        for code, _, _, (line, column), field, message, remedy, _ in document.problems
    ]


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.name)
def test_all_problems_of_a_document_are_reported_with_their_place(path: Path, golden: Golden) -> None:
    text = "\n".join(problems(path, path.read_bytes()))
    golden._replace(folder=path.parent).check(path.name.split(".")[0], text)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.name)
def test_line_ends_and_byte_order_mark_do_not_change_positions(path: Path) -> None:
    raw = path.read_bytes()
    assert problems(path, b"\xef\xbb\xbf" + raw.replace(b"\n", b"\r\n")) == problems(path, raw)
