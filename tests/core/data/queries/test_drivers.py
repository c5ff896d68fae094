"""Databases whose driver is not installed: the message names the package and the URL."""

from __future__ import annotations

import re
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from iterata.data.queries.drivers import DRIVERS, MissingDriver
from iterata.data.queries.query import open_query

if TYPE_CHECKING:
    from pathlib import Path

    from ....helpers.golden import Golden

sqlalchemy = pytest.importorskip("sqlalchemy")

MODULES = {
    "mysql": "pymysql",
    "mysql+pymysql": "pymysql",
    "mysql+mysqldb": "MySQLdb",
    "mariadb": "pymysql",
    "mssql": "pyodbc",
    "mssql+pyodbc": "pyodbc",
    "mssql+pymssql": "pymssql",
    "oracle": "oracledb",
    "oracle+cx_oracle": "cx_Oracle",
    "snowflake": "snowflake",
    "bigquery": "sqlalchemy_bigquery",
    "redshift": "redshift_connector",
    "redshift+psycopg2": "redshift_connector",
    "trino": "trino",
    "databricks": "databricks.sqlalchemy",
    "clickhouse": "clickhouse_sqlalchemy",
    "awsathena": "pyathena",
    "hive": "pyhive",
}
"""A URL's drivername, and a module of the package that the message names."""


def refused(drivername: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> MissingDriver:
    monkeypatch.setenv("WAREHOUSE", f"{drivername}://me:secret@127.0.0.1:1/shop")
    with pytest.raises(MissingDriver) as caught:
        open_query(folder, "SELECT 1 AS n", "WAREHOUSE", root=folder, where="query of WAREHOUSE")
    assert "secret" not in str(caught.value)
    return caught.value


def is_installed(module: str) -> bool:
    return all(find_spec(".".join(module.split(".")[: n + 1])) for n in range(module.count(".") + 1))


@pytest.mark.parametrize("drivername", MODULES)
def test_missing_driver_is_named_with_its_package(
    drivername: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if is_installed(MODULES[drivername]):
        pytest.skip("it is installed here")
    remedy = refused(drivername, tmp_path, monkeypatch).remedy
    install, url, *_ = re.findall(r"`([^`]+)`", remedy)
    assert install.startswith("pip install ")
    assert url.split("://")[0].split("+")[0] in {drivername.split("+", maxsplit=1)[0], "mysql", "mariadb"}


def test_words_of_missing_drivers(golden: Golden, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("pymysql", "MySQLdb", "pyodbc", "oracledb", "cx_Oracle", "psycopg2"):
        monkeypatch.setitem(sys.modules, module, None)
    names = [
        "mysql+pymysql",
        "mssql+pyodbc",
        "oracle+oracledb",
        "snowflake",
        "bigquery",
        "postgres",
        "dbx",
    ]
    texts = [str(refused(name, tmp_path, monkeypatch)) for name in names]
    golden.check("missing_drivers", re.sub(r"no module .*|it cannot .*|import of .*", "…", "\n".join(texts)))


@pytest.mark.parametrize("drivername", ["postgresql+psycopg2", "postgres", "postgresql+pg8000"])
def test_postgres_driver_that_is_not_installed(
    drivername: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("psycopg2", "pg8000"):
        monkeypatch.setitem(sys.modules, module, None)
    assert "postgresql+" in refused(drivername, tmp_path, monkeypatch).remedy


def test_asynchronous_driver_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "postgresql+psycopg://" in refused("postgresql+asyncpg", tmp_path, monkeypatch).remedy


@pytest.mark.parametrize("name", DRIVERS)
def test_urls_of_the_table_are_urls(name: str) -> None:
    driver = DRIVERS[name]
    assert sqlalchemy.make_url(driver.url).drivername
    assert re.fullmatch(r"pip install [\w'\[\] -]+", driver.install)


def test_installed_driver_is_not_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sqlite3  # noqa: PLC0415

    sqlite3.connect(tmp_path / "a.db").close()
    for drivername in ("sqlite", "sqlite+pysqlite"):
        monkeypatch.setenv("WAREHOUSE", f"{drivername}:///{tmp_path}/a.db")
        assert open_query(tmp_path, "SELECT 1 AS n", "WAREHOUSE", root=tmp_path, where="q").columns == ("n",)
