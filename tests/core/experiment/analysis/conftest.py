"""What the tests of the analysis share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.special import expit

from iterata.documents.models.enums import STATUS_QUO

if TYPE_CHECKING:
    from .comparisons import Crowd


@pytest.fixture(scope="session")
def crowd() -> Crowd:
    """500 outcomes, a status quo with many ties, and a model that predicts three times."""
    rng = np.random.default_rng(3)
    wish = rng.normal(size=500)
    positive = rng.random(500) < expit(wish - 1.5)
    repeats = [expit(wish + rng.normal(scale=0.5, size=500)) for _ in range(3)]
    return positive, {STATUS_QUO: np.round(wish + rng.normal(size=500)), "model": np.array(repeats)}
