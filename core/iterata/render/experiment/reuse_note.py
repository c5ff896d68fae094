"""How many models were evaluated on the same rows, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

WARN_FROM = 20
"""With this many equally good models, the luckiest lies almost two standard errors above the others: the
largest of 20 standard normal draws is 1.87 on average."""


def sentences(iterations: Sequence[str], other_variants: int, variants: int) -> Iterator[str]:
    """What to know before trusting the best of `variants` variants.

    Args:
        iterations: references of the other iterations that used the same rows.
        other_variants: how many variants these compared.
        variants: how many variants this result compares.
    """
    if iterations:
        references = ", ".join(iterations)
        yield f"{other_variants} other variants were evaluated on the same rows, in {references}."
    if (total := other_variants + variants) >= WARN_FROM:
        yield f"The best of {total} is partly luck: evaluate it again on rows not used to choose it."
