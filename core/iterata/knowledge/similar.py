"""Have we tried this? Earlier ideas about the same subject, by the cosine similarity of tf-idf vectors.

An inverted index finds them. If a query has only words that very many ideas have, not all of these ideas are
compared, so that the time for all pages of a site grows with their number and not with its square.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from math import log, sqrt
from typing import TYPE_CHECKING, NamedTuple

from iterata.knowledge.ideas import ideas_of, intentions
from iterata.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from iterata.documents import Document
    from iterata.knowledge.ideas import Idea
    from iterata.knowledge.views import IterationView, Knowledge

MIN_SIMILARITY = 0.15
"""Ideas below this cosine similarity are not shown.

Of the 40 pairs of `tests/core/knowledge/tried_pairs.yaml`, 33 are found, each beside 0.6 other ideas.
"""

MOST = 5
"""How many ideas are shown."""

MOST_OWN = 2
"""How many of them are of the same project, as long as other projects have enough."""

MOST_COMPARED = 300
"""How many texts are compared with one, at most; those that share its rarest words come first."""

LONGEST_QUERY = 400
"""How many different words of a text count: the first."""

PLANNING = frozenset({Stage.ASSESSMENT, Stage.PROPOSAL})
"""The stages whose documents say what is about to be tried."""

_STOP_WORDS = """
about after all also and any are been before between but can did does for from had has have how into its more
most much not one only our over some such than that the their them there these they this those two under was
were what when where which who whom whose why will with would you your
"""
"""English words that say nothing about the subject; few ideas would not show how common they are."""

_IGNORED = frozenset(_STOP_WORDS.split())

_WORD = re.compile(r"[^\W\d_]{3,}")
_WITHOUT_SPACES = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]{2,}")
"""Runs of Chinese, Japanese and Korean characters: their words are short, or are not separated."""


class Similar(NamedTuple):
    """An earlier idea and its cosine similarity to a text, from 0 to 1."""

    idea: Idea
    similarity: float
    text: str
    """The text that it resembles."""


class TextIndex:
    """Texts with an index of their words."""

    def __init__(self, texts: Iterable[str]) -> None:
        counts = [word_counts(text) for text in texts]
        self._with: dict[str, list[int]] = {}
        """The numbers of the texts that have a word."""
        for number, words in enumerate(counts):
            for word in words:
                self._with.setdefault(word, []).append(number)
        size = 1 + len(counts)
        self._idf = {word: log(size / (1 + len(numbers))) + 1 for word, numbers in self._with.items()}
        self._unknown = max(self._idf.values(), default=1.0)
        self._vectors = [_unit_vector(words, self._idf, self._unknown) for words in counts]

    def scores(self, text: str) -> Iterator[tuple[int, float]]:
        """The texts that are compared with a text, by number, each with its cosine similarity."""
        counts = dict(list(word_counts(text).items())[:LONGEST_QUERY])
        query = _unit_vector(counts, self._idf, self._unknown)
        for number in self._candidates(query):
            get, product = self._vectors[number].get, 0.0
            for word, weight in query.items():
                product += weight * get(word, 0.0)
            yield number, product

    def _candidates(self, words: Iterable[str]) -> set[int]:
        """The texts that share a word, those that share the rarest words first."""
        candidates: set[int] = set()
        for numbers in sorted((self._with[word] for word in words if word in self._with), key=len):
            room = MOST_COMPARED - len(candidates)
            if room <= 0:
                break
            candidates.update(numbers if len(numbers) <= room else numbers[:room])
        return candidates


def _unit_vector(counts: Mapping[str, int], idf: Mapping[str, float], unknown: float) -> dict[str, float]:
    """The tf-idf vector of length 1; a word that no text has weighs `unknown`."""
    vector = {word: count * idf.get(word, unknown) for word, count in counts.items()}
    norm = sqrt(sum(weight**2 for weight in vector.values()))
    return {word: weight / norm for word, weight in vector.items()}


class Ideas:
    """Ideas that can be searched by similarity."""

    def __init__(self, ideas: Iterable[Idea]) -> None:
        self.ideas = tuple(ideas)
        self._index = TextIndex(f"{idea.text} {idea.words}" for idea in self.ideas)
        self._scores: dict[str, list[tuple[int, float]]] = {}
        """What is similar to a text; plans repeat each other."""

    def _similar_to(self, text: str) -> list[tuple[int, float]]:
        if text not in self._scores:
            scores = self._index.scores(text)
            self._scores[text] = [found for found in scores if found[1] >= MIN_SIMILARITY]
        return self._scores[text]

    def similar(
        self, texts: Iterable[str], project: str = "", without: Iterable[str] = (), most: int = MOST
    ) -> list[Similar]:
        """The ideas most similar to any of `texts`: those of other projects first, then by similarity.

        Args:
            texts: what somebody is about to try, in several sentences.
            project: the project in which it would be tried; other projects come first.
            without: iterations whose ideas are left out, such as `churn/01-setup`.
            most: how many are returned at most.
        """
        excluded, best = frozenset(without), dict[int, Similar]()
        for text in texts:
            for number, similarity in self._similar_to(text):
                if self.ideas[number].place in excluded:
                    continue
                if number not in best or best[number].similarity < similarity:
                    best[number] = Similar(self.ideas[number], similarity, text)
        return _chosen(best.values(), project, most)

    def similar_to(
        self, documents: Iterable[Document], place: str, follows: str | None, without: Iterable[str] = ()
    ) -> list[Similar]:
        """The ideas similar to what documents of an iteration are about to try.

        Args:
            documents: the documents, such as a proposal.
            place: their iteration, such as `churn/02-calls`, whose own ideas are left out.
            follows: the name of the iteration that it follows, whose ideas are left out as well.
            without: further iterations whose ideas are left out.
        """
        project = place.rpartition("/")[0]
        without = {*without, place, *([f"{project}/{follows}"] if follows else [])}
        texts = dict.fromkeys(text for document in documents for text in intentions(document))
        return self.similar(texts, project, without)


@dataclass(frozen=True)
class TriedBefore:
    """What was tried before each iteration of a knowledge base; computed on first use."""

    knowledge: Knowledge

    @cached_property
    def _ideas(self) -> Ideas:
        return Ideas(ideas_of(self.knowledge))

    def similar_to(self, iteration: IterationView) -> list[Similar]:
        """The ideas of other iterations that resemble what an iteration is about to try, or has tried.

        Those of the iterations before and after it in its own chain are left out.
        """
        planned = (view.document for view in iteration.stages if view.stage in PLANNING)
        documents = [document for document in planned if document]
        following = self._following.get(iteration.ref, ())
        return self._ideas.similar_to(documents, iteration.ref, iteration.follows, following)

    @cached_property
    def _following(self) -> dict[str, list[str]]:
        """The iterations that follow each one."""
        following: dict[str, list[str]] = {}
        for other in self.knowledge.iterations:
            if other.follows:
                following.setdefault(f"{other.project}/{other.follows}", []).append(other.ref)
        return following


def _chosen(found: Iterable[Similar], project: str, most: int) -> list[Similar]:
    """The best, with a place for two of the same project at most unless there is room; others come first."""
    ordered = sorted(found, key=lambda match: (-match.similarity, match.idea.key, match.idea.text))
    best: dict[str, Similar] = {}
    for match in ordered:  # a plan that repeats an earlier one counts once
        best.setdefault(match.idea.text, match)
    own = [match for match in best.values() if match.idea.project == project]
    others = [match for match in best.values() if match.idea.project != project]
    own = own[: max(most - len(others), min(MOST_OWN, most))]
    return [*others[: most - len(own)], *own]


class SimilarTexts:
    """Finds the most similar of some texts; these are read once, and not before they are needed."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts

    @cached_property
    def _index(self) -> TextIndex:
        return TextIndex(self._texts)

    def most_similar(self, text: str, least: float = MIN_SIMILARITY) -> int | None:
        """The position of the text most similar to another one; None if none reaches `least`."""
        scores = dict(self._index.scores(text))
        best = max(sorted(scores), key=scores.__getitem__, default=None)
        return best if best is not None and scores[best] >= least else None


def word_counts(text: str) -> Counter[str]:
    """Word counts, with a final `s` removed so that most plurals match their singular."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    words = Counter(word.removesuffix("s") for word in _WORD.findall(folded) if word not in _IGNORED)
    if not folded.isascii():
        words.update(
            run[start : start + 2] for run in _WITHOUT_SPACES.findall(folded) for start in range(len(run) - 1)
        )
    return words
