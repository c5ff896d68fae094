"""An error about data is located where the document names the column, with the data file as its detail."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from iterata.stages import Status

from .approved_plan import DATA, FOLDER, PLAN, ROWS, planned

if TYPE_CHECKING:
    from ...helpers.command_line import CommandLine, CommandResult
    from ...helpers.knowledge_base import KnowledgeBase

HEADLINE = re.compile(
    r"^(?P<path>projects/\S+\.md):(?P<line>\d+):(?P<column>\d+): (?P<field>\S+): (?:variant \w+: )?error: ",
    re.M,
)
DETAIL = re.compile(r"^  data: (?P<file>[^,\n]*)(?:, row (?P<row>[\d,]+))?$", re.M)

HEADER, *CELLS = ROWS.splitlines()


class Place(NamedTuple):
    """Where an error was reported."""

    page: str
    """The name of the document."""
    text: str
    """The document, from the place that the error names."""
    field: str
    file: str
    row: str | None


def place_of(base: KnowledgeBase, done: CommandResult) -> Place:
    """The place that a refused command prints."""
    assert done.code == 1, done.output
    headline, detail = HEADLINE.search(done.err), DETAIL.search(done.err)
    assert headline is not None, done.err
    assert detail is not None, done.err
    lines = base.read(headline["path"]).split("\n")
    text = lines[int(headline["line"]) - 1][int(headline["column"]) - 1 :]
    return Place(headline["path"].rsplit("/", 1)[-1], text, headline["field"], detail["file"], detail["row"])


@dataclass(frozen=True)
class Kind:
    """A kind of error: the rows that cause it, and what it must point to."""

    names: str
    """What the document holds at the place."""
    field: str
    """The end of the field."""
    rows: str = ROWS
    data: dict[str, Any] = field(default_factory=dict)
    """Changes of the description of the data."""
    row: str | None = None


def cells(column: int, *values: str, first: int = 0) -> str:
    """The rows with other values of a column."""
    rows = [line.split(",") for line in CELLS]
    for number, value in enumerate(values):
        rows[first + number][column] = value
    return "\n".join([HEADER, *map(",".join, rows)]) + "\n"


def column(index: int, value: str) -> str:
    """The rows with one value of a column."""
    return cells(index, *[value] * len(CELLS))


NEWNESS, AGE, TARIFF, LEFT = range(4)

KINDS = {
    "no target": Kind("gone", "target", data={"target": "gone"}),
    "no status quo": Kind("gone", "status_quo.column", data={"status_quo": {"column": "gone"}}),
    "no column of a rule": Kind("gone * 2", "status_quo.rule", data={"status_quo": {"rule": "gone * 2"}}),
    "no unit": Kind("gone", "unit_id", data={"unit_id": "gone"}),
    "no weights": Kind("gone", "weights.column", data={"weights": {"column": "gone"}}),
    "no declared column": Kind("gone: id", "columns.gone", data={"columns": {"gone": "id"}}),
    "not known after": Kind("gone", "known_after[0]", data={"known_after": ["gone"]}),
    "unknown class": Kind("yes", "positive", data={"positive": "yes"}),
    "one class": Kind("left", "target", rows=column(LEFT, "1")),
    "third class": Kind("left", "target", rows=cells(LEFT, "2", "3")),
    "unknown negative": Kind("0", "negative", rows=cells(LEFT, "2"), data={"negative": 0}),
    "target empty": Kind("left", "target", rows=cells(LEFT, "", first=4)),
    "unit empty": Kind("age", "unit_id", rows=cells(AGE, "", first=4), data={"unit_id": "age"}),
    "one unit": Kind("age", "unit_id", rows=column(AGE, "7"), data={"unit_id": "age"}),
    "status quo empty": Kind("newness", "status_quo.column", rows=cells(NEWNESS, "", first=4), row="5"),
    "status quo text": Kind("newness", "status_quo.column", rows=column(NEWNESS, "new")),
    "rule on text": Kind("tariff * 2", "status_quo.rule", data={"status_quo": {"rule": "tariff * 2"}}),
    "rule not finite": Kind(
        "1 / newness",
        "status_quo.rule",
        rows=cells(NEWNESS, "0", first=0),
        data={"status_quo": {"rule": "1 / newness"}},
        row="1",
    ),
    "number in doubt": Kind("newness", "status_quo.column", rows=cells(NEWNESS, "n/a")),
    "declared number": Kind(
        "newness: number",
        "columns.newness",
        rows=cells(NEWNESS, "new", first=6),
        data={"columns": {"newness": "number"}},
        row="7",
    ),
    "weights negative": Kind(
        "age", "weights.column", rows=cells(AGE, "-1", first=9), data={"weights": {"column": "age"}}, row="10"
    ),
    "weights zero": Kind("age", "weights.column", rows=column(AGE, "0"), data={"weights": {"column": "age"}}),
    "weights text": Kind("tariff", "weights.column", data={"weights": {"column": "tariff"}}),
    "two columns": Kind(
        "left", "target", rows=ROWS.replace("left", "left,left", 1).replace("\n", ",0\n")[:-2]
    ),
    "no rows": Kind("data/customers.csv", "source", rows=HEADER + "\n"),
    "empty file": Kind("data/customers.csv", "source", rows=""),
    "bad line": Kind("data/customers.csv", "source", rows=ROWS + "1,2,3,4,5,6\n"),
}
"""Kinds of errors that a description of data can cause."""


def described(data: dict[str, Any]) -> dict[str, Any]:
    rows = {"source": "data/customers.csv", "target": "left", "status_quo": {"column": "newness"}}
    return {**rows, **data}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_lift(base: KnowledgeBase, iterata: CommandLine, kind: Kind) -> None:
    base.grow("churn\n  requirements: approved\n  01-setup\n    assessment")
    base.set("churn/01-setup/assessment", "lift.data", described(kind.data))
    base.write(DATA, kind.rows)
    place = place_of(base, iterata("lift", "churn/01"))
    assert place.page == "assessment.md"
    assert place.field.endswith(kind.field)
    assert place.text.startswith(kind.names)
    assert (place.file, place.row) == (DATA, kind.row or place.row)


AGREE = ("approved", "--as", "product", "--as", "data science")
COMMANDS = {
    "run": ("run", "churn/01", "--draft"),
    "move": ("move", f"{FOLDER}/proposal.md", *AGREE),
}
INHERITED = (
    "no target",
    "unknown class",
    "status quo empty",
    "rule not finite",
    "declared number",
    "no rows",
)
"""Kinds that show each way in which a plan takes its rows from the assessment."""


@pytest.mark.parametrize("name", INHERITED)
@pytest.mark.parametrize("command", COMMANDS)
def test_plan_that_inherits_its_rows(
    base: KnowledgeBase, iterata: CommandLine, name: str, command: str
) -> None:
    """The assessment describes the rows, so the error is located there."""
    kind = KINDS[name]
    planned(base, Status.IN_REVIEW)
    for key in ("data[0].digest", "target", "status_quo"):
        base.set("churn/01-setup/proposal", f"plan.{key}", None)
    base.set("churn/01-setup/assessment", "lift.data", described(kind.data))
    base.write(DATA, kind.rows)
    place = place_of(base, iterata(*COMMANDS[command]))
    assert place.field.endswith(kind.field)
    assert place.text.startswith(kind.names)
    assert (place.file, place.row) == (DATA, kind.row or place.row)


PREDICTIONS = {
    "name": "theirs",
    "producer": "file",
    "source": "data/theirs.csv",
    "learned_from": "last year",
}
"""A variant from a file."""

OF_PLAN: dict[str, tuple[dict[str, Any], str, str]] = {
    "no segment": ({"segments": ["gone"]}, "segments[0]", "gone"),
    "no time": ({"split": {"kind": "time_ordered", "column": "gone", "folds": 2}}, "split.column", "gone"),
    "no score": ({"variants": [PLAN["variants"][0], {**PREDICTIONS, "score": "gone"}]}, "score", "gone"),
    "no file": (
        {"variants": [PLAN["variants"][0], {**PREDICTIONS, "source": "data/gone.csv"}]},
        "source",
        "data/gone",
    ),
}
"""Changes of the plan, with the field that is wrong and what it holds."""


@pytest.mark.parametrize(("changes", "field", "names"), OF_PLAN.values(), ids=OF_PLAN)
def test_plan(
    base: KnowledgeBase, iterata: CommandLine, changes: dict[str, Any], field: str, names: str
) -> None:
    planned(base, Status.IN_REVIEW, **changes)
    base.write("projects/churn/data/theirs.csv", "row_id,prediction\n0,0.5\n")
    place = place_of(base, iterata(*COMMANDS["run"]))
    assert place.page == "proposal.md"
    assert place.field.endswith(field)
    assert place.text.startswith(names)


def test_keys_with_other_zeros_are_named(base: KnowledgeBase, iterata: CommandLine) -> None:
    planned(base, Status.IN_REVIEW, variants=[PLAN["variants"][0], {**PREDICTIONS, "key": "id"}])
    base.set("churn/01-setup/proposal", "plan.data[0].digest", None)
    rows = "".join(f"{number:04d},{line}\n" for number, line in enumerate(CELLS))
    base.write(DATA, f"id,{HEADER}\n{rows}")
    base.write(
        "projects/churn/data/theirs.csv", "id,prediction\n" + "".join(f"{n},0.5\n" for n in range(120))
    )
    place = place_of(base, iterata(*COMMANDS["run"]))
    assert place.field.endswith("key")
