"""Columns that the assessment does not use: `iterata lift` says how to declare those that leave a doubt."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from iterata.actions.lift import lift
from iterata.documents.yaml.loader import load
from iterata.stages import Status

if TYPE_CHECKING:
    from iterata.data.doubts import UnusedDoubts

    from ...helpers.command_line import CommandLine
    from ...helpers.knowledge_base import KnowledgeBase

PAGE = "churn/01-setup/assessment"
ROWS = pd.DataFrame(
    {
        "newness": [n * 7 % 11 for n in range(120)],
        "tariff": [("blue", "red")[n % 2] for n in range(120)],
        "price": [f"{n % 37},{n % 10}5" for n in range(120)],
        "income": ["?" if n == 9 else str(n * 3) for n in range(120)],
        "left": [(n * n + n // 7) % 5 % 2 for n in range(120)],
    }
)
DOUBTFUL = ["price", "income"]


@pytest.fixture
def assessed(base: KnowledgeBase) -> KnowledgeBase:
    base.grow("churn\n  requirements: approved\n  01-setup")
    base.document(PAGE, Status.DRAFT, lift={"resamples": 200})
    save(base, ROWS)
    return base


def save(base: KnowledgeBase, rows: pd.DataFrame) -> None:
    base.write("projects/churn/data/customers.csv", rows.to_csv(index=False))


def doubts(base: KnowledgeBase) -> UnusedDoubts | None:
    return lift(base.root, base.repository.find_iteration("churn/01-setup")).doubts


def test_printed_line_settles_the_doubts(assessed: KnowledgeBase, iterata: CommandLine) -> None:
    printed = iterata("lift", "churn/01", "--format", "json").fine().err
    (line,) = re.findall(r"`(columns: .*)`", printed)
    declared, _ = load(line)
    assert declared["columns"] == {
        "price": {"number": {"decimal": ","}},
        "income": {"number": {"missing": ["?"]}},
    }
    assessed.set(PAGE, "lift.data.columns", declared["columns"])
    assert "columns:" not in iterata("lift", "churn/01").fine().err


def test_plain_table_leaves_no_doubt(assessed: KnowledgeBase, iterata: CommandLine) -> None:
    save(assessed, ROWS.drop(columns=DOUBTFUL))
    assert len(iterata("lift", "churn/01").fine().err.splitlines()) == 1


def test_line_repeats_earlier_declarations(assessed: KnowledgeBase) -> None:
    assessed.set(PAGE, "lift.data.columns", {"income": "category"})
    found = doubts(assessed)
    assert found is not None
    assert list(found.columns) == ["price"]
    assert load(found.declaration)[0]["columns"] == {
        "income": "category",
        "price": {"number": {"decimal": ","}},
    }


def test_columns_known_afterwards_are_left_out(assessed: KnowledgeBase) -> None:
    assessed.set(PAGE, "lift.data.known_after", DOUBTFUL)
    assert doubts(assessed) is None


def test_only_the_first_rows_are_read(assessed: KnowledgeBase) -> None:
    late = pd.concat([ROWS.assign(price="1", income="2")] * 84 + [ROWS], ignore_index=True)
    save(assessed, late)
    assert doubts(assessed) is None


@pytest.mark.parametrize("source", ["data/rows.parquet", "data/rows"])
def test_text_of_parquet_files(assessed: KnowledgeBase, source: str) -> None:
    (assessed.root / "projects/churn/data/rows/day=1").mkdir(parents=True)
    rows = ROWS.assign(history=[[1, 2]] * 120, key=b"\xff")
    rows.to_parquet(assessed.root / "projects/churn/data/rows.parquet")
    rows.to_parquet(assessed.root / "projects/churn/data/rows/day=1/part-0.parquet")
    assessed.set(PAGE, "lift.data.source", source)
    found = doubts(assessed)
    assert found is not None
    assert list(found.columns) == DOUBTFUL


def test_unused_columns_of_a_query_are_not_read(assessed: KnowledgeBase) -> None:
    assessed.set(PAGE, "lift.data.source", None)
    assessed.set(PAGE, "lift.data.query", "SELECT * FROM 'data/customers.csv'")
    assert doubts(assessed) is None
