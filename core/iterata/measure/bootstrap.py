"""The bootstrap, by unit: many weightings of the rows at once.

Units (users, accounts) are drawn with replacement rather than rows, because rows of one unit resemble each
other: with ten rows a unit and an intraclass correlation of .2, 95 % intervals by row cover about 73 %.

Few rows are weighed one by one. Many rows are weighed in groups that make no difference to the figures:

- where rows are independent and every figure sees only which class a row belongs to, rows of the same classes
  are interchangeable, and how many of each are drawn is multinomial: the same bootstrap, at any size;
- else units are thrown into `BUCKETS` groups at random, and groups are drawn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np

from iterata.measure.weightings import (
    FEW_CLASSES,
    Classes,
    Grouped,
    MultinomialClasses,
    ObservedSample,
    RowByRow,
    Weightings,
    counted,
)
from iterata.results import Estimate

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from iterata.arrays import Bools, Codes, Floats
    from iterata.measure.weightings import Features, Measure, Weighting

Name = TypeVar("Name", bound="Hashable")
"""What a figure is known by."""

CONFIDENCE = 0.95

CHUNK_ENTRIES = 2**19
"""Weights in one piece: 4 MB, which stays near the processor. A single line may be longer."""

FEW_ROWS = 20_000
"""Up to here rows are weighed one by one."""

MOST_KINDS = 2048
"""How many combinations of classes are told apart."""

BUCKETS = 1024
"""Groups that stand for many units. An interval's width strays by one in `sqrt(2 * BUCKETS)`, or 2 %."""

_MANY_CODES = 2**22
"""Combinations are renumbered before they outgrow this."""


def weights(
    rows: int, resamples: int, rng: np.random.Generator, units: NDArray[np.intp] | None = None
) -> Iterator[Floats]:
    """Yield `(r, rows)` weightings, `resamples` lines in all; each says how often a row was drawn.

    `units` holds the unit of each row, numbered from 0 without gaps; rows of one unit are drawn together.
    Without it, every row is a unit. How the draws are cut into pieces does not change them.
    """
    count = rows if units is None else int(units.max()) + 1
    size = max(1, CHUNK_ENTRIES // max(rows, count))
    for start in range(0, resamples, size):
        drawn = _draw(count, min(size, resamples - start), rng)
        yield (drawn if units is None else drawn[:, units]).astype(np.float64)


def _draw(count: int, lines: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """How often each of `count` units turns up in `count` draws, `lines` times over."""
    picks = rng.integers(0, count, size=(lines, count))
    picks += np.arange(lines)[:, None] * count  # one histogram counts every line apart
    return np.bincount(picks.ravel(), minlength=lines * count).reshape(lines, count)


def bootstrap(
    figures: Mapping[Name, Measure],
    rows: int,
    resamples: int,
    rng: np.random.Generator,
    units: NDArray[np.intp] | None = None,
) -> tuple[dict[Name, float], dict[Name, Floats]]:
    """Compute figures on the sample itself, and `(resamples,)` of each on its resamples.

    All of them see the same resamples, so any difference or ratio of two of them is a paired one.
    """
    sample = ObservedSample(rows)
    with np.errstate(divide="ignore", invalid="ignore"):  # a resample may hold nothing of a small part
        on_sample = {name: float(figure(Weightings(sample))[0]) for name, figure in figures.items()}
        pieces = [
            {name: figure(Weightings(weighting)) for name, figure in figures.items()}
            for weighting in _weightings(sample, resamples, rng, units)
        ]
    return on_sample, {name: np.concatenate([piece[name] for piece in pieces]) for name in on_sample}


def _weightings(
    sample: ObservedSample, resamples: int, rng: np.random.Generator, units: NDArray[np.intp] | None
) -> Iterator[Weighting]:
    """The resamples in one or more pieces, by the cheapest way that the figures allow."""
    if sample.rows <= FEW_ROWS or sample.asked_for_rows:
        yield from map(RowByRow.of, weights(sample.rows, resamples, rng, units))
        return
    kinds = None if units is not None else kinds_of_rows(sample.asked, sample.rows)
    if kinds is not None:
        counts, example = _counts_and_examples(kinds)
        drawn = rng.multinomial(sample.rows, counts / sample.rows, size=resamples)
        yield MultinomialClasses(example, np.ascontiguousarray(drawn.T, dtype=np.float64))
        return
    group, groups = _buckets(sample.rows, rng, units)
    yield Grouped(group, np.ascontiguousarray(_draw(groups, resamples, rng).T, dtype=np.float64))


def _buckets(rows: int, rng: np.random.Generator, units: NDArray[np.intp] | None) -> tuple[Codes, int]:
    """The group of each row, and how many groups there are; rows of one unit share a group."""
    count = rows if units is None else int(units.max()) + 1
    if units is not None and count <= 2 * BUCKETS:
        return units, count
    bucket: Codes = rng.integers(0, BUCKETS, size=count, dtype=np.uint16)
    return (bucket if units is None else bucket[units]), BUCKETS


def kinds_of_rows(asked: Sequence[tuple[Features, Bools | None]], rows: int) -> Codes | None:
    """Number the combinations of classes, and say which each row has; none if they are too many."""
    kind: Codes = np.zeros(1, dtype=np.intp)
    width = 1
    for features, within in {id(each): (each, among) for each, among in asked}.values():
        if not isinstance(features, Classes) or features.weight is not None:
            return None
        code, classes = features.code, features.width
        if within is not None:
            code, classes = np.full(rows, features.width), classes + 1
            code[within] = features.code
        if width * classes > _MANY_CODES:
            kind, width = _renumbered(kind)
            if width > MOST_KINDS or width * classes > _MANY_CODES:
                return None
        width *= classes
        whole = kind.astype(np.min_scalar_type(width))  # codes may be bytes, too short for all combinations
        kind = code + whole * whole.dtype.type(classes) if width > classes else code
    if width > MOST_KINDS:
        kind, width = _renumbered(kind)
    return kind if width <= MOST_KINDS else None


def _counts_and_examples(kind: Codes) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """How many rows are of each kind that occurs, and the position of one of them."""
    width = int(kind.max()) + 1
    if width <= FEW_CLASSES:
        counts = counted(kind, width)
        occurs = np.flatnonzero(counts)
        return counts[occurs], np.array([np.argmax(kind == each) for each in occurs])
    counts, example = np.bincount(kind), np.zeros(width, dtype=np.intp)
    example[kind] = np.arange(len(kind))
    return counts[counts > 0], example[counts > 0]


def _renumbered(kind: Codes) -> tuple[NDArray[np.intp], int]:
    """The same kinds numbered without gaps, and how many there are."""
    found = np.bincount(kind) > 0
    return (np.cumsum(found) - 1)[kind], int(found.sum())


def estimate(value: float, draws: Floats, confidence: float = CONFIDENCE) -> Estimate:
    """The figure with its percentile interval; draws that are not a number are left out."""
    tail = (1 - confidence) / 2
    low, high = np.nanquantile(draws, [tail, 1 - tail])
    return Estimate(value=value, low=float(low), high=float(high))
