"""What differs between two results of one plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.results.experiment import ExperimentResult
    from iterata.results.lift import LiftResult
    from iterata.results.parts import Provenance

NAMES = ("name", "id", "value", "variant")
"""The keys by which entries of a result's lists are known; the first that an entry has."""


class Difference(NamedTuple):
    """A figure, or a word, that came out otherwise."""

    place: str
    """Where it stands in the result: `variants[0 logistic].kpi.value`."""
    committed: Any
    again: Any


class Verified(NamedTuple):
    """What was compared, and what came of it."""

    differences: list[Difference]
    compared: int
    """How many figures and words were compared."""
    tolerance: float
    """How far figures might be off, relative to themselves; 0 for not at all."""
    versions: list[str]
    """What is of another version here than it was there, in words."""


def compare(committed: ExperimentResult, again: ExperimentResult, tolerance: float) -> Verified:
    """What differs between two results, apart from where they come from.

    Counts and words have to be the same whatever the tolerance.
    """
    before, after = _figures(committed), _figures(again)
    places = dict.fromkeys([*before, *after])
    differences = [
        Difference(place, before.get(place), after.get(place))
        for place in places
        if not _alike(before.get(place), after.get(place), tolerance)
    ]
    versions = [
        f"{name} {version} then, {_versions(again.provenance).get(name, 'none')} now"
        for name, version in _versions(committed.provenance).items()
        if _versions(again.provenance).get(name) != version
    ]
    return Verified(differences, len(places), tolerance, versions)


def _figures(result: ExperimentResult) -> dict[str, Any]:
    return dict(_leaves(result.model_dump(mode="json", exclude={"provenance"})))


def _leaves(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Every figure and word by its place; entries of lists are numbered, and named if they have a name."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, f"{place}.{key}" if place else key)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _leaves(inner, f"{place}[{number}{_name(inner)}]")
    else:
        yield place, value


def _name(entry: Any) -> str:
    found = [entry[key] for key in NAMES if key in entry] if isinstance(entry, dict) else []
    return f" {found[0]}" if found else ""


def _alike(one: Any, other: Any, tolerance: float) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return abs(one - other) <= tolerance * max(abs(one), abs(other))
    return bool(one == other)


def _versions(made: Provenance) -> dict[str, str]:
    return {**made.packages, "Python": made.python}


def equal_apart_from_provenance(
    one: LiftResult | ExperimentResult | None, other: LiftResult | ExperimentResult
) -> bool:
    """Whether two results differ in nothing but where they come from."""
    return one is not None and one.model_copy(update={"provenance": other.provenance}) == other


def extends(old: LiftResult | ExperimentResult, new: LiftResult | ExperimentResult) -> bool:
    """Whether all that an earlier result says is so; a newer version may have more to say."""
    return _holds(
        old.model_dump(exclude_unset=True, exclude={"provenance"}), new.model_dump(exclude={"provenance"})
    )


def _holds(old: Any, new: Any) -> bool:
    if isinstance(old, dict) and isinstance(new, dict):
        return all(key in new and _holds(value, new[key]) for key, value in old.items())
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(map(_holds, old, new))
    return bool(old == new)
