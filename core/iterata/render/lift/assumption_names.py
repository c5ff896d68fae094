"""The terms for assumptions on a page, and how their values are written there."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from iterata.text import number, percent

if TYPE_CHECKING:
    from collections.abc import Callable


class Term(NamedTuple):
    """An assumption in words."""

    words: str
    write: Callable[[float], str]
    """Formats its value."""


def plain(value: float) -> str:
    """A number without trailing zeros: `44`, `1.5`, `4,000`.

    >>> plain(44.0), plain(1.5), plain(0.125), plain(4000.0)
    ('44', '1.5', '0.125', '4,000')
    """
    shown = number(value)
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


TERMS: dict[str, Term] = {
    "volume": Term("rows per period", plain),
    "base_rate": Term("base rate", percent),
    "effect": Term("average effect of treating", percent),
    "treated_rate": Term("rate if treated", percent),
    "status_quo.uplift": Term("effect among those the status quo treats", percent),
    "status_quo.capture": Term("capture of the status quo", percent),
    "status_quo.lift_over_random": Term("lift of the status quo over random", plain),
    "status_quo.precision": Term("precision of the status quo", percent),
    "status_quo.recall": Term("recall of the status quo", percent),
    "status_quo.action_rate": Term("share acted upon by the status quo", percent),
    "status_quo.kpi": Term("KPI of the status quo", plain),
    "values.value_per_outcome": Term("value per outcome", plain),
    "values.value_per_hit": Term("value per hit", plain),
    "values.cost_per_contact": Term("cost per contact", plain),
    "values.tp": Term("worth of a true positive", plain),
    "values.fp": Term("worth of a false positive", plain),
    "values.fn": Term("worth of a false negative", plain),
    "values.tn": Term("worth of a true negative", plain),
    "status_quo.accuracy": Term("accuracy of the status quo", percent),
    "status_quo.handed_over": Term("share handed over by the status quo", percent),
    "values.right": Term("worth of a right answer", plain),
    "values.wrong": Term("worth of a wrong answer", plain),
    "values.person": Term("worth of a row handed over", plain),
}
"""By the key of the assumption below `assumptions`."""


_BY_CLASS: dict[str, Term] = {
    "classes.": Term("share of the class", percent),
    "status_quo.recall_by_class.": Term("recall of the status quo for the class", percent),
    "values.answers.": Term("worth of the answer and the truth", plain),
}
"""The same for assumptions of each class, by the beginning of their keys."""


def term(key: str) -> Term:
    """The term for an assumption; an unknown key is spelled out.

    >>> term("classes.billing").words
    'share of the class billing'
    """
    for beginning, of_class in _BY_CLASS.items():
        if key.startswith(beginning):
            return of_class._replace(words=f"{of_class.words} {key.removeprefix(beginning)}")
    return TERMS.get(key) or Term(key.replace("_", " ").replace(".", ": "), plain)
