"""Units that have rows in both arms."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, NoReturn

from iterata.data.refusals import in_column
from iterata.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iterata.documents.models.split_test import SplitTestSpec


SHOWN_UNITS = 3
"""How many units in two arms a message names."""


class Crossing(NamedTuple):
    """How many units are in both arms."""

    units: int
    of: int
    """The number of all units."""
    examples: Sequence[str]


def refuse_crossed(spec: SplitTestSpec, crossing: Crossing, where: str) -> NoReturn:
    """Refuse units in both arms: nobody can tell to which of the two an outcome belongs.

    Raises:
        DataError: always.
    """
    listed = ", ".join(crossing.examples)
    message = f"{crossing.units:,} of {crossing.of:,} units have rows in both arms, such as {listed}"
    remedy = (
        "name the unit that chance assigned as `unit_id`, and the arm at its first exposure as `arm`; or "
        "write `crossed: exclude` below `split_test` to leave these units out"
    )
    raise DataError(message, remedy=remedy, where=in_column(where, spec.unit_id)).about("split_test.unit_id")
