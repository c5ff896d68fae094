"""What assumptions are called on a page, and how their numbers are written there."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from iterata.text import number, percent

if TYPE_CHECKING:
    from collections.abc import Callable


class Named(NamedTuple):
    """An assumption in words."""

    words: str
    write: Callable[[float], str]
    """Its number in figures."""


def plain(value: float) -> str:
    """A number as a person would write it: `44`, `1.5`, `4,000`.

    >>> plain(44.0), plain(1.5), plain(0.125), plain(4000.0)
    ('44', '1.5', '0.125', '4,000')
    """
    shown = number(value)
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


NAMES: dict[str, Named] = {
    "volume": Named("rows per period", plain),
    "base_rate": Named("base rate", percent),
    "status_quo.capture": Named("capture of the status quo", percent),
    "status_quo.lift_over_random": Named("lift of the status quo over random", plain),
    "status_quo.precision": Named("precision of the status quo", percent),
    "status_quo.recall": Named("recall of the status quo", percent),
    "status_quo.action_rate": Named("share acted upon by the status quo", percent),
    "status_quo.kpi": Named("KPI of the status quo", plain),
    "values.value_per_hit": Named("value per hit", plain),
    "values.cost_per_contact": Named("cost per contact", plain),
    "values.tp": Named("worth of a true positive", plain),
    "values.fp": Named("worth of a false positive", plain),
    "values.fn": Named("worth of a false negative", plain),
    "values.tn": Named("worth of a true negative", plain),
}
"""By where an assumption is written."""


def named(key: str) -> Named:
    """An assumption in words; whatever is not known here keeps the name it is written under."""
    return NAMES.get(key) or Named(key.replace("_", " ").replace(".", ": "), plain)
