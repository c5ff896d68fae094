"""The types of arrays that all rooms share."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
"""Numbers; NaN if missing."""

Bools = NDArray[np.bool_]
"""A mask, or outcomes that are true or false."""

Codes = NDArray[np.integer[Any]]
"""Integers that stand for categories, from 0; of any width, to save memory."""
