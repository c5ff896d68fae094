"""How often the same rows were used, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.knowledge.reuse import ReuseCount


WARN_FROM = 20
"""Of so many models that are all alike, the luckiest stands almost two standard errors above the others: the
largest of 20 normal draws is 1.87 on average."""


def sentences(looks: ReuseCount, variants: int) -> Iterator[str]:
    """What a reader should know before trusting the best of so many variants."""
    if looks.iterations:
        yield f"The same rows judged {looks.variants} other variants, too, in {', '.join(looks.iterations)}."
    if (total := looks.variants + variants) >= WARN_FROM:
        yield f"The best of {total} is partly luck: judge it once more on rows that nobody has looked at."
