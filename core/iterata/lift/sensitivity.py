"""Which assumption matters most for the potential lift."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from iterata import results

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from iterata.arrays import Floats
    from iterata.documents.models.assumptions import Range

GROUPS = 40
"""Into how many equal parts the draws are sorted: fine enough for curves, large enough for steady means."""


def sensitivity(
    ranges: Mapping[str, Range],
    draws: Mapping[str, Floats],
    potential: Floats,
    potential_at: Callable[[Mapping[str, float]], float | None],
) -> list[results.Sensitivity]:
    """Each uncertain assumption with what it does to the potential lift, the one that matters most first.

    `draws` and `potential` are `(n,)`; `potential_at` computes the potential lift of single numbers, none
    where they cannot be true together.
    """
    likely = {name: each.likely for name, each in ranges.items()}
    found = [
        results.Sensitivity(
            name=name,
            at_low=potential_at({**likely, name: each.low}),
            at_high=potential_at({**likely, name: each.high}),
            variance=variance_explained(draws[name], potential),
        )
        for name, each in ranges.items()
        if each.distribution != "fixed"
    ]
    return sorted(found, key=lambda each: (-each.variance, each.name))


def variance_explained(cause: Floats, effect: Floats, groups: int = GROUPS) -> float:
    """The share of the variance of `effect` that `cause` explains alone, from 0 to 1.

    It is the first-order Sobol index `Var(E[effect | cause]) / Var(effect)`, estimated from the draws at hand
    by the variance between groups of like `cause` (Pearson's correlation ratio; Plischke, Borgonovo and Smith
    2013, "Global sensitivity measures from given data"). The share that groups explain by chance is taken off
    (Kelley 1935). It asks for no straight line, not even for a rising curve, and the shares of several causes
    leave out what only their combination does.
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
