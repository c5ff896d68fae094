"""What a lift shows if the target has several classes: the best constant answer, and what answers cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.render.confusion import confusion_headers, confusion_rows
from iterata.render.markdown import escape, markdown_table
from iterata.text import number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.results import LiftResult

SHOWN_PAIRS = 8
"""How many pairs of answer and truth the page shows."""


def answer_sentences(result: LiftResult) -> Iterator[str]:
    """The best constant answer, and the answers that cost most; nothing for another kind of KPI."""
    best, unit = result.scale.best_constant, escape(result.kpi.unit)
    if best is not None:
        reaches = f"**{escape(best.answer)}** reaches {number(best.value)} {unit} if every row gets it"
        if result.kpi.direction.sign * (best.value - result.scale.status_quo.value) >= 0:
            yield f"The status quo is no better than the best constant answer: {reaches}."
        else:
            yield f"The best constant answer is worse than the status quo: {reaches}."
    costliest = result.confusion.pairs[0] if result.confusion and result.confusion.pairs else None
    if costliest is not None and costliest.cost:
        yield (
            f"The status quo loses most where it answers **{escape(costliest.answer)}** and "
            f"**{escape(costliest.truth)}** is true: {number(costliest.cost)} {unit} against the best answer."
        )


def answers_table(result: LiftResult) -> str:
    """The pairs of answer and truth that cost the status quo most; empty if they are not known."""
    table = result.confusion
    if table is None or not table.pairs:
        return ""
    valued = table.pairs[0].cost is not None
    headers = confusion_headers(escape(result.kpi.scaled_unit), valued=valued)
    rows = list(confusion_rows(table, SHOWN_PAIRS, valued=valued))
    title = "What the status quo confuses with what, and what that costs against the best answer:"
    if not valued:
        title = "What the status quo confuses with what, the most frequent errors first:"
    return f"{title}\n\n{markdown_table(headers, rows, text_columns=2)}"
