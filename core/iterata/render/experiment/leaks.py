"""Signs of a leak in words: what was seen, in which column or model, and what to ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.documents.models.enums import LeakSign
from iterata.render.markdown import escape
from iterata.text import number, percent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from iterata.results import ExperimentResult, LeakFigure

MAX_NAMES = 8
"""How many columns a notice lists."""

_SEEN = {
    LeakSign.MODEL: ("takes almost all of the potential lift", "take almost all of the potential lift"),
    LeakSign.COLUMN: ("alone nearly tells the target", "nearly tell the target, each alone"),
    LeakSign.COPY: ("is the target under another name", "are the target under other names"),
    LeakSign.GAPS: (
        "nearly tells the target by where it is filled in",
        "nearly tell the target by where they are filled in",
    ),
    LeakSign.TREATMENT: ("alone nearly tells who was treated", "nearly tell who was treated, each alone"),
}

_ADVICE = (
    "If a column is known only after the decision, list it under `known_after` and run again; else say in "
    "the report, under `leaks`, when it is known."
)


def leak_notices(result: ExperimentResult, inert: Callable[[str], str] = escape) -> Iterator[str]:
    """A line of Markdown for each sign of a leak; `inert` makes names harmless."""
    for sentence in leak_sentences(result, lambda name: f"*{inert(name)}*"):
        yield f"**Possible leak:** {sentence}"


def leak_sentences(result: ExperimentResult, named: Callable[[str], str] = str) -> Iterator[str]:
    """What each sign of a leak says, the last one with advice; `named` renders names."""
    for place, notice in enumerate(result.leaks, 1):
        seen = _SEEN[notice.sign][len(notice.found) > 1]
        strongest = _listed(notice.strongest, named)
        alone = f" Its columns that alone tell most: {strongest}." if strongest else ""
        advice = f" {_ADVICE}" if place == len(result.leaks) else ""
        yield f"{_listed(notice.found, named)} {seen}.{alone}{advice}"


def _listed(figures: Sequence[LeakFigure], named: Callable[[str], str]) -> str:
    names = [f"{named(figure.name)} ({_figure(figure)})" for figure in figures[:MAX_NAMES]]
    more = [f"{len(figures) - MAX_NAMES:,} more"] if len(figures) > MAX_NAMES else []
    *first, last = [*names, *more] or [""]
    return f"{', '.join(first)} and {last}" if first else last


def _figure(figure: LeakFigure) -> str:
    of_class = f" of the class {escape(figure.of_class)}" if figure.of_class else ""
    match figure.measure:
        case "roc_auc":
            return f"AUC {number(figure.value, 3)}{of_class}"
        case "rank_correlation":
            return f"rank correlation {number(figure.value, 3)}"
        case "error_reduction":
            return f"{percent(figure.value)} fewer errors than with the most frequent class"
        case "share_told":
            told = of_class.removeprefix(" of ") or "the rarer outcome"
            return f"some of its values tell {percent(figure.value)} of {told}"
