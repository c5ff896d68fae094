"""Print what columns may be, and the line that declares it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.text import truncate
from iterata_cli.output import on_one_line, print_message

if TYPE_CHECKING:
    from iterata.data.doubts import UnusedDoubts

SHOWN_COLUMNS = 3
"""How many doubtful columns a note describes."""

LONGEST_SAMPLE = 40
"""The longest value that the note repeats in full."""


def print_doubts(doubts: UnusedDoubts, note: str, field: str) -> None:
    """Name some of the columns, and print the line that declares all of them below `field`."""
    shown = [
        f"`{name}` {doubt.holds}, such as {truncate(doubt.sample, LONGEST_SAMPLE)}"
        + (f" ({doubt.correction})" if doubt.correction else "")
        for name, doubt in list(doubts.columns.items())[:SHOWN_COLUMNS]
    ]
    if others := len(doubts.columns) - len(shown):
        shown.append(f"{others} more")
    print_message(on_one_line(f"{note}: {'; '.join(shown)}"))
    print_message(on_one_line(f"  fix: declare what they are below `{field}`: `{doubts.declaration}`"))
