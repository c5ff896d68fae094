"""The arrows of the lifecycle diagram: the steps between stages, and the loops."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from iterata.stages import FIRST_STAGE, LOOPS, IterationKind, Loop, Outcome, Stage

if TYPE_CHECKING:
    from collections.abc import Iterator


class Arrow(NamedTuple):
    """An arrow from one stage to another. Without a target, it goes to the end."""

    source: Stage
    target: Stage | None
    label: str = ""


def forward() -> list[Arrow]:
    """The arrows from each stage to the next."""
    labels = {(loop.source, loop.target): _words(loop.cause) for loop in LOOPS}
    return [Arrow(source, target, labels.get((source, target), "")) for source, target in pairwise(Stage)]


def loops() -> list[Arrow]:
    """The arrows back, and to the end. An iteration returns to the stage where its kind starts."""
    steps = {(arrow.source, arrow.target) for arrow in forward()}
    return [
        arrow
        for loop in LOOPS
        if (loop.source, loop.target) not in steps
        for arrow in (_iterations(loop) if loop.cause == Outcome.ITERATE else [_plain(loop)])
    ]


def _plain(loop: Loop) -> Arrow:
    return Arrow(loop.source, loop.target, _words(loop.cause))


def _iterations(loop: Loop) -> Iterator[Arrow]:
    for entry in dict.fromkeys(FIRST_STAGE.values()):
        kinds = [
            kind for kind, stage in FIRST_STAGE.items() if stage is entry and kind is not IterationKind.SETUP
        ]
        yield Arrow(loop.source, entry, f"{loop.cause}: {', '.join(kinds)}")


def _words(cause: str) -> str:
    return cause.replace("_", " ")
