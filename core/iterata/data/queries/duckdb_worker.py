"""A script that runs one query with DuckDB, of files or of a database; it imports nothing of iterata.

A process of its own, because DuckDB takes the names of files relative to the process's folder: also with a
`file_search_path`, a file of that name in the current folder would come first. So every way to name a file
works without a change to the query, and the folder of the calling process does not matter.

DuckDB itself refuses all else: folders without data (it follows links before it compares), the network,
extensions, variables of Python, and changes to these settings. Only a SELECT is executed.
"""

from __future__ import annotations

import json
import os
import pickle
import re
import sys
import threading
import warnings
from typing import TYPE_CHECKING, TypeAlias

import duckdb

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pandas as pd

    Answer: TypeAlias = tuple[str, object]

VECTOR_ROWS = 2048
"""Rows of a vector, DuckDB's unit of fetching."""

_EXTENSIONS = ("autoinstall_known_extensions", "autoload_known_extensions", "allow_community_extensions")
"""Settings by which DuckDB would load extensions, also while it opens a file."""

_PLAIN = re.compile(
    r"BOOLEAN|U?(TINY|SMALL|BIG)?INT(EGER)?|FLOAT|DOUBLE|VARCHAR|DATE|TIMESTAMP(_M?N?S)?|\"?NULL\"?"
)
"""Types that DuckDB converts to what pandas reads from a file."""

_WIDE = re.compile(r"DECIMAL.*|U?HUGEINT|UBIGINT|BIGNUM|VARINT")
"""Numbers that have no such type."""

_NESTED = re.compile(r".*\]|(STRUCT|MAP|UNION)\b.*|VARIANT", re.DOTALL)

_WITHOUT_TEXT = re.compile(r"BLOB|BIT|INTERVAL|GEOMETRY.*")

_READS_CSV = {"read_csv", "read_csv_auto"}

_OWN_TYPES = re.compile(
    r"\b(types|dtypes|columns|column_types|all_varchar|dateformat|timestampformat)\b", re.I
)
"""Arguments of `read_csv` by which an author says what the columns are."""

_CSV_NAME = re.compile(r"\.(csv|tsv)(\.\w+)?$", re.IGNORECASE)


def main() -> None:
    """Read the request, and answer it."""
    pipe = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # nothing else may be written between the answers
    request = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    for answer in _answers(request):
        pickle.dump(answer, pipe, protocol=5)
        pipe.flush()
    pipe.flush()


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(1)


def _answers(request: dict[str, str]) -> Iterator[Answer]:
    actions: dict[str, Callable[[duckdb.DuckDBPyConnection, dict[str, str]], Iterator[Answer]]] = {
        "files": _files, "columns": _columns, "rows": _rows,
    }  # fmt: skip
    try:
        with _opened(request) as connection:
            _restrict(connection, request)
            if _is_select(connection, request["sql"]):
                yield from actions[request["action"]](connection, request)
            else:
                yield "not one select", None
    except (duckdb.Error, OSError, MemoryError) as error:
        yield "refused", str(error) or type(error).__name__
    yield "done", None


def _opened(request: dict[str, str]) -> duckdb.DuckDBPyConnection:
    """A database in memory, or that of a file, which is opened for reading only and without extensions."""
    if "database" not in request:
        return duckdb.connect(":memory:")
    config: dict[str, str | bool | int | float | list[str]] = dict.fromkeys(_EXTENSIONS, "false")
    return duckdb.connect(request["database"], read_only=True, config=config)


def _restrict(connection: duckdb.DuckDBPyConnection, request: dict[str, str]) -> None:
    folders, files = (", ".join(map(_literal, request[key])) for key in ("folders", "files"))
    memory = (f"memory_limit = {_literal(request['memory'])}",) if "memory" in request else ()
    for setting in (
        *memory,
        f"temp_directory = {_literal(request['temporary'])}",
        f"allowed_directories = [{folders}]",
        f"allowed_paths = [{files}]",
        *(f"{setting} = false" for setting in _EXTENSIONS),
        "allow_persistent_secrets = false",
        "python_enable_replacements = false",
        "enable_external_access = false",
        "lock_configuration = true",
    ):
        connection.execute(f"SET {setting}")


def _is_select(connection: duckdb.DuckDBPyConnection, sql: str) -> bool:
    statements = connection.extract_statements(sql)
    return len(statements) == 1 and statements[0].type == duckdb.StatementType.SELECT


def _columns(connection: duckdb.DuckDBPyConnection, request: dict[str, str]) -> Iterator[Answer]:
    yield "columns", list(connection.sql(request["sql"]).columns)


def _files(connection: duckdb.DuckDBPyConnection, request: dict[str, str]) -> Iterator[Answer]:
    tree = _tree(connection, request["sql"])
    names = [_table_name(node) for node in _nodes(tree, "BASE_TABLE")]
    for function in _nodes(tree, "TABLE_FUNCTION"):
        names += [
            text for node in _nodes(function, "VALUE_CONSTANT") if (text := _constant(node)) is not None
        ]
    yield "files", names


def _rows(connection: duckdb.DuckDBPyConnection, request: dict[str, str]) -> Iterator[Answer]:
    sql, names = request["sql"], list(request["names"])
    source = connection.sql(sql)
    types = dict(zip(source.columns, map(str, source.types), strict=True))
    for name in names:
        if _NESTED.fullmatch(types[name]):
            yield "nested", name
        if _WITHOUT_TEXT.fullmatch(types[name]):
            yield "without text", (name, types[name])
    yield from _changed_by_csv_types(connection, sql, names)
    columns = ", ".join(_selected(name, types[name]) for name in names) or "*"
    result = connection.execute(f"SELECT {columns} FROM ({sql}\n) AS source")  # noqa: S608  # the author's query
    zoned = [name for name in names if types[name].startswith("TIMESTAMP WITH TIME ZONE")]
    yield "types", {name: types[name] for name in names}
    while not (batch := _next_batch(result, int(request["batch"]), zoned)).empty:
        yield "rows", batch


def _next_batch(result: duckdb.DuckDBPyConnection, rows: int, zoned: list[str]) -> pd.DataFrame:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # in DuckDB's own use of pandas
        batch = result.fetch_df_chunk(rows // VECTOR_ROWS)
    if zoned:
        import pandas as pd  # noqa: PLC0415  # DuckDB has imported it

        moments = {name: pd.to_datetime(batch[name], unit="us", utc=True) for name in zoned}
        batch = batch.assign(**moments)
    return batch


def _selected(name: str, of_type: str) -> str:
    """A column of the query, as a type that pandas reads from a file."""
    quoted = '"' + name.replace('"', '""') + '"'
    if _PLAIN.fullmatch(of_type):
        return quoted
    if _WIDE.fullmatch(of_type):
        return f"CAST({quoted} AS DOUBLE) AS {quoted}"
    if of_type.startswith("TIMESTAMP WITH TIME ZONE"):
        return f"epoch_us({quoted}) AS {quoted}"
    return f"CAST({quoted} AS VARCHAR) AS {quoted}"


def _changed_by_csv_types(
    connection: duckdb.DuckDBPyConnection, sql: str, names: list[str]
) -> Iterator[Answer]:
    """Columns of CSV files whose texts DuckDB changes when it takes them for numbers or dates.

    Only columns that the query selects or mentions.
    """
    for call in _csv_calls(connection, sql):
        try:
            detected = connection.sql(f"FROM {call}")
            kinds = dict(zip(detected.columns, map(str, detected.types), strict=True))
        except duckdb.Error:  # its arguments depend on other tables
            continue
        wanted = {name: kind for name, kind in kinds.items() if name in names or _mentions(sql, name)}
        as_text = f"{call[:-1]}, all_varchar = true)"
        for name, kind in wanted.items():
            quoted = '"' + name.replace('"', '""') + '"'
            if changed := _changed(quoted, kind):
                found = connection.execute(
                    f"SELECT min({quoted}) FROM {as_text} WHERE {changed}"  # noqa: S608  # the author's call
                ).fetchone()
                if found and found[0] is not None:
                    yield "changed", (name, kind, found[0], call)


def _mentions(sql: str, name: str) -> bool:
    without_texts = re.sub(r"'(?:[^']|'')*'", "''", sql)
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", without_texts, re.IGNORECASE) is not None


def _changed(column: str, kind: str) -> str:
    """The condition for texts of a CSV file that mean something else as a value of this type."""
    if kind in {"BIGINT", "HUGEINT", "UBIGINT", "DOUBLE", "INTEGER"}:
        ids = r"'\s*[+-]?0[0-9].*|\s*[0-9]+[eE][0-9]+\s*'"
        long = rf"regexp_full_match({column}, '\s*[+-]?[0-9]{{16,}}\s*')" if kind == "DOUBLE" else "false"
        return f"regexp_full_match({column}, {ids}) OR {long}"
    if kind == "DATE" or kind.startswith("TIMESTAMP"):
        return rf"NOT regexp_matches({column}, '^\s*[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}')"
    return ""


def _csv_calls(connection: duckdb.DuckDBPyConnection, sql: str) -> Iterator[str]:
    """The calls by which a query reads CSV files whose columns' types are detected."""
    tree = _tree(connection, sql)
    for node in _nodes(tree, "BASE_TABLE"):
        if _CSV_NAME.search(name := _table_name(node)):
            yield f"read_csv({_literal(name)})"
    for node in _nodes(tree, "TABLE_FUNCTION"):
        function = node["function"]
        place = node.get("query_location")
        if isinstance(function, dict) and function["function_name"] in _READS_CSV and isinstance(place, int):
            call = _call_at(sql, place)
            if call and not _OWN_TYPES.search(call):
                yield call


def _call_at(sql: str, place: int) -> str:
    """The call of a function whose name starts at a byte of the query; empty if it has no end."""
    text = sql.encode()[place:].decode()
    depth = 0
    for start, _ in duckdb.tokenize(text):
        depth += {"(": 1, ")": -1}.get(text.encode()[start : start + 1].decode("utf-8", "replace"), 0)
        if depth == 0 and text.encode()[start : start + 1] == b")":
            return text.encode()[: start + 1].decode()
    return ""


def _tree(connection: duckdb.DuckDBPyConnection, sql: str) -> object:
    """DuckDB's own parse of a query."""
    found = connection.execute("SELECT json_serialize_sql($1::VARCHAR)", [sql]).fetchone()
    return json.loads(found[0]) if found else {}


def _nodes(tree: object, kind: str) -> Iterator[dict[str, object]]:
    if isinstance(tree, dict):
        if tree.get("type") == kind:
            yield tree
        for value in tree.values():
            yield from _nodes(value, kind)
    elif isinstance(tree, list):
        for value in tree:
            yield from _nodes(value, kind)


def _table_name(node: dict[str, object]) -> str:
    parts = (node.get(part) for part in ("catalog_name", "schema_name", "table_name"))
    return ".".join(str(part) for part in parts if part)


def _constant(node: dict[str, object]) -> str | None:
    """The text of a constant; None if it is no text."""
    for key, inner in (("literal", "text"), ("value", "value")):
        holder = node.get(key)
        if isinstance(holder, dict) and isinstance(text := holder.get(inner), str):
            return text
    return None


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


if __name__ == "__main__":
    main()
