"""The table of how often intervals and verdicts err, from what the simulations have stored.

The rest of the page is written by hand; only the part between the two marks is replaced. No simulation runs.
"""

from __future__ import annotations

import json
from math import sqrt
from pathlib import Path
from typing import Any

from generators.text import table

ROOT = Path(__file__).resolve().parents[2]
BEGIN, END = "<!-- rates: written by docs/generate.py -->", "<!-- rates end -->"

TITLES = {
    "measure": "Intervals",
    "lift": "Expected lift",
    "experiment": "Verdicts of experiments",
    "data": "Many rows",
    "release": "Releases",
    "monitoring": "Monitors",
}
"""The heading of each room of tests, in the order of the page."""


def page() -> str:
    """The page with the stored rates."""
    before, rest = (ROOT / "docs/trust.md").read_text("utf-8").split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n\n{_tables()}\n\n{END}{after}"


def _tables() -> str:
    by_room: dict[str, list[dict[str, Any]]] = {room: [] for room in TITLES}
    for path in sorted((ROOT / "tests").glob("**/rates/*.json")):
        room = next(part for part in reversed(path.parts) if part in TITLES)
        by_room[room] += json.loads(path.read_text("utf-8"))
    return "\n\n".join(_section(TITLES[room], rates) for room, rates in by_room.items() if rates)


def _section(title: str, rates: list[dict[str, Any]]) -> str:
    """The errors of a room, and below them how often its claims find what is there."""
    errors = sorted((rate for rate in rates if rate["kind"] == "error"), key=_order)
    powers = sorted((rate for rate in rates if rate["kind"] == "power"), key=_order)
    parts = [f"### {title}"]
    if errors:
        parts.append(table(("what is wrong", "where", "nominal", "found", "samples"), map(_line, errors)))
    if powers:
        parts.append(table(("what is found", "where", "nominal", "found", "samples"), map(_line, powers)))
    return "\n\n".join(parts)


def _order(rate: dict[str, Any]) -> tuple[str, str]:
    return rate["what"], rate["where"]


def _line(rate: dict[str, Any]) -> tuple[str, ...]:
    share = rate["count"] / rate["of"]
    error = sqrt(share * (1 - share) / rate["of"])
    nominal = "" if rate["nominal"] is None else f"{_percent(rate['nominal'])} %"
    above = rate["at_most"] is not None and share > rate["nominal"] + 2 * error
    limit = f" (known limit: at most {_percent(rate['at_most'])} %)" if above else ""
    found = f"{100 * share:.1f} % ± {100 * error:.1f}{limit}"
    return rate["what"], rate["where"], nominal, found, f"{rate['of']:,}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f}".removesuffix(".0")
