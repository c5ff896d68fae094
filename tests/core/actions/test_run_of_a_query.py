"""A plan whose rows come from a query is approved, run and verified like one that reads a file."""

from __future__ import annotations

import io
import json
import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from iterata.stages import Status

from .approved_plan import DATA, FOLDER, ROWS, planned

if TYPE_CHECKING:
    from pathlib import Path

    from ...helpers.command_line import CommandLine
    from ...helpers.git import Git
    from ...helpers.knowledge_base import KnowledgeBase

RESULT = f"{FOLDER}/results/experiment.json"
RUN = ("run", "churn/01", "--jobs", "1")
APPROVE = ("move", f"{FOLDER}/proposal.md", "approved", "--as", "data science", "--as", "product")


@pytest.fixture
def warehouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The path of a database outside the repository that holds the rows."""
    pytest.importorskip("sqlalchemy")
    place = tmp_path / "warehouse.db"
    store(place, pd.read_csv(io.StringIO(ROWS)))
    monkeypatch.setenv("WAREHOUSE", f"sqlite:///{place}")
    return place


def store(place: Path, rows: pd.DataFrame) -> None:
    with closing(sqlite3.connect(place)) as connection:
        rows.to_sql("customers", connection, index=False, if_exists="replace")


def approved(base: KnowledgeBase, iterata: CommandLine, **data: str) -> Git:
    """A plan that `iterata move` approved, committed."""
    git = planned(base, Status.IN_REVIEW, data=[{"name": "rows", **data}])
    iterata(*APPROVE).fine()
    assert "digest: " in base.read(f"{FOLDER}/proposal.md")
    git.commit("approve it")
    return git


def test_query_of_a_database_is_approved_and_run(
    warehouse: Path, base: KnowledgeBase, iterata: CommandLine
) -> None:
    approved(base, iterata, query="SELECT * FROM customers", database="WAREHOUSE")
    assert "rows: a query of WAREHOUSE" in iterata(*RUN).fine().err
    first = json.loads(base.read(RESULT))
    (digest,) = first["provenance"]["data"].values()
    assert digest in base.read(f"{FOLDER}/proposal.md")
    assert list(first["provenance"]["data"]) == ["query of WAREHOUSE"]

    rows = pd.read_csv(io.StringIO(ROWS))
    store(warehouse, rows.sample(frac=1, random_state=1))  # a database promises no order
    shutil.rmtree(base.root / ".iterata")  # without the cache of the first run
    (base.root / RESULT).unlink()
    iterata(*RUN).fine()
    again = json.loads(base.read(RESULT))
    assert again["variants"] == first["variants"]

    store(warehouse, rows.assign(age=rows["age"] + 1))
    refused = iterata(*RUN)
    assert refused.code == 1
    assert "\n  data: query of WAREHOUSE\n" in refused.err
    assert json.loads(base.read(RESULT)) == again


def test_query_of_files_is_verified_in_the_checkout(base: KnowledgeBase, iterata: CommandLine) -> None:
    pytest.importorskip("duckdb")
    ages = pd.read_csv(io.StringIO(ROWS))["age"].drop_duplicates()
    decades = base.root / "projects/churn/data/decades.csv"
    decades.parent.mkdir(parents=True)
    ages.to_frame().assign(decade=ages // 10).to_csv(decades, index=False)
    query = "SELECT * FROM 'data/customers.csv' JOIN 'data/decades.csv' USING (age) WHERE age > 3"
    git = approved(base, iterata, query=query, made_by="python make_data.py")
    iterata(*RUN).fine()
    git.commit("run it")
    iterata("verify", "churn/01", "--jobs", "1").fine()
    (base.root / DATA).unlink()
    missing = iterata("verify", "churn/01", "--jobs", "1")
    assert "`python make_data.py` (data/customers.csv)" in missing.err
