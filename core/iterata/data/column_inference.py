"""What a column of text holds, from its values: numbers, days, true and false, or words; or a doubt."""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from iterata.data.number_texts import PADDED, PLAIN_NUMBER, marked_number, notation_of
from iterata.documents.models.columns import ColumnFormat, ColumnKind, NumberFormat

if TYPE_CHECKING:
    from iterata.documents.models.columns import ColumnSpec

SAMPLE = 10_000
"""How many different values of a column, the first ones, decide what it holds."""

MANY_NUMBERS = 50
"""With more different numbers than this, a few words among them are not values of a category."""

FEW_WORDS = 0.1
"""Up to this share of words, relative to the different numbers, they are lost among numbers."""

SHOWN_WORDS = 20
"""How many words a proposal lists."""

GAP_WORDS = {"na", "n/a", "n.a.", "n.a", "nan", "nat", "none", "null", "nil", "missing", "unknown"} | {
    *("<na>", "#n/a", "#na", "#null!", "#div/0!", "-", "--", "?", ".")
}
"""Words, in lower case, by which many programs mean that a value is missing."""

_BOUND = (
    r"(?:[<>≤≥≈~]=?|under|over|up to|less than|more than|below|above)\s*\d[\d.,]*"
    r"|\d[\d.,]*\s*(?:\+|and more|or more)"
)
"""A word that tells between which numbers a value is: it is not missing."""
_NO_BOUNDS = "write a number in place of each bound"

ISO_DATE = r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2}|[+-]\d{2})?)?"
_MONTH = r"(?i:jan|feb|mar|mär|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez)[a-zA-Z]*\.?"
_TIME = r"(?:,?[T ]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?[AaPp]\.?[Mm]\.?)?)?"
OTHER_DATE = (
    r"(?:\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})|\d{4}[./]\d{1,2}[./]\d{1,2}"
    rf"|\d{{1,2}}\.?[- /]?{_MONTH}[- /,]*(?:\d{{4}}|\d{{2}})|{_MONTH} \d{{1,2}},? \d{{4}}){_TIME}"
)
TRUE_FALSE = frozenset({"true", "True", "TRUE", "false", "False", "FALSE"})


class TextKind(Enum):
    """What texts mean."""

    NUMBER = "number"
    DATE = "date"
    TRUE_FALSE = "true_false"
    WORDS = "words"


class Doubt(NamedTuple):
    """Why the values of a column do not show what it is."""

    holds: str
    """What it holds, after `column x`."""
    sample: str
    """One of the values that cause the doubt."""
    proposals: tuple[ColumnSpec, ...]
    """What it may be, the likeliest first."""
    correction: str = ""
    """What the author of the data can do instead of a declaration."""


def infer(values: pd.Series) -> TextKind | Doubt:
    """What a column holds, from its first different values, none of which is missing."""
    texts = values.str.strip()
    texts = texts[texts != ""]
    is_gap = texts.str.lower().isin(GAP_WORDS)
    words, gaps = texts[~is_gap], tuple(texts[is_gap].unique()[:SHOWN_WORDS])
    if words.empty:
        return TextKind.WORDS
    if words.str.fullmatch(PLAIN_NUMBER).all():
        if words.str.match(PADDED).any():
            return TextKind.WORDS
        return _doubtful_numbers(gaps, NumberFormat()) if gaps else TextKind.NUMBER
    if not gaps and words.isin(TRUE_FALSE).all():
        return TextKind.TRUE_FALSE
    if words.str.fullmatch(ISO_DATE).all():
        return _not_a_date("holds days, and also text", gaps[0]) if gaps else _dates(words)
    return _other_notation(words, gaps) or TextKind.WORDS


def infer_id(values: pd.Series) -> Doubt | None:
    """A doubt about ids of rows, units or groups: a word that means a gap, among numbers."""
    texts = values.str.strip()
    is_gap = texts.str.lower().isin(GAP_WORDS)
    if not is_gap.any() or is_gap.all() or not texts[~is_gap].str.fullmatch(PLAIN_NUMBER).all():
        return None
    return Doubt("holds numbers, and also text", str(texts[is_gap].iloc[0]), (ColumnKind.ID,))


def _other_notation(words: pd.Series, gaps: tuple[str, ...]) -> Doubt | None:
    """Numbers or days in another notation, or a few words among many numbers."""
    if forms := notation_of(words):
        proposals = tuple(_number(form, gaps) for form in forms[:2])
        return Doubt(
            "holds text that looks like numbers", str(words.iloc[0]), (*proposals, ColumnKind.CATEGORY)
        )
    if words.str.fullmatch(OTHER_DATE).all():
        holds, correction = "holds days that are not written as YYYY-MM-DD", "write days as YYYY-MM-DD"
        return _not_a_date(holds, str(words.iloc[0]), correction)
    if (sample := marked_number(words)) and words.nunique() > MANY_NUMBERS:
        correction = "write plain numbers, such as -12.5"
        return Doubt(
            "holds text that looks like numbers", sample, (ColumnKind.CATEGORY, ColumnKind.TEXT), correction
        )
    return _words_among_numbers(words, gaps)


def _words_among_numbers(words: pd.Series, gaps: tuple[str, ...]) -> Doubt | None:
    is_number = words.str.fullmatch(PLAIN_NUMBER)
    form = NumberFormat()
    if not is_number.any():
        is_number = words.str.contains(r"\d")
        forms = notation_of(words[is_number]) if is_number.sum() > MANY_NUMBERS else []
        form = forms[0] if forms else form
        is_number &= bool(forms)
    others, numbers = tuple(words[~is_number].unique()), words[is_number].nunique()
    if numbers <= MANY_NUMBERS or len(others) > FEW_WORDS * numbers:
        return None
    if bound := next((text for text in others if re.fullmatch(_BOUND, text)), None):
        kinds = (ColumnKind.CATEGORY, ColumnKind.TEXT)
        return Doubt("holds numbers, and also bounds", bound, kinds, _NO_BOUNDS)
    return _doubtful_numbers((*others, *gaps)[:SHOWN_WORDS], form)


def _doubtful_numbers(words: tuple[str, ...], form: NumberFormat) -> Doubt:
    return Doubt("holds numbers, and also text", words[0], (_number(form, words), ColumnKind.CATEGORY))


def _dates(words: pd.Series) -> TextKind:
    """Dates, if all of these days exist; the refusal of a day that does not is left to its use."""
    exist = pd.to_datetime(words, format="ISO8601", utc=True, errors="coerce").notna().all()
    return TextKind.DATE if exist else TextKind.WORDS


def _not_a_date(holds: str, sample: str, correction: str = "") -> Doubt:
    return Doubt(holds, sample, (ColumnKind.CATEGORY, ColumnKind.TEXT), correction)


def _number(form: NumberFormat, missing: tuple[str, ...]) -> ColumnFormat:
    return ColumnFormat(number=form.model_copy(update={"missing": list(missing)}))


def first_values(column: pd.Series, known: dict[str, None]) -> None:
    """Add the different texts of a column to those known, up to `SAMPLE`."""
    start = 0
    while start < len(column) and len(known) < SAMPLE:
        size = SAMPLE if not start else len(column)
        known.update(dict.fromkeys(column.iloc[start : start + size].dropna().unique().tolist()))
        start += size
    for surplus in list(known)[SAMPLE:]:
        del known[surplus]


def as_series(known: dict[str, None]) -> pd.Series:
    """The texts as a column."""
    return pd.Series(list(known), dtype="str")
