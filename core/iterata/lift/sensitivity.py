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
    total = float(np.var(effect))
    size = len(effect) // groups
    if size < 2 or total <= np.finfo(float).eps * float(np.mean(effect**2)):
        return 0.0
    parts = np.array_split(effect[np.argsort(cause, kind="stable")], groups)
    means, sizes = np.array([part.mean() for part in parts]), np.array([len(part) for part in parts])
    between = float(sizes @ (means - effect.mean()) ** 2) / len(effect)
    unexplained = (1 - between / total) * (len(effect) - 1) / (len(effect) - groups)
    return min(max(1 - unexplained, 0.0), 1.0)
