"""The block `lift` of an assessment."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from iterata import results
from iterata.render.lift.table import render

if TYPE_CHECKING:
    from collections.abc import Callable

    from iterata.results import LiftResult

    Lift = Callable[..., LiftResult]


def test_table_is_aligned_and_shows_every_model(lift: Lift) -> None:
    table = [line for line in render(lift()).splitlines() if line.startswith("|")]
    assert len({len(line) for line in table}) == 1
    assert [line.split("|")[1].strip() for line in table][2:] == [
        "random: 20 % of the rows, drawn blindly",
        "status quo",
        "perfect",
        "**potential lift**",
        "**risk**",
        "position of the status quo",
        "do nothing",
    ]


def test_treat_all_has_a_row_if_the_budget_is_optional(lift: Lift) -> None:
    assert "| treat all " in render(lift({"spend": "optional"}))


def test_block_depends_on_the_result_file_alone(lift: Lift) -> None:
    result = lift()
    assert render(result) == render(results.parse("lift", results.to_json(result), "lift.json"))


def test_text_of_documents_is_escaped(lift: Lift) -> None:
    hostile = "<img src=x> | {: onclick=x }"
    data = lift(project_cost=5).model_dump()
    data["kpi"] |= {"name": hostile, "unit": hostile, "period": hostile}
    data["scale"]["status_quo_label"] = data["scale"]["random"]["meaning"] = hostile
    data["sample"]["source"] = data["interval"]["unit"] = data["break_even"]["currency"] = hostile
    page = render(results.LiftResult.model_validate(data))
    assert "<img" not in page
    assert "{:" not in page
    rows = [line.replace(r"\|", "") for line in page.splitlines() if line.startswith("|")]
    assert len({row.count("|") for row in rows}) == 1


def test_notebook_shows_the_block(lift: Lift) -> None:
    import iterata.lift.api  # noqa: F401, PLC0415  # what a notebook imports registers the renderer

    result = lift()
    assert result._repr_markdown_() == render(result)


def test_rendering_imports_nothing_heavy() -> None:
    """A site build renders these blocks; it must not wait for numpy."""
    code = "import sys, iterata.render.lift.table; print({'numpy', 'pandas', 'sklearn'} & set(sys.modules))"
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert process.stdout.strip() == "set()"
