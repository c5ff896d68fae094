"""How much of a text changes: all but the longest common subsequence of words, whichever text is longer."""

from __future__ import annotations

import time
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iterata.review.changed_share import prose_change

WORDS = st.lists(st.sampled_from("abcd"), max_size=12).map(tuple)
LONG = "x" * 20_000_000  # 12 letters are a word


@cache
def longest(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    """The length of the longest common subsequence, by its definition."""
    if not one or not other:
        return 0
    if one[0] == other[0]:
        return 1 + longest(one[1:], other[1:])
    return max(longest(one[1:], other), longest(one, other[1:]))


@given(WORDS, WORDS)
def test_unchanged_words_are_the_longest_common_subsequence(
    one: tuple[str, ...], other: tuple[str, ...]
) -> None:
    change = prose_change(" ".join(one), " ".join(other))
    assert change.changed == max(len(one), len(other)) - longest(one, other)
    assert change.approved == len(one)


@pytest.mark.parametrize(("approved", "body"), [("a few words", LONG), (LONG, "a few words")])
def test_a_long_text_is_compared_with_a_short_one_in_linear_time(approved: str, body: str) -> None:
    start = time.process_time()
    assert prose_change(approved, body).changed == 1_666_667
    assert time.process_time() - start < 8
