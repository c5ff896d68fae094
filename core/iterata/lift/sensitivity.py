"""Which assumption matters most for the potential lift."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from iterata import results

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from iterata.arrays import Floats
    from iterata.documents.models.ranges import Range

GROUPS = 40
"""How many equal groups the draws are sorted into: enough to follow a curve, each large enough for a stable
mean."""

BLOCKS, RESAMPLES = 200, 200
"""Blocks of draws that are resampled together for the standard error, and how often."""


def sensitivity(
    ranges: Mapping[str, Range],
    draws: Mapping[str, Floats],
    potential: Floats,
    potential_at: Callable[[Mapping[str, float]], float | None],
) -> list[results.Sensitivity]:
    """The effect of every uncertain assumption on the potential lift, the largest first.

    `draws` and `potential` are `(n,)`. `potential_at` computes the potential lift of single numbers; it
    returns None if they cannot be true together.
    """
    likely = {name: range_.likely for name, range_ in ranges.items()}
    effects = [
        results.Sensitivity(
            name=name,
            at_low=potential_at({**likely, name: range_.low}),
            at_high=potential_at({**likely, name: range_.high}),
            variance=variance_explained(draws[name], potential),
            standard_error=variance_error(draws[name], potential),
        )
        for name, range_ in ranges.items()
        if range_.distribution != "fixed"
    ]
    return sorted(effects, key=lambda effect: (-effect.variance, effect.name))


def variance_explained(cause: Floats, effect: Floats, groups: int = GROUPS) -> float:
    """The share of the variance of `effect` that `cause` alone explains, from 0 to 1; both are `(n,)`.

    This is the first-order Sobol index `Var(E[effect | cause]) / Var(effect)`. It is estimated from the given
    draws by the variance between groups of similar `cause` (Pearson's correlation ratio; Plischke, Borgonovo
    and Smith 2013, "Global sensitivity measures from given data"), less the share that groups explain by
    chance (Kelley 1935). The relation need not be linear or monotonic. The shares of several causes do not
    include what only their combination explains.
    """
    if not _varies(effect, groups):
        return 0.0
    parts = np.array_split(effect[np.argsort(cause, kind="stable")], groups)
    counts = np.array([len(part) for part in parts], dtype=np.float64)
    sums = np.array([part.sum() for part in parts])
    return float(_explained(counts, sums, np.array(effect @ effect)))


def variance_error(cause: Floats, effect: Floats, groups: int = GROUPS) -> float:
    """The standard error of `variance_explained`, by a bootstrap over blocks of draws.

    The draws are independent, so blocks of them are too, and the sums of a block are resampled as one.
    """
    if not _varies(effect, groups):
        return 0.0
    group = np.empty(len(effect), dtype=np.intp)
    group[np.argsort(cause, kind="stable")] = np.arange(len(effect)) * groups // len(effect)
    blocks = min(BLOCKS, len(effect) // 2)
    block = np.arange(len(effect)) % blocks
    cell, cells = block * groups + group, blocks * groups
    counts = np.bincount(cell, minlength=cells).reshape(blocks, groups)
    sums = np.bincount(cell, effect, cells).reshape(blocks, groups)
    squares = np.bincount(block, effect**2, blocks)
    rng = np.random.default_rng(0)
    drawn = rng.multinomial(blocks, np.full(blocks, 1 / blocks), size=RESAMPLES).astype(float)
    return float(np.std(_explained(drawn @ counts.astype(float), drawn @ sums, drawn @ squares)))


def _varies(effect: Floats, groups: int) -> bool:
    """Whether there is a variance to explain, and enough draws for the groups."""
    enough = len(effect) // groups >= 2
    return enough and float(np.var(effect)) > float(np.finfo(float).eps) * float(np.mean(effect**2))


def _explained(counts: Floats, sums: Floats, squares: Floats) -> Floats:
    """The share explained, from the number and the sum of the effects of each group, and the sum of squares.

    `counts` and `sums` are `(..., groups)`, `squares` is `(...)`.
    """
    size, groups = counts.sum(axis=-1), counts.shape[-1]
    mean = sums.sum(axis=-1) / size
    total = squares / size - mean**2
    by_group = np.divide(sums, counts, out=np.zeros_like(sums), where=counts > 0)
    between = (counts * (by_group - mean[..., None]) ** 2).sum(axis=-1) / size
    share = np.divide(between, total, out=np.zeros_like(between), where=total > 0)  # rounding can leave 0
    unexplained = (1 - share) * (size - 1) / (size - groups)
    explained: Floats = np.clip(1 - unexplained, 0.0, 1.0)
    return explained
