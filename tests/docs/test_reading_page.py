"""The page on reading a report quotes the report of the example."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
REPORT = (ROOT / "projects/caravan-policies/01-setup/report.md").read_text("utf-8")
PAGE = (ROOT / "docs/reading.md").read_text("utf-8")


def rows(text: str) -> list[tuple[str, ...]]:
    """The rows of all tables, without the lines below the headers."""
    lines = (line.strip("| ") for line in text.splitlines() if line.startswith("|"))
    return [
        tuple(cell.strip() for cell in line.split("|")) for line in lines if not line.startswith((":-", "-"))
    ]


def test_reading_page_quotes_the_report() -> None:
    assert len(rows(PAGE)) == 10
    assert set(rows(PAGE)) <= set(rows(REPORT))
    (quoted,) = [line.removeprefix("> ") for line in PAGE.splitlines() if line.startswith(">")]
    assert f"- {quoted}" in REPORT.splitlines()
