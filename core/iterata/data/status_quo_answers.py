"""The status quo's answer to each row, if the target has several classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from iterata.data.class_refusals import MissingAnswers
from iterata.data.columns import evaluate_text_expression
from iterata.data.refusals import in_column
from iterata.documents.models.kpi import class_text
from iterata.errors import at_field

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from iterata.data.class_reader import ClassReader
    from iterata.documents.models.rows import StatusQuo

RULE, CONSTANT = "status_quo.rule", "status_quo.constant"


def status_quo_answers(
    content: pd.DataFrame, status_quo: StatusQuo, reader: ClassReader
) -> NDArray[np.intp] | float:
    """The number of the status quo's answer to each row, `(n,)`; or the KPI it is known to reach.

    Raises:
        DataError: the column or the rule gives no answer in some rows.
    """
    if status_quo.value is not None:
        return status_quo.value
    if status_quo.constant is not None:
        text = str(class_text(status_quo.constant))
        return reader.answers(pd.Series([text]).repeat(len(content)), CONSTANT)
    if status_quo.rule is not None:
        texts = evaluate_text_expression(status_quo.rule, content, at_field(RULE), reader.where)
        answers, place, what = pd.Series(texts, dtype=object), RULE, "the rule of the status quo"
    else:
        place = str(status_quo.column)
        answers, what = content[place], f"status quo column `{place}`"
    if missing := int(answers.isna().sum()):
        where = (
            at_field(RULE)._replace(data=reader.where) if place == RULE else in_column(reader.where, place)
        )
        raise MissingAnswers(what, missing, len(answers), where, person=reader.person)
    return reader.answers(answers, place)
