"""Groups of rows by what was known before a treatment, which may differ in its effect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from iterata.arrays import Bools


@dataclass(frozen=True)
class Strata:
    """The stratum of each row."""

    code: NDArray[np.intp]
    """`(n,)`, from 0."""
    labels: tuple[str, ...]
    """The name of each stratum, such as `party: none`."""

    def among(self, rows: Bools | NDArray[np.intp]) -> Strata:
        """The strata of some of the rows; a stratum may have none of them."""
        return Strata(self.code[rows], self.labels)
