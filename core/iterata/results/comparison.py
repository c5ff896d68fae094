"""Comparing two results: figure by figure, or as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from iterata.results.parts import ResultPart

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from iterata.results.parts import Provenance
    from iterata.results.store import AnyResult

    Scalar: TypeAlias = str | float | bool | None
    """A value of a result file that holds no others."""

NAME_KEYS = ("name", "id", "value", "variant")
"""The keys that identify an entry of a list in a result; the first one that the entry has."""


class Difference(NamedTuple):
    """One value that differs between two results."""

    place: str
    """Its path in the result: `variants[0 logistic].kpi.value`."""
    committed: Scalar
    again: Scalar


class Verification(NamedTuple):
    """The comparison of a committed result with a repetition of its run."""

    differences: list[Difference]
    compared: int
    """How many values were compared."""
    tolerance: float
    """The relative tolerance for floating-point values; 0 for exact equality."""
    versions: list[str]
    """Packages whose version differs, in words."""
    notes: tuple[str, ...] = ()
    """What else a reader must know, such as that the data have changed since."""


def joined(experiment: Verification, others: Mapping[str, Verification]) -> Verification:
    """Several comparisons as one; figures of other files are named with their file."""
    differences = [
        difference._replace(place=f"{name}: {difference.place}")
        for name, found in others.items()
        for difference in found.differences
    ]
    versions = [version for found in others.values() for version in found.versions]
    notes = tuple(f"{name}: {note}" for name, found in others.items() for note in found.notes)
    return Verification(
        [*experiment.differences, *differences],
        experiment.compared + sum(found.compared for found in others.values()),
        experiment.tolerance,
        list(dict.fromkeys([*experiment.versions, *versions])),
        (*experiment.notes, *notes),
    )


def compare(committed: AnyResult, repeated: AnyResult, tolerance: float) -> Verification:
    """Compare two results value by value, without their provenance.

    Integers and text must be equal whatever the tolerance. Values that the committed file does not have yet,
    because an earlier version wrote it, are not compared.
    """
    before = dict(_leaves(_dump(committed, committed)))
    after = dict(_leaves(_dump(repeated, committed)))
    places = dict.fromkeys([*before, *after])
    differences = [
        Difference(place, before.get(place), after.get(place))
        for place in places
        if not _close(before.get(place), after.get(place), tolerance)
    ]
    versions = _changed_versions(_versions(committed.provenance), _versions(repeated.provenance))
    return Verification(differences, len(places), tolerance, versions)


def _dump(result: AnyResult, written: AnyResult) -> object:
    """The plain data of a result, as far as another one was written with the same keys."""
    return _common(result.model_dump(mode="json", exclude={"provenance"}), written)


def _common(data: object, written: object) -> object:
    if isinstance(data, dict) and isinstance(written, ResultPart):
        keys = [key for key in data if key in written.model_fields_set]
        return {key: _common(data[key], getattr(written, key)) for key in keys}
    if isinstance(data, list) and isinstance(written, list):
        pairs = zip(data, [*written, *data[len(written) :]], strict=False)
        return [_common(entry, counterpart) for entry, counterpart in pairs]
    return data


def _leaves(value: object, place: str = "") -> Iterator[tuple[str, Scalar]]:
    """Every scalar by its path; entries of lists are numbered, and named if they have a name."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, f"{place}.{key}" if place else key)
    elif isinstance(value, list):
        for index, entry in enumerate(value):
            yield from _leaves(entry, f"{place}[{index}{_name(entry)}]")
    elif value is None or isinstance(value, str | float | int):
        yield place, value


def _name(entry: object) -> str:
    if not isinstance(entry, dict):
        return ""
    return next((f" {entry[key]}" for key in NAME_KEYS if key in entry), "")


def _close(one: Scalar, other: Scalar, tolerance: float) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return abs(one - other) <= tolerance * max(abs(one), abs(other))
    return one == other


def _versions(provenance: Provenance) -> dict[str, str]:
    return {**provenance.packages, "Python": provenance.python}


def _changed_versions(committed: dict[str, str], repeated: dict[str, str]) -> list[str]:
    return [
        f"{name}: the result was computed with {version}, here with {repeated.get(name, 'none')}"
        for name, version in committed.items()
        if repeated.get(name) != version
    ]


def equal_apart_from_provenance(one: AnyResult | None, other: AnyResult) -> bool:
    """Whether two results differ at most in their provenance."""
    return one is not None and one.model_copy(update={"provenance": other.provenance}) == other


def extends(old: AnyResult, new: AnyResult) -> bool:
    """Whether the new result holds every value of the old one; a newer version may add keys."""
    return _contains(
        new.model_dump(exclude={"provenance"}), old.model_dump(exclude_unset=True, exclude={"provenance"})
    )


def _contains(new: object, old: object) -> bool:
    if isinstance(old, dict) and isinstance(new, dict):
        return all(key in new and _contains(new[key], value) for key, value in old.items())
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(map(_contains, new, old))
    return old == new
