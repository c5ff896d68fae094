"""The plain number, or the plain day, that an author meant by a text."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

_AROUND = re.compile(
    r"^(?P<before>[^\d.,+-]*)(?P<number>[+-]?[\d.,][\d.,'\u2019\s\u00a0\u202f_]*?)\s*(?P<percent>%)?(?P<after>[^\d]*)$"
)
LONGEST_NUMBER = 40
"""Characters of a text that may be a number."""

LONGEST_UNIT = 4
"""Characters of a currency or a unit around a number, such as EUR."""

_QUOTES = "\"'\u2018\u2019\u201a\u201c\u201d\u201e\u00ab\u00bb"
_GROUPS = re.compile(r"['\u2019\s\u00a0\u202f_]")
_THREE_DIGITS = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = (
    re.compile(r"(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})(?:[T ].*)?"),
    re.compile(r"(?P<d>\d{1,2})\.\s?(?P<m>\d{1,2})\.\s?(?P<y>\d{4})"),
    re.compile(r"(?P<d>\d{1,2})[-/](?P<m>\d{1,2})[-/](?P<y>\d{4})"),
    re.compile(r"(?P<m>\d{1,2})[-/](?P<d>\d{1,2})[-/](?P<y>\d{4})"),
    re.compile(r"(?P<d>\d{1,2})\.? (?P<name>[A-Za-z]{3,9})\.?,? (?P<y>\d{4})"),
    re.compile(r"(?P<name>[A-Za-z]{3,9})\.? (?P<d>\d{1,2}),? (?P<y>\d{4})"),
)
"""How days are written elsewhere."""


def plain_numbers(text: str) -> list[str]:
    """The numbers that a text can mean, as YAML reads them, the likeliest first; empty if it is no number.

    >>> plain_numbers("0,1"), plain_numbers("1.000,5 EUR"), plain_numbers("10 %"), plain_numbers("40,000")
    (['0.1'], ['1000.5'], ['0.1'], ['40000', '40.000'])
    """
    if len(text) > LONGEST_NUMBER:
        return []
    match = _AROUND.fullmatch(text.strip().strip(_QUOTES).strip())
    if match is None or any(len(match[part].strip()) > LONGEST_UNIT for part in ("before", "after")):
        return []
    digits = _GROUPS.sub("", match["number"])
    forms = [form for form in _readings(digits) if re.fullmatch(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)", form)]
    if match["after"].strip() in ("k", "K"):
        forms = [_shown(Decimal(form) * 1000) for form in forms]
    return [_shown(Decimal(form) / 100) for form in forms] if match["percent"] else forms


_TRUE = {"ja", "oui", "si", "sí", "sim", "da", "wahr", "vrai", "x", "✓", "✔"}
_FALSE = {"nein", "non", "no", "nao", "não", "net", "falsch", "faux", "-", "✗", "✘"}


def plain_booleans(text: str) -> list[str]:
    """`true` or `false` for a word that means one of them; empty if it does not."""
    word = text.strip().strip(_QUOTES).strip().casefold()
    if word in _TRUE | {"true", "yes", "on", "y", "1"}:
        return ["true"]
    return ["false"] if word in _FALSE | {"false", "off", "n", "0"} else []


def _readings(digits: str) -> list[str]:
    """A number with a point for its decimals; two readings if one separator is before three digits."""
    last = max(digits.rfind(","), digits.rfind("."))
    if "," in digits and "." in digits:
        whole, decimals = digits[:last], digits[last + 1 :]
        return [f"{re.sub('[.,]', '', whole)}.{decimals}"]
    mark = "," if "," in digits else "."
    if digits.count(mark) > 1:
        return [digits.replace(mark, "")]
    if mark == "," and _THREE_DIGITS.fullmatch(digits):
        return [digits.replace(",", ""), digits.replace(",", ".")]
    return [digits.replace(",", ".")]


def _shown(number: Decimal) -> str:
    return f"{number.normalize():f}"


def plain_days(text: str) -> list[str]:
    """The days that a text can mean, as YYYY-MM-DD; empty if it is no day.

    >>> plain_days("1.11.2026"), plain_days("03/04/2026")
    (['2026-11-01'], ['2026-04-03', '2026-03-04'])
    """
    days = (_day(pattern.fullmatch(text.strip().strip(_QUOTES))) for pattern in _DAYS)
    return list(dict.fromkeys(day for day in days if day))


def _day(match: re.Match[str] | None) -> str:
    if match is None:
        return ""
    parts = match.groupdict()
    name = str(parts.get("name", ""))[:3].lower()
    month = _MONTHS.index(name) + 1 if name in _MONTHS else int(parts.get("m") or 0)
    try:
        return date(int(parts["y"]), month, int(parts["d"])).isoformat()
    except ValueError:
        return ""
