"""Have we tried this before? Findings that speak of the same things."""

from __future__ import annotations

import re
from collections import Counter
from math import log, sqrt
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iterata.knowledge import FindingView

ALIKE = 0.2
"""From this cosine on, two texts are worth showing beside each other."""

_WORD = re.compile(r"[^\W\d_]{3,}")


class Similar(NamedTuple):
    """A past finding, and how much it speaks of the same things, from 0 to 1."""

    finding: FindingView
    likeness: float


def similar(text: str, past: Sequence[FindingView], most: int = 3) -> list[Similar]:
    """The past findings most like `text`: the cosine of word counts, rare words weighing more (tf-idf)."""
    documents = [_words(f"{finding.statement} {' '.join(finding.tags)}") for finding in past]
    rarity = _rarity(documents)
    wanted = _weighed(_words(text), rarity)
    rated = [
        Similar(finding, _cosine(wanted, _weighed(words, rarity)))
        for finding, words in zip(past, documents, strict=True)
    ]
    alike = [each for each in rated if each.likeness >= ALIKE]
    return sorted(alike, key=lambda each: (-each.likeness, each.finding.key))[:most]


def _words(text: str) -> Counter[str]:
    return Counter(word.removesuffix("s") for word in _WORD.findall(text.casefold()))


def _rarity(documents: Sequence[Counter[str]]) -> dict[str, float]:
    seen = Counter(word for words in documents for word in words)
    return {word: log((1 + len(documents)) / (1 + count)) + 1 for word, count in seen.items()}


def _weighed(words: Counter[str], rarity: dict[str, float]) -> dict[str, float]:
    common = max(rarity.values(), default=1.0)
    return {word: count * rarity.get(word, common) for word, count in words.items()}


def _cosine(one: dict[str, float], other: dict[str, float]) -> float:
    product = sum(weight * other.get(word, 0.0) for word, weight in one.items())
    size = sqrt(sum(each**2 for each in one.values()) * sum(each**2 for each in other.values()))
    return product / size if size else 0.0
