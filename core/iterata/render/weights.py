"""How the rows behind figures are weighted, in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.render.markdown import escape
from iterata.text import percent

if TYPE_CHECKING:
    from iterata.results import Sample


def weights_sentence(sample: Sample) -> str:
    """How figures weight the rows; empty if every row counts for 1."""
    weights = sample.weights
    if weights is None:
        return ""
    by = f" by the column {escape(weights.column)}" if weights.column else ""
    rate = ""
    if weights.base_rate is not None:
        positives = sample.positives or 0
        rate = (
            f" to the base rate of the population: {100 * weights.base_rate:.4g} % are positive there, and "
            f"{percent(positives / sample.rows)} of these rows"
        )
    return f"All figures are weighted{by}{rate}. Counts of rows and positives are not weighted."
