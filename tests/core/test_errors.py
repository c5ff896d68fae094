"""Errors carry their location in parts, and a located error is a copy."""

from __future__ import annotations

import copy
import doctest
import pickle
from typing import TYPE_CHECKING

import pytest

from iterata import errors
from iterata.documents import parse, scaffold
from iterata.documents.error_location import located_in
from iterata.errors import DataError, IterataError, Location, ProblemsError, RunError, at_field
from iterata.expressions.parse import InvalidExpression
from iterata.stages import Stage

if TYPE_CHECKING:
    from iterata.documents import Document

PATH = "projects/churn/01-setup/proposal.md"


@pytest.fixture(scope="module")
def proposal() -> Document:
    return parse(PATH, Stage.PROPOSAL, scaffold.new(Stage.PROPOSAL, {}).encode())


def line_of(document: Document, text: str) -> int:
    lines = document.source.text.splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


def test_examples_in_docstrings() -> None:
    assert doctest.testmod(errors).failed == 0


@pytest.mark.parametrize(
    ("location", "text"),
    [
        (Location(), ""),
        (Location("data/rows.csv"), "data/rows.csv"),
        (Location("a.md", 3, 7), "a.md:3:7"),
        (Location("a.md", 3, field=("plan", "variants", 0, "name")), "a.md:3: plan.variants[0].name"),
        (Location("a.md", 3, variant="ours", fold=2, repeat=1), "a.md:3: variant ours, fold 2 of repeat 1"),
        (Location(variant="ours"), "variant ours"),
        (at_field("kpi.budget"), "kpi.budget"),
    ],
    ids=str,
)
def test_location_is_rendered_from_its_known_parts(location: Location, text: str) -> None:
    assert str(location) == text


def test_step_extends_the_field() -> None:
    assert (Location("a.md") / "plan" / "segments" / 1).field == ("plan", "segments", 1)


def test_relative_field_is_placed_in_its_parent() -> None:
    parent = Location("a.md", field=("plan",))
    assert at_field("split").within(parent) == Location("a.md", field=("plan", "split"))
    assert Location("data/rows.csv").within(parent) == Location("data/rows.csv")


def test_string_is_the_source() -> None:
    error = DataError("it is empty", remedy="fill it", where="data/rows.csv")
    assert error.location == Location("data/rows.csv")
    assert str(error) == "data/rows.csv: it is empty\n  fix: fill it"


def test_missing_parts_are_filled_in_a_copy() -> None:
    error = RunError("it failed", remedy="fix it", where=Location(variant="ours"))
    located = error.at(source=PATH, line=12, variant="another", fold=1, repeat=1)
    assert located.location == Location(PATH, 12, variant="ours", fold=1, repeat=1)
    assert error.location == Location(variant="ours")
    assert (type(located), located.message, located.remedy) == (RunError, "it failed", "fix it")


@pytest.mark.parametrize(
    "error",
    [
        DataError("it is empty", remedy="fill it", where=at_field("kpi.budget")),
        ProblemsError("it has problems", (), remedy="fix them"),
        InvalidExpression("age +", "cannot be read", "a.md"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_copy_and_pickle_keep_everything(error: IterataError) -> None:
    for other in (copy.copy(error), pickle.loads(pickle.dumps(error))):  # noqa: S301  # made here
        assert type(other) is type(error)
        assert (str(other), other.__dict__) == (str(error), error.__dict__)


@pytest.mark.parametrize(
    ("location", "text"),
    [
        (Location(PATH, field=("plan", "split")), "kind: stratified_folds"),
        (at_field("plan.variants[1].estimator"), "sklearn.ensemble"),
        (Location(variant="logistic"), "name: logistic"),
    ],
    ids=str,
)
def test_line_is_that_of_the_field_or_the_variant(proposal: Document, location: Location, text: str) -> None:
    with pytest.raises(DataError) as raised, located_in(proposal):
        raise DataError("it is wrong", remedy="fix it", where=location)
    assert raised.value.location.source == PATH
    assert raised.value.location.line == line_of(proposal, text)


def test_field_is_relative_to_the_part_that_is_read(proposal: Document) -> None:
    with pytest.raises(DataError) as raised, located_in(proposal, "plan"):
        raise DataError("it is wrong", remedy="fix it", where=at_field("target.column"))
    assert raised.value.location.field == ("plan", "target", "column")


@pytest.mark.parametrize(
    "location",
    [Location("elsewhere/rows.csv"), Location(variant="unknown"), at_field("kpi.budget"), Location()],
)
def test_location_outside_the_document_stays(proposal: Document, location: Location) -> None:
    with pytest.raises(DataError) as raised, located_in(proposal):
        raise DataError("it is wrong", remedy="fix it", where=location)
    assert raised.value.location == location


def test_errors_of_other_variants_are_located_too(proposal: Document) -> None:
    other = RunError("it failed, too", remedy="fix it", where=Location(variant="boosted"))
    error = RunError("it failed", remedy="fix it", where=Location(variant="logistic")).with_others([other])
    with pytest.raises(RunError) as raised, located_in(proposal):
        raise error
    (located,) = raised.value.also
    assert located.location.line == line_of(proposal, "name: boosted")
    assert other.location.line is None
