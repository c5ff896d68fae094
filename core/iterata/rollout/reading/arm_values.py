"""Which values of a column mean which arm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.data.refusals import SHOWN_VALUES, counted, in_column, yaml_list
from iterata.data.target_classes import is_equal
from iterata.errors import DataError
from iterata.rollout.cells import Arm

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iterata.documents.models.rows import TargetValue, TargetValues
    from iterata.documents.models.split_test import Arms

ARMS = (Arm.CONTROL, Arm.TREATMENT)
"""The arms by their code in arrays and in SQL."""

NO_ARM, BOTH_ARMS = -1, -2


def arm_codes(spec: Arms, counts: Mapping[object, int], where: str, *, both: bool) -> dict[object, int]:
    """The position in `ARMS` of each value of the arm's column.

    Args:
        spec: the values that the document names.
        counts: the values, with the numbers of their rows; empty if there are no rows.
        where: the table.
        both: whether both arms must have rows.

    Raises:
        DataError: a value means no arm, or both; or no row has an arm.
    """
    codes = {value: arm_code(spec, value) for value in counts}
    if both_arms := [value for value, code in codes.items() if code == BOTH_ARMS]:
        message = f"the value {both_arms[0]} of column `{spec.column}` means both arms"
        remedy = "name each value under `control` or under `treatment`, and not under both"
        raise _refusal(spec, message, remedy, where, "treatment")
    if unknown := {value: rows for value, rows in counts.items() if codes[value] == NO_ARM}:
        raise _unknown(spec, counts, unknown, where)
    if both:
        _check_both(spec, counts, codes, where)
    return codes


def arm_code(spec: Arms, value: object) -> int:
    """The position in `ARMS` of a value of the arm's column; else `NO_ARM` or `BOTH_ARMS`.

    A value that the document writes in the same way has precedence: `01` differs from `1`.
    """
    matches = [code for code, arm in enumerate(ARMS) if _is_one_of(value, _values(spec, arm))]
    exact = [code for code in matches if str(value) in map(str, _values(spec, ARMS[code]))]
    if len(exact or matches) > 1:
        return BOTH_ARMS
    return (exact or matches or [NO_ARM])[0]


def missing_arms(spec: Arms, missing: int, rows: int, where: str) -> DataError:
    """The refusal of rows without an arm."""
    message = f"arm column `{spec.column}` is empty in {missing:,} of {rows:,} rows"
    remedy = (
        f'fill in the arm, or leave these rows out with `WHERE "{spec.column}" IS NOT NULL` in a `query:`'
    )
    return _refusal(spec, message, remedy, where, "column")


def _unknown(
    spec: Arms, counts: Mapping[object, int], unknown: Mapping[object, int], where: str
) -> DataError:
    message = f"arm column `{spec.column}` has values of neither arm: {counted(unknown)}"
    for arm in ARMS:
        spelled = [value for value in unknown if _is_spelling(value, _values(spec, arm))]
        if spelled:
            remedy = (
                f"write `{arm.value}: {yaml_list([*_values(spec, arm), *spelled])}` if they mean the same"
            )
            return _refusal(spec, message, remedy, where, arm.value)
    texts = (str(value).replace("'", "''") for value in list(unknown)[:SHOWN_VALUES])
    listed = ", ".join(f"'{text}'" for text in texts)
    remedy = (
        f'leave their rows out with `WHERE "{spec.column}" NOT IN ({listed})` in a `query:`, or name them '
        "under `control` or `treatment`"
    )
    field = next((arm.value for arm in ARMS if not _has(spec, arm, counts)), "column")
    return _refusal(spec, message, remedy, where, field)


def _check_both(spec: Arms, counts: Mapping[object, int], codes: Mapping[object, int], where: str) -> None:
    for code, arm in enumerate(ARMS):
        if counts and code not in codes.values():
            written = " or ".join(map(str, _values(spec, arm)))
            message = (
                f"arm column `{spec.column}` has no row of the {arm.value}, {written}; it has "
                f"{counted(counts)}"
            )
            remedy = (
                f"set `split_test.arm.{arm.value}` to its value, or add the rows of this arm: one arm alone "
                "shows no effect"
            )
            raise _refusal(spec, message, remedy, where, arm.value)


def _refusal(spec: Arms, message: str, remedy: str, where: str, key: str) -> DataError:
    error = DataError(message, remedy=remedy, where=in_column(where, spec.column))
    return error.about(f"split_test.arm.{key}", "split_test.arm")


def _has(spec: Arms, arm: Arm, counts: Mapping[object, int]) -> bool:
    return any(_is_one_of(value, _values(spec, arm)) for value in counts)


def _values(spec: Arms, arm: Arm) -> list[TargetValue]:
    values: TargetValue | TargetValues = spec.control if arm is Arm.CONTROL else spec.treatment
    return values if isinstance(values, list) else [values]


def _is_one_of(value: object, expected: list[TargetValue]) -> bool:
    return any(is_equal(value, one) for one in expected)


def _is_spelling(value: object, expected: list[TargetValue]) -> bool:
    return str(value).strip().casefold() in {str(one).strip().casefold() for one in expected}
