"""Files and folders that are not read: the remedy, followed literally, makes their rows readable."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import os
import pickle
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import zipfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest
import yaml
from pydantic import TypeAdapter, ValidationError

from iterata.data.sources.open import open_file, open_table
from iterata.data.sources.unread_file import UnreadFormat
from iterata.data.sources.unread_formats import BY_END, conversion
from iterata.documents.error_messages import advise
from iterata.documents.models.rows import RowSource
from iterata.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ....helpers.golden import Golden

ROWS = pd.DataFrame({"town": ["Delft", "Breda", "Goes"], "age": [31, 45, 28]})

CSV = ROWS.to_csv(index=False).encode()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "repo" / "projects" / "mail"
    (folder / "data").mkdir(parents=True)
    return folder


def write_sqlite(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        ROWS.to_sql("people", connection, index=False)
    connection.close()


def write_duckdb(path: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE people AS SELECT * FROM (VALUES ('Delft', 31), ('Breda', 45), "
                           "('Goes', 28)) AS rows(town, age)")  # fmt: skip


def write_zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("people.csv", CSV)


def write_tar(path: Path) -> None:
    (path.parent / "people.csv").write_bytes(CSV)
    with tarfile.open(path, "w:gz") as archive:
        archive.add(path.parent / "people.csv", "people.csv")
    (path.parent / "people.csv").unlink()


def write_arrow_stream(path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    table = pa.Table.from_pandas(ROWS)
    with pa.ipc.new_stream(str(path), table.schema) as stream:
        stream.write_table(table)


WRITERS: dict[str, Callable[[Path], object]] = {
    "people.feather": ROWS.to_feather,
    "stream.arrow": write_arrow_stream,
    "people.json": lambda path: ROWS.to_json(path, orient="records"),
    "people.jsonl": lambda path: ROWS.to_json(path, orient="records", lines=True),
    "people.jsonl.gz": lambda path: ROWS.to_json(path, orient="records", lines=True),
    "people.tsv": lambda path: ROWS.to_csv(path, sep="\t", index=False),
    "people.tsv.gz": lambda path: ROWS.to_csv(path, sep="\t", index=False),
    "people.txt": lambda path: ROWS.to_csv(path, sep=";", index=False),
    "people.dta": lambda path: ROWS.to_stata(path, write_index=False),
    "people.pkl": lambda path: path.write_bytes(pickle.dumps(ROWS)),
    "people.joblib": lambda path: path.write_bytes(pickle.dumps(ROWS)),
    "people.orc": ROWS.to_orc,
    "people.zip": write_zip,
    "people.csv.zip": write_zip,
    "people.csv.bz2": lambda path: path.write_bytes(bz2.compress(CSV)),
    "people.csv.xz": lambda path: path.write_bytes(lzma.compress(CSV)),
    "people.pq": ROWS.to_parquet,
    "people.parquet.gz": lambda path: path.write_bytes(gzip.compress(ROWS.to_parquet() or b"")),
    "people.db": write_sqlite,
    "people.duckdb": write_duckdb,
    "team.db": write_duckdb,
    "Our people's list.jsonl": lambda path: ROWS.to_json(path, orient="records", lines=True),
    "people": ROWS.to_parquet,
}


def refused(project: Path, name: str, *, may_query: bool = True) -> UnreadFormat:
    with pytest.raises(UnreadFormat) as caught:
        open_file(project, f"data/{name}", root=project.parents[1], may_query=may_query)
    assert caught.value.location.source == f"projects/mail/data/{name}"
    return caught.value


def follow(remedy: str, project: Path, monkeypatch: pytest.MonkeyPatch) -> pd.DataFrame:
    """Do what a remedy says, as a reader would, and read the table that it names."""
    root = project.parents[1]
    quoted = [text for text in re.findall(r"`([^`]+)`", remedy) if text != "source:"]
    commands = [text for text in quoted if not re.match(r"(source|query|database): ", text)]
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    for command in commands:
        if command.startswith("export "):
            (assignment,) = shlex.split(command.removeprefix("export "))
            monkeypatch.setenv(*assignment.split("=", 1))
            continue
        if (program := command.split()[0]) and shutil.which(program, path=path) is None:
            pytest.skip(f"this machine has no {program}")
        if command.startswith("pip install"):
            pytest.skip(f"not installed here: {command}")
        subprocess.run(["bash", "-c", command], cwd=root, check=True, env={**os.environ, "PATH": path})
    keys = yaml.safe_load("\n".join(text for text in quoted if text not in commands))
    monkeypatch.chdir(root)
    return open_table(project, RowSource.model_validate(keys), root=root).read(["town", "age"])


@pytest.mark.parametrize("name", WRITERS)
def test_remedy_makes_the_rows_readable(project: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("duckdb", "pyarrow", "sqlalchemy"):
        pytest.importorskip(module)
    WRITERS[name](project / "data" / name)
    found = follow(refused(project, name).remedy, project, monkeypatch)
    assert found.sort_values("age")["town"].tolist() == ["Goes", "Delft", "Breda"]
    assert found["age"].sum() == 104


@pytest.mark.parametrize("table", ["order", "my table", 'the "old": #1', "it's"])
@pytest.mark.parametrize("name", ["it's mine.db", "it's mine.duckdb"])
def test_remedy_quotes_the_name_of_a_table(
    project: Path, name: str, table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("duckdb", "pyarrow", "sqlalchemy"):
        pytest.importorskip(module)
    path = project / "data" / name
    WRITERS[f"people{path.suffix}"](path)
    connect = sqlite3.connect if path.suffix == ".db" else sys.modules["duckdb"].connect
    with closing(connect(str(path))) as connection:
        connection.execute('ALTER TABLE people RENAME TO "{}"'.format(table.replace('"', '""')))
    found = follow(refused(project, name).remedy, project, monkeypatch)
    assert found["age"].sum() == 104
    check_new_file(refused(project, name, may_query=False).remedy, project)


@pytest.mark.parametrize("name", ["people.jsonl", "people.tsv.gz", "people.db", "people.duckdb"])
def test_remedy_of_a_file_that_no_query_replaces(project: Path, name: str) -> None:
    """Files of predictions and of monitors: their documents have no key `query`."""
    for module in ("duckdb", "pyarrow"):
        pytest.importorskip(module)
    WRITERS[name](project / "data" / name)
    remedy = refused(project, name, may_query=False).remedy
    assert "query:" not in remedy
    check_new_file(remedy, project)


def check_new_file(remedy: str, project: Path) -> None:
    command, _ = re.findall(r"`([^`]+)`", remedy)
    before = set((project / "data").iterdir())
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    root = project.parents[1]
    subprocess.run(["bash", "-c", command], cwd=root, check=True, env={**os.environ, "PATH": path})
    (new,) = set((project / "data").iterdir()) - before
    found = open_file(project, f"data/{new.name}", root=root).read(["town", "age"])
    assert found.sort_values("age")["town"].tolist() == ["Goes", "Delft", "Breda"]


@pytest.mark.parametrize("end", BY_END)
def test_every_format_has_a_way_and_keeps_the_file(project: Path, end: str) -> None:
    (project / f"data/a{end}").write_bytes(b"")
    error = refused(project, f"a{end}")
    assert "`" in error.remedy or end == ".zip"
    assert (project / f"data/a{end}").read_bytes() == b""


def test_words_of_the_usual_formats(project: Path, golden: Golden, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("iterata.data.sources.unread_formats.find_spec", lambda _: None)
    names = ["a.xlsx", "a.feather", "a.sas7bdat", "a.pkl", "a.avro", "a.orc", "a.json", "a.zip", "a.csv.bz2"]
    for name in names:
        (project / "data" / name).write_bytes(b"")
    golden.check("unread", "\n".join(str(refused(project, name)) for name in names))


def test_pickle_is_never_loaded(project: Path, tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple[object, tuple[str, ...]]:
            return os.mkdir, (str(tmp_path / "executed"),)

    for name in ("a.pkl", "a.joblib", "a.unknown"):
        (project / "data" / name).write_bytes(pickle.dumps(Evil()))
        assert "trust" in refused(project, name).remedy
    assert not (tmp_path / "executed").exists()


def test_existing_csv_file_is_named_and_not_overwritten(project: Path) -> None:
    (project / "data/a.xlsx").write_bytes(b"PK\x03\x04")
    (project / "data/a.csv").write_text("n\n1\n")
    remedy = refused(project, "a.xlsx").remedy
    assert "source: data/a.csv" in remedy
    assert "python" not in remedy


def test_names_are_quoted_for_shell_and_python(tmp_path: Path) -> None:
    old = tmp_path / "a $(touch x) \"b' `c`.dta"
    ROWS.to_stata(old, write_index=False)
    new = tmp_path / "new'.csv"
    command = conversion(BY_END[".dta"], str(old), str(new))
    subprocess.run(
        ["bash", "-c", command.replace("python -c", f"{sys.executable} -c")], cwd=tmp_path, check=True
    )
    assert len(pd.read_csv(new)) == len(ROWS)
    assert not (tmp_path / "x").exists()


FOLDERS: dict[str, dict[str, bytes]] = {
    "flat": {"a.csv": b"town,age\nDelft,31\nBreda,45\n", "b.csv": b"town,age\nGoes,28\n"},
    "partitioned": {
        "town=Delft/a.csv": b"age\n31\n",
        "town=Breda/a.csv": b"age\n45\n",
        "town=Goes/b.csv": b"age\n28\n",
    },
    "two levels": {
        "year=1/town=Delft/a.csv": b"age\n31\n",
        "year=1/town=Breda/a.csv": b"age\n45\n",
        "year=2/town=Goes/a.csv": b"age\n28\n",
    },
    "uneven": {"a.csv": b"town,age\nDelft,31\nBreda,45\n", "more/b.csv": b"town,age\nGoes,28\n"},
    "lines": {"a.jsonl": b'{"town": "Delft", "age": 31}\n{"town": "Breda", "age": 45}\n',
              "b.jsonl": b'{"town": "Goes", "age": 28}\n'},
    "other columns": {"a.csv": b"town,age,x\nDelft,31,1\nBreda,45,2\n", "b.csv": b"age,town\n28,Goes\n"},
}  # fmt: skip


@pytest.mark.parametrize("name", FOLDERS)
def test_remedy_reads_a_folder_of_other_files(
    project: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("duckdb")
    for file, content in FOLDERS[name].items():
        path = project / "data/towns" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    with pytest.raises(DataError) as caught:
        open_file(project, "data/towns", root=project.parents[1], may_query=True)
    found = follow(caught.value.remedy, project, monkeypatch)
    assert found.sort_values("age")["town"].tolist() == ["Goes", "Delft", "Breda"]


def test_remedy_of_a_folder_that_no_query_replaces(project: Path) -> None:
    for module in ("duckdb", "pyarrow"):
        pytest.importorskip(module)
    for file, content in FOLDERS["two levels"].items():
        path = project / "data/towns" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    with pytest.raises(DataError) as caught:
        open_file(project, "data/towns", root=project.parents[1])
    assert "query:" not in caught.value.remedy
    check_new_file(caught.value.remedy, project)


@pytest.mark.parametrize(
    ("log", "words"),
    [
        ("_delta_log/00000000000000000000.json", "DeltaTable"),
        (".hoodie/hoodie.properties", "HudiTable"),
        ("metadata/v2.metadata.json", "v2.metadata.json"),
    ],
)
@pytest.mark.parametrize("below", ["", "shop"])
def test_table_with_a_log_is_not_read_as_its_files(project: Path, log: str, words: str, below: str) -> None:
    pytest.importorskip("pyarrow")
    folder = project / "data/towns" / below
    (folder / log).parent.mkdir(parents=True)
    (folder / log).write_text("{}")
    ROWS.to_parquet(folder / "part-0.parquet")
    with pytest.raises(DataError) as caught:
        open_file(project, "data/towns", root=project.parents[1])
    assert words in caught.value.remedy


ADDRESSES = [
    "s3://bucket/folder/a.parquet",
    "s3a://bucket/a b.csv",
    "s3://bucket/sales/",
    "gs://bucket/a.csv",
    "https://example.org/a.csv?version=2",
    "http://example.org/",
    "abfss://container@account.dfs.core.windows.net/a.parquet",
    "hdfs://node/a.parquet",
    "dbfs:/mnt/a.parquet",
    "ftp://example.org/a.csv",
    "file:///mnt/data/a.csv",
    "jdbc:postgresql://host/db",
    "postgresql://me:secret@host/db",
    "ipfs://QmHash",
]


def test_addresses_are_refused_with_the_way_into_the_project(golden: Golden) -> None:
    lines = []
    for address in ADDRESSES:
        with pytest.raises(ValidationError) as caught:
            TypeAdapter(RowSource).validate_python({"source": address})
        (error,) = caught.value.errors()
        assert error["type"] == "address"
        advice = advise(error, None, [])
        assert "secret" not in f"{advice.message} {advice.remedy}"
        lines.append(f"{address}: {advice.message}\n  fix: {advice.remedy}")
    golden.check("addresses", "\n".join(lines).replace("secret", "***"))


def test_path_that_is_no_address_is_refused_as_before() -> None:
    for path in ("/abs/a.csv", "C:\\data\\a.csv", "../a.csv", "a:b.csv"):
        with pytest.raises(ValidationError) as caught:
            TypeAdapter(RowSource).validate_python({"source": path})
        assert caught.value.errors()[0]["type"] == "value_error"


def test_query_names_the_way_for_a_file_that_duckdb_does_not_read(project: Path) -> None:
    pytest.importorskip("duckdb")
    (project / "data/a.xlsx").write_bytes(b"PK\x03\x04")
    root = project.parents[1]
    for table, words in {
        "'data/a.xlsx'": "read_excel",
        "read_xlsx('data/a.xlsx')": "read_excel",
        "'s3://bucket/a.parquet'": "aws s3 cp",
        "read_parquet('https://example.org/a.parquet')": "curl",
    }.items():
        with pytest.raises(DataError) as caught:
            open_table(project, RowSource.model_validate({"query": f"FROM {table}"}), root=root)
        assert words in caught.value.remedy


def test_address_served_over_http_is_downloaded_by_its_remedy(project: Path) -> None:
    if shutil.which("curl") is None:
        pytest.skip("this machine has no curl")
    served = project.parents[2] / "served"
    served.mkdir()
    (served / "a b.csv").write_bytes(CSV)
    code = (
        "import functools, http.server, socketserver\n"
        f"h = functools.partial(http.server.SimpleHTTPRequestHandler, directory={json.dumps(str(served))})\n"
        "s = socketserver.TCPServer(('127.0.0.1', 0), h); print(s.server_address[1], flush=True)\n"
        "s.serve_forever()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        try:
            assert server.stdout is not None
            address = f"http://127.0.0.1:{int(server.stdout.readline())}/a%20b.csv"
            with pytest.raises(ValidationError) as caught:
                TypeAdapter(RowSource).validate_python({"source": address})
            remedy = advise(caught.value.errors()[0], None, []).remedy
            command, source = re.findall(r"`([^`]+)`", remedy)
            subprocess.run(["bash", "-c", command], cwd=project, check=True, capture_output=True)
        finally:
            server.kill()
    table = open_file(project, source.removeprefix("source: "), root=project.parents[1])
    assert table.read(["age"])["age"].tolist() == [31, 45, 28]
