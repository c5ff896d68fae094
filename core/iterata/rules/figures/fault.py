"""A figure that contradicts others, and when two figures count as equal."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.errors import FieldPath

ROUNDED = 2e-6
"""How far apart two figures can be, relative to the largest they are computed from: each has seven digits."""


class Fault(NamedTuple):
    """A contradiction in a result file."""

    code: str
    place: FieldPath
    """The path of the figure in the file."""
    message: str


def close(one: float, other: float, *scales: float | None) -> bool:
    """Whether two figures are equal up to the rounding of what they are computed from."""
    largest = max(abs(one), abs(other), *(abs(scale) for scale in scales if scale is not None), 0.0)
    return abs(one - other) <= ROUNDED * largest + 1e-12


def differs(
    code: str, place: FieldPath, found: float | None, expected: float | None, why: str, *scales: float | None
) -> Iterator[Fault]:
    """A fault if a figure is not what others say; `why` says where the expected one comes from."""
    if found is None or expected is None:
        if found is not expected:
            yield Fault(code, place, f"is {_number(found)}, but must be {_number(expected)}: {why}")
    elif not close(found, expected, *scales):
        yield Fault(code, place, f"is {_number(found)}, but must be {_number(expected)}: {why}")


def unequal(code: str, place: FieldPath, found: object, expected: object, why: str) -> Iterator[Fault]:
    """A fault if a value is not the expected one; `why` says where that comes from."""
    if found != expected:
        yield Fault(code, place, f"is {_text(found)}, but {why} {_text(expected)}")


def _number(value: float | None) -> str:
    return "missing" if value is None else f"{value:.7g}"


def _text(value: object) -> str:
    text = "missing" if value is None or value in ("", []) else str(value)
    return text if len(text) <= 60 else f"{text[:59]}…"
