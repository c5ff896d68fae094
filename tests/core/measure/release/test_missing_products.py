"""Products of quantities that a metric does not use may be missing: an engine computes what is needed."""

from __future__ import annotations

import numpy as np
import pytest

from iterata.measure.release import differences
from iterata.measure.release.moments import Moments


def _arm(*rows: tuple[float, ...]) -> Moments:
    values = np.array(rows)
    centred = values - values.mean(axis=0)
    return Moments(len(values), values.mean(axis=0), centred.T @ centred)


TREATMENT = _arm((1, 2, 5), (0, 3, 4), (1, 1, 9), (1, 4, 2))
CONTROL = _arm((0, 2, 1), (0, 5, 4), (1, 3, 3))


def _without(arm: Moments, *needed: int) -> Moments:
    kept = np.ix_(needed, needed)
    products = np.full_like(arm.products, np.nan)
    products[kept] = arm.products[kept]
    return arm._replace(products=products)


@pytest.mark.parametrize("name", ["mean", "ratio", "cuped"])
def test_a_metric_needs_its_own_products_only(name: str) -> None:
    compare = {
        "mean": lambda t, c: differences.mean(t, c, 0),
        "ratio": lambda t, c: differences.ratio(t, c, 0, 1),
        "cuped": lambda t, c: differences.cuped(t, c, 0, 1),
    }[name]
    needed = (0,) if name == "mean" else (0, 1)
    found = compare(_without(TREATMENT, *needed), _without(CONTROL, *needed))
    assert found == pytest.approx(compare(TREATMENT, CONTROL))
    assert found.standard_error > 0
