"""The expression that an author meant, in the notation of SQL, of a spreadsheet or of a word processor."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_CURLY = str.maketrans(
    dict.fromkeys("\u201c\u201d\u201e\u00ab\u00bb", '"') | dict.fromkeys("\u2018\u2019\u201a", "'")
)
_SIGNS = str.maketrans(
    {"\u2265": ">=", "\u2264": "<=", "\u2260": "!=", "\u00d7": "*", "\u00b7": "*", "\u00f7": "/"}
    | dict.fromkeys("\u2212\u2013\u2014", "-")
    | dict.fromkeys("\u00a0\u202f\t", " ")
)
_TEXT = re.compile(r"(\"[^\"]*\"|'[^']*')")
_MISSING = r"(?:null|none|nan|na|nil)"
_REPLACEMENTS: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
    (rf"(?i)\b(\w+) is not {_MISSING}\b", r"not missing(\1)"),
    (rf"(?i)\b(\w+) is {_MISSING}\b", r"missing(\1)"),
    (rf"(?i)\b(\w+) *!= *{_MISSING}\b", r"not missing(\1)"),
    (rf"(?i)\b(\w+) *={{1,2}} *{_MISSING}\b", r"missing(\1)"),
    (r"(?i)\b(is(?:null|na|nan))\(", "missing("),
    (r"(?i)\b(?:coalesce|ifnull|nvl|fillna)\(", "if_missing("),
    (r"&&|(?<!&)&(?!&)", " and "),
    (r"\|\||(?<!\|)\|(?!\|)", " or "),
    (r"<>", "!="),
    (r"!(?!=)", " not "),
    (r"=>", ">="),
    (r"=<", "<="),
    (r"\s*(?<![<>=!])=(?!=)\s*", " == "),
    (r"\b(AND|OR|NOT|IN)\b", lambda match: match[0].lower()),
    (r"(?<![\w.])(\d+(?:[.,]\d+)?) *%(?=\s*(?:$|[)<>=!]|and\b|or\b))", lambda match: _share(match[1])),
    (r"(?<![\w.,])\d{1,3}(?: \d{3})+(?![\w])", lambda match: match[0].replace(" ", "")),
    (r"(?<![\w.,])(\d{1,3}(?:\.\d{3})+),(\d+)", lambda match: f"{match[1].replace('.', '')}.{match[2]}"),
    (r"(?<![\w.,(\[])(\d+),(\d+)(?![\w.,])", r"\1.\2"),
    (r"\bin *\(([^()]*)\)", r"in [\1]"),
    (r"\^", "**"),
)  # fmt: skip
"""Patterns of other notations, and what is written here."""

_COLUMN = r"\b(?P<column>[A-Za-z_]\w*)"
_LOWERED = r"(?:\.str)?(?:\.(?:lower|casefold)\(\))?"
_WORD = r"""(?P<word>"[^"]+"|'[^']+')"""
_LIKE = r"""i?like) *(?P<quote>["'])%(?P<word>[^"'%_]+)%(?P=quote)"""
_CONTAINS = (
    (rf"(?i:{_COLUMN} +not +{_LIKE}", r'not contains(\g<column>, "\g<word>")'),
    (rf"(?i:{_COLUMN} +{_LIKE}", r'contains(\g<column>, "\g<word>")'),
    (rf"{_WORD} +not +in +{_COLUMN}{_LOWERED}(?![\w(.])", r"not contains(\g<column>, \g<word>)"),
    (rf"{_WORD} +in +{_COLUMN}{_LOWERED}(?![\w(.])", r"contains(\g<column>, \g<word>)"),
    (rf"{_COLUMN}{_LOWERED}(?:\.str)?\.contains\({_WORD}\)", r"contains(\g<column>, \g<word>)"),
)
"""Other notations for a text that contains a word, and what is written here."""


def corrected(expression: str, is_allowed: Callable[[str], bool]) -> str:
    """The same expression in this notation; empty if that does not make it allowed."""
    text = _with_contains(expression.translate(_CURLY))
    parts = _TEXT.split(text)
    parts[::2] = [_replaced(part) for part in parts[::2]]
    changed = " ".join("".join(parts).split())
    return changed if changed != expression and is_allowed(changed) else ""


def with_quotes(expression: str, words: Iterable[str]) -> str:
    """The expression with quotes around words that it compares with columns; empty if it compares others."""
    parts = _TEXT.split(expression)
    for name in words:
        word = rf"(?<!\w){re.escape(name)}(?![\w(])"
        if not re.search(rf"[=!]=\s*{word}|{word}\s*[=!]=|\bin\s*[\[(][^\])]*{word}", "".join(parts)):
            return ""
        parts[::2] = [re.sub(word, f'"{name}"', part) for part in parts[::2]]
    return re.sub(r'^("[^"]*") *([=!]=) *(\w+)$', r"\3 \2 \1", "".join(parts))


def _with_contains(expression: str) -> str:
    for pattern, replacement in _CONTAINS:
        expression = re.sub(pattern, replacement, expression)
    return expression


def _replaced(part: str) -> str:
    part = part.translate(_SIGNS)
    for pattern, replacement in _REPLACEMENTS:
        part = re.sub(pattern, replacement, part)
    return part


def _share(text: str) -> str:
    return f"{float(text.replace(',', '.')) / 100:g}"
