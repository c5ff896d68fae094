"""How a variant turns columns of text into numbers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from iterata.documents.models.base import Name, Part

TUNED = "text__"
"""The prefix of a setting of text among the parameters to tune: `text__min_df`."""


class TextSettings(Part):
    """TF-IDF, learned from each fold's training rows; named as in scikit-learn's `TfidfVectorizer`."""

    analyzer: Literal["words", "characters", "words_and_characters"] = Field(
        "words",
        description="What is counted: words, sequences of characters within words, or both.",
    )
    ngram_range: Annotated[list[int], Field(min_length=2, max_length=2)] | None = Field(
        None,
        description="The shortest and the longest sequence of words or characters that counts; by default "
        "[1, 1] for words and [3, 5] for characters.",
    )
    min_df: int | None = Field(
        None,
        ge=1,
        description="In how many training rows a word must occur; by default 1, and 3 for characters.",
    )
    max_features: int | None = Field(
        None, ge=1, description="How many words a column keeps: the most frequent ones; by default all."
    )
    stop_words: Literal["english"] | list[Name] | None = Field(
        None, description="Words to leave out: a list, or scikit-learn's English ones."
    )
    sublinear_tf: bool = Field(
        default=False, description="Whether a word that occurs n times in a text counts as 1 + log(n)."
    )

    @field_validator("ngram_range")
    @classmethod
    def _ascends(cls, value: list[int] | None) -> list[int] | None:
        if value is not None and not 1 <= value[0] <= value[1] <= MAX_NGRAM:
            raise ValueError(f"write the shortest and the longest length, from 1 to {MAX_NGRAM}")
        return value

    @model_validator(mode="after")
    def _one_analyzer(self) -> TextSettings:
        if self.analyzer == "words_and_characters" and self.ngram_range is not None:
            raise ValueError("`ngram_range` is for words or for characters, not for both at once")
        if self.analyzer == "characters" and self.stop_words is not None:
            raise ValueError("`stop_words` is for words: leave it out for characters")
        return self


MAX_NGRAM = 8
"""The longest sequence that can count."""
