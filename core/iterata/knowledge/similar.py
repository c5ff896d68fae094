"""Earlier findings about the same subject, by the cosine similarity of tf-idf vectors."""

from __future__ import annotations

import re
from collections import Counter
from functools import cached_property
from math import log, sqrt
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iterata.knowledge import FindingView

MIN_SIMILARITY = 0.2
"""Findings below this cosine similarity are not shown."""

_WORD = re.compile(r"[^\W\d_]{3,}")


class Similar(NamedTuple):
    """An earlier finding and its cosine similarity to a text, from 0 to 1."""

    finding: FindingView
    similarity: float


def similar(text: str, findings: Sequence[FindingView], most: int = 3) -> list[Similar]:
    """The findings most similar to `text`, best first, and at most `most` of them."""
    documents = [_word_counts(f"{finding.statement} {' '.join(finding.tags)}") for finding in findings]
    idf = _inverse_document_frequencies(documents)
    query = _tf_idf(_word_counts(text), idf)
    scored = [
        Similar(finding, _cosine(query, _tf_idf(counts, idf)))
        for finding, counts in zip(findings, documents, strict=True)
    ]
    matches = [match for match in scored if match.similarity >= MIN_SIMILARITY]
    return sorted(matches, key=lambda match: (-match.similarity, match.finding.key))[:most]


class SimilarTexts:
    """Finds the most similar of some texts; these are read once, and not before they are needed."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts

    @cached_property
    def _vectors(self) -> tuple[dict[str, float], list[dict[str, float]]]:
        documents = [_word_counts(text) for text in self._texts]
        idf = _inverse_document_frequencies(documents)
        return idf, [_tf_idf(counts, idf) for counts in documents]

    def most_similar(self, text: str, least: float = MIN_SIMILARITY) -> int | None:
        """The position of the text most similar to another one; None if none reaches `least`."""
        idf, vectors = self._vectors
        query = _tf_idf(_word_counts(text), idf)
        scores = [_cosine(query, vector) for vector in vectors]
        best = max(range(len(scores)), key=scores.__getitem__, default=None)
        return best if best is not None and scores[best] >= least else None


def _word_counts(text: str) -> Counter[str]:
    """Word counts, with a final `s` removed so that most plurals match their singular."""
    return Counter(word.removesuffix("s") for word in _WORD.findall(text.casefold()))


def _inverse_document_frequencies(documents: Sequence[Counter[str]]) -> dict[str, float]:
    frequencies = Counter(word for counts in documents for word in counts)
    return {word: log((1 + len(documents)) / (1 + count)) + 1 for word, count in frequencies.items()}


def _tf_idf(counts: Counter[str], idf: dict[str, float]) -> dict[str, float]:
    """The tf-idf vector; a word that no document has weighs as much as the rarest word."""
    highest = max(idf.values(), default=1.0)
    return {word: count * idf.get(word, highest) for word, count in counts.items()}


def _cosine(one: dict[str, float], other: dict[str, float]) -> float:
    product = sum(weight * other.get(word, 0.0) for word, weight in one.items())
    norm = sqrt(sum(weight**2 for weight in one.values()) * sum(weight**2 for weight in other.values()))
    return product / norm if norm else 0.0
