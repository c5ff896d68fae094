"""Lines that repair a syntax error: each is tried before it is proposed."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import yaml

from iterata.documents.yaml.positions import position_of
from iterata.documents.yaml.schema import NodeLoader, construct

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LONGEST_TEXT = 50_000
"""In a longer text, no correction is tried."""

LONGEST_CORRECTION = 200
"""A longer one is not shown."""

_KEY = r"[\w\u00a0-]+"
_BLOCK_ENTRY = re.compile(rf"(?P<indent>\s*(?:- +)*)(?P<key>{_KEY}): +(?P<value>\S.*?)\s*")
_ITEM = re.compile(r"(?P<indent>\s*)- +(?P<value>\S.*?)\s*")
_FLOW_ENTRY = re.compile(
    rf"(?<=[{{,])\s*(?P<key>{_KEY}): +(?P<value>.+?)\s*(?=,\s*{_KEY}: |\}}\s*[,\]}}]*\s*$|\}}, *\{{)"
)
_NO_BLANK = re.compile(r"(?P<indent>\s*(?:- +)*)(?P<key>[A-Za-z_]\w*):(?P<value>[^\s/].*)")
_BULLET = re.compile(r"(?P<indent>\s*)[\u2013\u2014\u2022\u00b7*] +(?P<value>.*)")
_NO_COMMA = re.compile(rf"(?P<before>{_KEY}: [^,{{}}]*[\d\"')\]]) +(?P<key>{_KEY}:) ")
_QUOTES = ('""', "''", "\u201c\u201d", "\u201e\u201c", "\u201d\u201d", "\u2018\u2019")
"""Pairs of quotes, as people and word processors write them."""


def correction(text: str, line: int) -> str:
    """What to write instead of a part of a line with a syntax error, or of the line above it.

    Empty if no change is known that moves the error.

    Args:
        text: YAML that is not valid.
        line: the line of its first error, from 1.
    """
    if len(text) > LONGEST_TEXT:
        return ""
    lines = text.split("\n")
    for number in (line - 1, line - 2):
        if not 0 <= number < len(lines):
            continue
        for change in _CHANGES:
            for written, shown in change(lines[number].rstrip("\r")):
                changed = [*lines[:number], written, *lines[number + 1 :]]
                if len(shown) <= LONGEST_CORRECTION and _first_error("\n".join(changed)) > line:
                    return shown
    return ""


def _first_error(text: str) -> float:
    """The line of the first syntax error; infinite if there is none."""
    loader = NodeLoader(text)
    try:
        node = loader.get_single_node()
        if node is not None:
            construct(node, [])
    except yaml.MarkedYAMLError as error:
        return position_of(text, error.problem_mark or error.context_mark).line
    except (yaml.YAMLError, RecursionError):
        return 0
    finally:
        loader.dispose()
    return float("inf")


def quoted(value: str) -> str:
    """A text in quotes, as YAML reads it; quotes that it has itself are kept if they are within it."""
    for pair in _QUOTES:
        first, last = pair[0], pair[1]
        inside = value[1:-1]
        if len(value) > 1 and value[0] == first and value[-1] == last and not {first, last} & set(inside):
            return quoted(inside)
        if value[0] == first and last not in value[1:]:  # the second one is missing
            return quoted(value[1:])
    if '"' in value or "\\" in value:
        return "'" + value.replace("'", "''") + "'"
    return json.dumps(value, ensure_ascii=False)


def _in_block(line: str) -> Iterator[tuple[str, str]]:
    match = _BLOCK_ENTRY.fullmatch(line)
    if match and match["value"][0] not in "[{":
        entry = f"{match['key']}: {quoted(match['value'])}"
        yield match["indent"] + entry, entry
    match = _ITEM.fullmatch(line)
    if match:
        entry = f"- {quoted(match['value'])}"
        yield match["indent"] + entry, entry


def _in_flow(line: str) -> Iterator[tuple[str, str]]:
    for match in _FLOW_ENTRY.finditer(line):
        if match["value"][0] in "[{":
            continue
        entry = f"{match['key']}: {quoted(match['value'])}"
        start = match.start("key")
        yield line[:start] + entry + line[match.end("value") :], entry


def _blank_after_colon(line: str) -> Iterator[tuple[str, str]]:
    if match := _NO_BLANK.fullmatch(line):
        entry = f"{match['key']}: {match['value']}"
        yield match["indent"] + entry, entry


def _bullet(line: str) -> Iterator[tuple[str, str]]:
    if match := _BULLET.fullmatch(line):
        entry = f"- {match['value']}"
        yield match["indent"] + entry, entry


def _comma(line: str) -> Iterator[tuple[str, str]]:
    for match in _NO_COMMA.finditer(line):
        changed = line[: match.end("before")] + "," + line[match.end("before") :]
        yield changed, f"{match['before']}, {match['key']}"


def _closed(line: str) -> Iterator[tuple[str, str]]:
    for opening, closing in (("{", "}"), ("[", "]")):
        if line.count(opening) > line.count(closing):
            changed = line.rstrip() + closing
            yield changed, changed.strip()


_CHANGES: tuple[Callable[[str], Iterator[tuple[str, str]]], ...] = (
    _blank_after_colon,
    _bullet,
    _comma,
    _closed,
    _in_flow,
    _in_block,
)
"""Changes of a line, each with the part to show, in the order in which they are tried."""
