"""Addresses in the place of a data file: what they are, and how the data get into the project."""

from __future__ import annotations

import re
import shlex
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

_DOWNLOADS = {
    "s3": "aws s3 cp {recursive}{address} {file}",
    "s3a": "aws s3 cp {recursive}{address} {file}",
    "s3n": "aws s3 cp {recursive}{address} {file}",
    "gs": "gcloud storage cp {recursive}{address} {file}",
    "gcs": "gcloud storage cp {recursive}{address} {file}",
    "r2": "aws s3 cp {recursive}{address} {file}",
    "http": "curl --fail --location --create-dirs --output {file} {address}",
    "https": "curl --fail --location --create-dirs --output {file} {address}",
    "ftp": "curl --fail --create-dirs --output {file} {address}",
    "sftp": "curl --fail --create-dirs --output {file} {address}",
    "hdfs": "hdfs dfs -get {address} {file}",
    "dbfs": "databricks fs cp {recursive}{address} {file}",
    "file": "cp {path} {file}",
}
"""The command that brings a file into the project, by the address's scheme."""

_SPELLINGS = {"s3a": "s3", "s3n": "s3", "r2": "s3", "gcs": "gs"}
"""Schemes of other programs, as the command spells them."""

_WITH_FSSPEC = {"az": "adlfs", "abfs": "adlfs", "abfss": "adlfs", "wasbs": "adlfs", "hf": "huggingface_hub"}
"""The package with which fsspec reads a scheme that no usual command reads."""

_DATABASES = re.compile(
    r"(jdbc:)?(postgres(ql)?|mysql|mariadb|mssql|sqlserver|oracle|sqlite|duckdb|snowflake|bigquery|redshift"
    r"|trino|presto|databricks|clickhouse\w*|hive|awsathena|mongodb)(\+\w+)?:",
    re.IGNORECASE,
)

_ADDRESS = re.compile(r"[A-Za-z][\w+.-]*://|jdbc:|dbfs:/", re.IGNORECASE)


class Remote(NamedTuple):
    """What is wrong with an address in the place of a file, and how to fix it."""

    message: str
    remedy: str


def remote(address: str) -> Remote | None:
    """The message for an address; None if the text is none, but a path."""
    if not _ADDRESS.match(address):
        return None
    if _DATABASES.match(address):
        return Remote(
            "is the address of a database; a document names a variable that holds it, with its password",
            "write `query: SELECT * FROM TABLE` and `database: WAREHOUSE` instead of `source:`, and set the "
            "environment variable WAREHOUSE to the address, as SQLAlchemy writes it",
        )
    message = "is an address, and data are read from files of the project, whose digest is approved"
    return Remote(message, how_to_download(address))


def how_to_download(address: str) -> str:
    """The command that brings the file of an address into the project, and the key that names it."""
    scheme = address.split(":", 1)[0].lower()
    path = unquote(urlsplit(address).path)
    name = path.rstrip("/").rsplit("/", 1)[-1]
    file = f"data/{name or 'FILE.csv'}"
    command = _command(scheme, address, path, file)
    if not command:
        return "download it into the project's folder `data`, and name that file as `source:`"
    return f"run `{command}` in the project's folder, and write `source: {file}`"


def _command(scheme: str, address: str, path: str, file: str) -> str:
    if scheme in _WITH_FSSPEC:
        code = f'import fsspec; files, path = fsspec.url_to_fs("{address}"); files.get(path, "{file}")'
        return f"pip install fsspec {_WITH_FSSPEC[scheme]} && python -c {shlex.quote(code)}"
    recursive = "--recursive " if _is_folder(path) else ""
    spelled = _SPELLINGS.get(scheme, scheme) + address[len(scheme) :]
    template = _DOWNLOADS.get(scheme, "")
    words = {"address": spelled, "path": path, "file": file}
    quoted = {key: shlex.quote(word) for key, word in words.items()}
    return template.format(recursive=recursive, **quoted)


def _is_folder(path: str) -> bool:
    return "." not in path.rsplit("/", 1)[-1]
