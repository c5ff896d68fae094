"""Data of a rollout that have changed since its result: what `iterata verify` reads of them, and says."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from iterata.rollout.reading.plan import MAX_DAYS_AHEAD

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from iterata.documents.models.deployment import Deployment
    from iterata.results.comparison import Verification
    from iterata.results.rollout import RolloutResult


def last_days(result: RolloutResult, day: date) -> list[date]:
    """The days up to which rows are read, one after the other until the figures are equal.

    The first leaves out what could not have been read on the day of the evaluation. The other leaves out all
    that came after the last day with units: a phase that goes on has got rows since.

    Args:
        result: the result that is repeated.
        day: the day of its evaluation.
    """
    latest = day + timedelta(days=MAX_DAYS_AHEAD)
    recorded = max((units.last_day for units in result.phases if units.last_day), default=latest)
    return [latest] if recorded >= latest else [latest, recorded]


def about_data(
    committed: RolloutResult,
    repeated: RolloutResult,
    deployment: Deployment,
    until: date,
    verification: Verification,
    iteration: str,
) -> Iterator[str]:
    """That data are not those that the result was computed from, whether it matters, and what to do.

    Args:
        committed: the result that is repeated.
        repeated: its repetition.
        deployment: the deployment of both.
        until: rows after this day were left out, if rows have dates.
        verification: the comparison of both results.
        iteration: how commands name the iteration.
    """
    before, now = committed.provenance.data, repeated.provenance.data
    changed = [name for name, digest in before.items() if now.get(name) != digest]
    if not changed:
        return
    what = f"{', '.join(changed)} has changed since the result was computed"
    is_dated = deployment.split_test is not None and deployment.split_test.date is not None
    if not verification.differences:
        rows = f"the rows up to {until} give" if is_dated else "the rows give"
        yield f"{what}; {rows} the same figures"
    elif is_dated:
        yield (
            f"{what}, and the rows up to {until} give other figures: rows were corrected, or came later "
            f"for these days. {_remedy(committed, changed, iteration)}"
        )
    else:
        yield (
            f"{what}, and gives other figures. Rows have no date, so those that were added cannot be told "
            f"from the others: add `date:` to `split_test`. {_remedy(committed, changed, iteration)}"
        )


def _remedy(result: RolloutResult, changed: list[str], iteration: str) -> str:
    digest = result.provenance.data[changed[0]]
    return (
        f"To repeat the result, restore the data of that time, with the digest {digest[:19]}; a phase that "
        f"has not ended can be evaluated again: `iterata rollout {iteration}`"
    )
