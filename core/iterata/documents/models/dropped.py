"""What a plan no longer has of the plan that it follows: guardrails, and columns that were excluded.

Both protect somebody, or keep a model from seeing what it must not see. So a plan that drops one says why,
under `drop_reasons`.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from iterata.documents.models.proposal import ProposedPlan
    from iterata.errors import FieldPath

EXCLUDE = "!"
"""The first character of a pattern that removes columns."""


class Dropped(NamedTuple):
    """A guardrail or an excluded column that the plan does not have."""

    field: FieldPath
    """From the top of the proposal: where it should be."""
    kind: str
    """`guardrail` or `excluded column`."""
    name: str
    """The guardrail's name, or the column or pattern without `!`."""
    remedy: str
    """How to have it again."""


def dropped(
    plan: ProposedPlan, followed: ProposedPlan, no_longer_known_after: Iterable[str] = ()
) -> Iterator[Dropped]:
    """What the plan drops of the plan that it follows, with or without a reason.

    Args:
        plan: the plan.
        followed: the plan that it follows.
        no_longer_known_after: the columns that only the followed plan, or its assessment, declares as known
            after the decision.
    """
    yield from _guardrails(plan, followed)
    for column in sorted(no_longer_known_after):
        if _sets_with(column, plan.features):
            yield Dropped(("plan", "data"), "excluded column", column, f"declare `{column}: known_after`")
    for column in _excluded(followed):
        for name in _sets_with(column, plan.features):
            remedy = f'add "{EXCLUDE}{column}" to the end of the set'
            yield Dropped(("plan", "features", name), "excluded column", column, remedy)


def _guardrails(plan: ProposedPlan, followed: ProposedPlan) -> Iterator[Dropped]:
    """Guardrails that are gone, that measure something else, or that allow more."""
    present = {guardrail.name: (index, guardrail) for index, guardrail in enumerate(plan.metrics.guardrail)}
    for earlier in followed.metrics.guardrail:
        index, now = present.get(earlier.name, (None, None))
        if now is None:
            field: FieldPath = ("plan", "metrics")
            remedy = "copy it from the plan that this one follows"
            yield Dropped(field, "guardrail", earlier.name, remedy)
            continue
        field = ("plan", "metrics", "guardrail", index or 0)
        measures = [(rail.metric, rail.share_of, rail.better) for rail in (earlier, now)]
        if measures[0] != measures[1]:
            yield Dropped(field, "guardrail", earlier.name, "measure what the plan before it measures")
        elif now.margin > earlier.margin:
            yield Dropped(
                (*field, "margin"), "guardrail", earlier.name, f"write `margin: {earlier.margin:g}`"
            )


def _excluded(plan: ProposedPlan) -> list[str]:
    """The patterns that feature sets of the plan leave out, and that no other set of it lets in."""
    patterns = [pattern for patterns in plan.features.values() for pattern in patterns]
    names = dict.fromkeys(
        pattern.removeprefix(EXCLUDE) for pattern in patterns if pattern.startswith(EXCLUDE)
    )
    return [name for name in names if not _sets_with(name, plan.features)]


def _sets_with(column: str, features: Mapping[str, Sequence[str]]) -> list[str]:
    """The names of the feature sets that may have a column, or a column of a pattern."""
    return [name for name, patterns in features.items() if _lets_in(column, patterns)]


def _lets_in(column: str, patterns: Sequence[str]) -> bool:
    """Whether a set may have the column; its patterns are read from left to right."""
    inside = False
    for pattern in patterns:
        if pattern.startswith(EXCLUDE):
            inside = inside and not _covers(pattern.removeprefix(EXCLUDE), column)
        else:
            inside = inside or _covers(pattern, column) or _covers(column, pattern)
    return inside


def _covers(pattern: str, column: str) -> bool:
    """Whether a pattern has the column, or every column of another pattern."""
    return pattern == column or fnmatchcase(column, pattern)
