"""Numbers that are written as text: plain, or with other characters for decimals and thousands."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from iterata.documents.models.columns import NumberFormat

if TYPE_CHECKING:
    from iterata.arrays import Bools, Floats

PLAIN = NumberFormat()

_SPACE = "[\\s\u00a0\u2007\u2009\u202f]"
"""A blank between thousands; older versions of pandas take `\\s` for those of ASCII only."""

PLAIN_NUMBER = r"(?i:[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|[+-]?inf(?:inity)?)"
PADDED = r"\s*[+-]?0\d"
"""A number that no program writes: it is a code, such as 007."""

UNITS = r"[€$£¥₹₩₺₽฿₪]|EUR|USD|GBP|CHF|JPY|CNY|INR|BRL|R\$|kr\.?|zł|Kč|Ft|Fr\.?"
"""Signs and codes of currencies."""

_WITH_UNIT = re.compile(
    rf"(?P<before>{UNITS})?\s*+(?P<number>[+-]?[\d.,'\s]*\d[.,]?)\s*+(?P<after>{UNITS}|%)?"
)

_MEASURES = (
    r"kg|g|mg|t|lbs?|oz|km|m|cm|mm|mi|ft|l|ml|[kMGT]?Wh?|[kKMGT]B|h|min|s|sec|ms|d|days?|months?|years?|yrs?"
    r"|pcs|[kKM]|Mio\.?|Tsd\.?|bn|bps|°C|°F"
)
_SIGN, _GROUP = r"[+\-\u2212\u2013]", r"[.,'\u2019\s]"
_MARKED = re.compile(
    rf"(?P<before>\(?{_SIGN}?\s*+(?:{UNITS})?\s*+{_SIGN}?)\s*+"
    rf"(?:(?:\d+|\d{{1,3}}(?:{_GROUP}\d{{3}})+)(?:[.,]\d+)?|[.,]\d+)\s*+"
    rf"(?P<after>(?:{UNITS}|%|‰|{_MEASURES})?[)\-\u2212]?)"
)
"""A number with the sign, brackets, currency or unit that people write around it."""

MANY_MARKS = 4
"""With more different marks than this, texts are codes, such as seats."""

_NOTATIONS = ((".", None), (",", None), (".", ","), (",", "."), (".", " "), (",", " "), (".", "'"))
"""Characters for decimals and thousands, the most likely first."""


class ParsedNumbers(NamedTuple):
    """The numbers of a column of text, each `(n,)`."""

    values: Floats
    """NaN if a value is missing, or wrong."""
    wrong: Bools
    """Whether a value is neither missing nor a number of this format."""


def parse_numbers(texts: pd.Series, form: NumberFormat = PLAIN) -> ParsedNumbers:
    """The numbers of a column of text."""
    missing = texts.isna()
    cells, values, wrong = texts, np.full(len(texts), np.nan), np.zeros(len(texts), dtype=bool)
    if form != PLAIN:
        cells = texts.str.strip()
        missing |= cells.isin([str(word).strip() for word in form.missing])
        cells, wrong = _plain_notation(cells, form)
    parsed = _parsed(cells)
    wrong |= np.isnan(parsed)
    known = ~missing.to_numpy(bool)
    if (wrong & known).any():
        known &= ~(texts.str.strip() == "").to_numpy(bool)
    wrong &= known
    np.copyto(values, parsed, where=known & ~wrong)
    return ParsedNumbers(values / 100 if form.percent else values, wrong)


def notation_of(texts: pd.Series) -> list[NumberFormat]:
    """The formats in which all of these texts are numbers, apart from the plain one; the likeliest first."""
    matches = [_WITH_UNIT.fullmatch(text) for text in texts]
    parts = {(match["before"] or match["after"], match["after"] == "%") for match in matches if match}
    if None in matches or len(parts) != 1:
        return []
    ((unit, percent),) = parts
    numbers = pd.Series([match["number"].strip() for match in matches if match], dtype="str")
    found: list[NumberFormat] = []
    readings: list[Floats] = []
    for decimal, thousands in _NOTATIONS:
        form = NumberFormat(decimal=decimal, thousands=thousands)
        if not numbers.str.fullmatch(_pattern(form)).all():
            continue
        values = parse_numbers(numbers, form).values
        if not any(np.array_equal(values, other) for other in readings):
            readings.append(values)
            found.append(form.model_copy(update={"percent": percent, "unit": None if percent else unit}))
    return [form for form in found if form != PLAIN]


def marked_number(texts: pd.Series) -> str | None:
    """One of the texts that is no plain number, if all are numbers with signs or units around them."""
    matches = [_MARKED.fullmatch(text) for text in texts]
    marks = {(match["before"].strip(), match["after"]) for match in matches if match}
    if None in matches or len(marks) > MANY_MARKS or texts.str.match(PADDED).any():
        return None
    return next((text for text in texts if not re.fullmatch(PLAIN_NUMBER, text)), None)


def _plain_notation(cells: pd.Series, form: NumberFormat) -> tuple[pd.Series, Bools]:
    """The same numbers in plain notation, and which of them are not written in this format."""
    wrong = np.zeros(len(cells), dtype=bool)
    if form.unit:
        cells = cells.str.removeprefix(form.unit).str.removesuffix(form.unit).str.strip()
    if form.percent:
        marked = cells.str.endswith("%").fillna(value=False).to_numpy(bool)
        if marked.any():
            wrong |= ~marked
        cells = cells.str.removesuffix("%").str.rstrip()
    if form.decimal == "." and form.thousands is None:
        return cells, wrong
    if form.thousands is None:
        wrong |= cells.str.contains(".", regex=False).fillna(value=False).to_numpy(bool)
    else:
        wrong |= ~cells.str.fullmatch(_pattern(form)).fillna(value=True).to_numpy(bool)
        if form.thousands == " ":
            cells = cells.str.replace(_SPACE, "", regex=True)
        else:
            cells = cells.str.replace(form.thousands, "", regex=False)
    return cells.str.replace(",", ".", regex=False) if form.decimal == "," else cells, wrong


def _pattern(form: NumberFormat) -> str:
    """A number in this format, with its thousands in groups of three."""
    decimal = re.escape(form.decimal)
    whole = r"\d+"
    if form.thousands:
        mark = _SPACE if form.thousands == " " else re.escape(form.thousands)
        whole = rf"(?:\d{{1,3}}(?:{mark}\d{{3}})+|\d+)"
    return rf"[+-]?(?:{whole}(?:{decimal}\d*)?|{decimal}\d+)(?:[eE][+-]?\d+)?"


def _parsed(cells: pd.Series) -> Floats:
    """Plain numbers; NaN for anything else."""
    if getattr(cells.dtype, "storage", "") == "pyarrow":
        import pyarrow as pa  # noqa: PLC0415  # an extra, which pandas uses if it is installed
        from pyarrow import compute  # noqa: PLC0415

        try:
            numbers = compute.cast(pa.array(cells), pa.float64())
        except pa.ArrowInvalid:
            pass
        else:
            return np.array(numbers.to_numpy(zero_copy_only=False), dtype=np.float64)
    values: Floats = pd.to_numeric(cells.astype(object), errors="coerce").to_numpy(np.float64)
    return values
