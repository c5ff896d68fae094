"""How documents declare what a column is, where its values alone do not show it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticKnownError

from iterata.documents.models.base import Name, Part, exactly_one_of


class ColumnKind(StrEnum):
    """What a column is."""

    ID = "id"
    """A name of something: compared exactly as it is written, and never a number."""
    NUMBER = "number"
    """A number, such as 1234.5; true and false are 1 and 0."""
    CATEGORY = "category"
    """One of a few values."""
    DATE = "date"
    """A day or a moment, such as 2026-11-23 or 2026-11-23T14:00."""
    TEXT = "text"
    """Text that is not one of a few values, such as a comment."""
    KNOWN_AFTER = "known_after"
    """Known only after the decision: never a feature. Its values are read as they look."""


class NumberFormat(Part):
    """How the numbers of a column are written."""

    decimal: Literal[".", ","] = Field(".", description="The character before the decimals.")
    thousands: Literal[".", ",", " ", "'"] | None = Field(
        None, description="The character between groups of three digits."
    )
    percent: bool = Field(
        default=False, description="Whether the numbers are percentages: `45%` is then 0.45."
    )
    unit: Name | None = Field(
        None, description="What is written before or after each number, such as EUR; it is ignored."
    )
    missing: list[str | int | float] = Field(
        default_factory=list, description="Values that stand for a missing number, such as `?` or -999."
    )

    @property
    def is_localized(self) -> bool:
        """Whether other characters than a decimal point may be between digits."""
        return self.decimal != "." or self.thousands is not None

    @model_validator(mode="after")
    def _two_characters(self) -> NumberFormat:
        if self.decimal == self.thousands:
            raise ValueError("`decimal` and `thousands` must be two different characters")
        return self


class CategoryFormat(Part):
    """How the values of a category are written."""

    missing: list[str | int | float] = Field(
        min_length=1, description="Values that stand for a missing value, such as `?`."
    )


class ColumnFormat(Part):
    """A column of numbers or of a category, and how its values are written."""

    model_config = ConfigDict(json_schema_extra=exactly_one_of(number="object", category="object"))

    number: NumberFormat | None = Field(None, description="How the numbers are written.")
    category: CategoryFormat | None = Field(None, description="How the values of a category are written.")

    @model_validator(mode="after")
    def _one_kind(self) -> ColumnFormat:
        if (self.number is None) == (self.category is None):
            raise ValueError("give either number or category, and not both")
        return self


_WITHOUT_SETTINGS = set(ColumnKind) - {ColumnKind.NUMBER, ColumnKind.CATEGORY}


def _read(value: object) -> object:
    """The declaration that an author wrote, with the errors of one kind only."""
    if isinstance(value, dict):
        if word := next((word for word in value if word in _WITHOUT_SETTINGS), None):
            raise ValueError(f"`{word}` has no settings: write the word alone, as in `customer: {word}`")
        return ColumnFormat.model_validate(value)
    if isinstance(value, str) and value in list(ColumnKind):
        return ColumnKind(value)
    if isinstance(value, ColumnFormat):
        return value
    raise PydanticKnownError("enum", {"expected": ", ".join(f"'{kind.value}'" for kind in ColumnKind)})


ColumnSpec = Annotated[ColumnKind | ColumnFormat, BeforeValidator(_read)]
"""What a column is: a kind, or `number` or `category` with the way in which values are written."""


COLUMNS = (
    "What a column is, where its values do not show it: a name and id, number, category, date, text or "
    'known_after, such as `customer: id` or `price: {number: {decimal: ","}}`.'
)
"""What `columns` is for, in every description of a table."""


def kind_of(spec: ColumnKind | ColumnFormat) -> ColumnKind:
    """The kind that a declaration names."""
    if isinstance(spec, ColumnKind):
        return spec
    return ColumnKind.NUMBER if spec.category is None else ColumnKind.CATEGORY
