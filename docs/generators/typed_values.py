"""The table of how many values people type, from what a test has counted in two rounds.

The rest of the page is written by hand; only the part between the two marks is replaced.
"""

from __future__ import annotations

from pathlib import Path

from generators.text import table

ROOT = Path(__file__).resolve().parents[2]
COUNTS = ROOT / "tests/end_to_end/golden/typed_values.txt"
BEGIN, END = "<!-- typed values: written by docs/generate.py -->", "<!-- typed values end -->"


def page() -> str:
    """The page with the stored counts."""
    before, rest = (ROOT / "docs/method.md").read_text("utf-8").split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n\n{_table()}\n\n{END}{after}"


def _table() -> str:
    """A row for each document, a column for each round, and the sums."""
    counts = {
        (name, document): int(count)
        for name, document, count in map(str.split, COUNTS.read_text("utf-8").splitlines())
    }
    rounds = list(dict.fromkeys(name for name, _ in counts))
    documents = list(dict.fromkeys(document for _, document in counts))
    rows = [[document, *(str(counts.get((name, document), "")) for name in rounds)] for document in documents]
    sums = [str(sum(count for (of, _), count in counts.items() if of == name)) for name in rounds]
    heading = ["typed values", *(f"{name} round" for name in rounds)]
    return table(heading, [*rows, ["**all**", *(f"**{total}**" for total in sums)]])
