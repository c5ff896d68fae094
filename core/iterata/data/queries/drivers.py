"""The package that connects to each kind of database, and the URL it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from iterata.errors import DataError
from iterata.execution.extras import install_command

if TYPE_CHECKING:
    from sqlalchemy import URL


class Driver(NamedTuple):
    """A driver, and how a URL names it."""

    install: str
    """The command that installs it."""
    url: str
    also: str = ""
    """What else it needs."""


_ODBC = "install Microsoft's ODBC driver (the package `msodbcsql18`)"
_SQL_SERVER = Driver(
    "pip install pyodbc",
    "mssql+pyodbc://user@host/database?driver=ODBC+Driver+18+for+SQL+Server",
    f"{_ODBC}, or use `pip install pymssql` and `mssql+pymssql://user@host/database`, which needs no ODBC",
)
_MYSQL = Driver("pip install pymysql", "mysql+pymysql://user@host/database")

POSTGRES = "postgresql"

DRIVERS: dict[str, Driver] = {
    "mysql": _MYSQL,
    "mysql+pymysql": _MYSQL,
    "mysql+mysqldb": Driver("pip install mysqlclient", "mysql+mysqldb://user@host/database"),
    "mysql+mysqlconnector": Driver(
        "pip install mysql-connector-python", "mysql+mysqlconnector://user@host/database"
    ),
    "mariadb": Driver("pip install pymysql", "mariadb+pymysql://user@host/database"),
    "mariadb+mariadbconnector": Driver(
        "pip install mariadb", "mariadb+mariadbconnector://user@host/database"
    ),
    "mssql": _SQL_SERVER,
    "mssql+pymssql": Driver("pip install pymssql", "mssql+pymssql://user@host/database"),
    "sqlserver": _SQL_SERVER,
    "oracle": Driver("pip install oracledb", "oracle+oracledb://user@host/?service_name=SERVICE"),
    "postgresql+psycopg2": Driver("pip install psycopg2-binary", "postgresql+psycopg2://user@host/database"),
    "postgresql+pg8000": Driver("pip install pg8000", "postgresql+pg8000://user@host/database"),
    "snowflake": Driver(
        "pip install snowflake-sqlalchemy", "snowflake://user@account/database/schema?warehouse=WAREHOUSE"
    ),
    "bigquery": Driver("pip install sqlalchemy-bigquery", "bigquery://project/dataset"),
    "redshift": Driver(
        "pip install sqlalchemy-redshift redshift-connector",
        "redshift+redshift_connector://user@host:5439/database",
    ),
    "trino": Driver("pip install 'trino[sqlalchemy]'", "trino://user@host:8080/catalog/schema"),
    "presto": Driver("pip install 'pyhive[presto]'", "presto://user@host:8080/catalog/schema"),
    "databricks": Driver(
        "pip install databricks-sqlalchemy",
        "databricks://token:TOKEN@host?http_path=PATH&catalog=CATALOG&schema=SCHEMA",
    ),
    "clickhouse": Driver("pip install clickhouse-sqlalchemy", "clickhouse+http://user@host:8123/database"),
    "clickhousedb": Driver("pip install clickhouse-connect", "clickhousedb://user@host:8123/database"),
    "awsathena": Driver(
        "pip install 'pyathena[SQLAlchemy]'",
        "awsathena+rest://@athena.REGION.amazonaws.com/database?s3_staging_dir=s3://BUCKET/FOLDER",
    ),
    "hive": Driver("pip install 'pyhive[hive]'", "hive://user@host:10000/database"),
    "impala": Driver("pip install 'impyla[sqlalchemy]'", "impala://host:21050/database"),
    "db2": Driver("pip install ibm-db-sa", "db2+ibm_db://user@host:50000/database"),
    "ibm_db_sa": Driver("pip install ibm-db-sa", "db2+ibm_db://user@host:50000/database"),
    "hana": Driver("pip install sqlalchemy-hana", "hana+hdbcli://user@host:30015"),
    "teradatasql": Driver("pip install teradatasqlalchemy", "teradatasql://user@host"),
    "vertica": Driver("pip install sqlalchemy-vertica-python", "vertica+vertica_python://user@host/database"),
    "cockroachdb": Driver(
        "pip install sqlalchemy-cockroachdb psycopg2-binary", "cockroachdb://user@host:26257/database"
    ),
    "exa": Driver("pip install sqlalchemy-exasol", "exa+websocket://user@host:8563/schema"),
    "firebird": Driver("pip install sqlalchemy-firebird", "firebird+firebird://user@host//path/to/database"),
    "monetdb": Driver("pip install sqlalchemy-monetdb", "monetdb://user@host:50000/database"),
    "starrocks": Driver("pip install starrocks", "starrocks://user@host:9030/catalog.database"),
    "druid": Driver("pip install 'pydruid[sqlalchemy]'", "druid://host:8082/druid/v2/sql"),
    "crate": Driver("pip install sqlalchemy-cratedb", "crate://host:4200"),
    "firebolt": Driver(
        "pip install firebolt-sqlalchemy", "firebolt://client:SECRET@database/engine?account_name=ACCOUNT"
    ),
}
"""How to reach a database, by SQLAlchemy's name of it, or by that and the driver's."""

_ASYNCHRONOUS = {"asyncpg", "aiosqlite", "aiomysql", "asyncmy", "oracledb_async", "psycopg_async", "aioodbc"}
"""Drivers that need an event loop; a query runs without one."""


class MissingDriver(DataError):
    """The package that connects to a database is not installed, or its URL names none."""


def check_installed(url: URL, variable: str, where: str) -> None:
    """Refuse a URL whose driver cannot be loaded.

    Raises:
        MissingDriver: the remedy installs the driver and shows how the URL names it.
    """
    backend, _, name = url.drivername.partition("+")
    if name in _ASYNCHRONOUS:
        message = f"the URL names the driver {name}, which is asynchronous"
        raise MissingDriver(message, remedy=f"write {variable} as `{_driver(backend, '').url}`", where=where)
    reason = _reason(url)
    if reason is None:
        return
    driver = _driver(backend.lower(), name.lower())
    also = f"; {driver.also}" if driver.also else ""
    remedy = f"run `{driver.install}`, and write {variable} as `{driver.url}`{also}"
    if not driver.install:
        remedy = "install its dialect for SQLAlchemy, or export the rows to a CSV or Parquet file"
    message = f"needs a driver for {url.drivername}, which is not installed: {reason}"
    raise MissingDriver(message, remedy=remedy, where=where)


def _reason(url: URL) -> str | None:
    """Why the driver of a URL cannot be loaded; None if it can."""
    from sqlalchemy.exc import NoSuchModuleError  # noqa: PLC0415  # an extra

    try:
        dialect = url.get_dialect()
        dialect.import_dbapi()
    except NoSuchModuleError:
        return "SQLAlchemy does not know it"
    except ModuleNotFoundError as error:
        return f"no module {error.name}"
    except ImportError as error:  # a library of the system is missing
        return str(error).splitlines()[0] if str(error) else "it cannot be imported"
    return None


def _driver(backend: str, name: str) -> Driver:
    if backend in {POSTGRES, "postgres"} and f"{backend}+{name}" not in DRIVERS:
        return Driver(install_command("postgres"), "postgresql+psycopg://user@host/database")
    return DRIVERS.get(f"{backend}+{name}") or DRIVERS.get(backend) or Driver("", "sqlite:///path")
