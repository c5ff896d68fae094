"""Formats of data files that are not read, each with the way into one that is."""

from __future__ import annotations

import json
import shlex
from importlib.util import find_spec
from typing import NamedTuple

from iterata.execution.extras import install_command


class Format(NamedTuple):
    """A format, and how its data become a table that iterata reads."""

    name: str
    """What the file is, in a sentence that begins with `is`."""
    code: str = ""
    """Python that converts the file `{old}` to the file `{new}`."""
    packages: tuple[str, ...] = ()
    """What this code needs beside pandas: `name of the module:name of the package`."""
    query: str = ""
    """Instead: what a query of DuckDB reads, for the file `{source}`."""
    command: str = ""
    """Instead: the command that makes the file `{new}` of the file `{old}`."""
    to: str = ".csv"
    """How the name of the new file ends; empty for the name without the format's end."""


def _pandas(name: str, call: str, *packages: str, to: str = ".csv") -> Format:
    writes = "to_parquet({new})" if to == ".parquet" else "to_csv({new}, index=False)"
    needed = (*packages, "pyarrow:pyarrow") if to == ".parquet" else packages
    return Format(name, f"import pandas; pandas.{call}.{writes}", needed, to=to)


_EXCEL = _pandas("an Excel workbook", "read_excel({old})", "openpyxl:openpyxl")
_OLD_EXCEL = _pandas(
    "an Excel workbook", 'read_excel({old}, engine="calamine")', "python_calamine:python-calamine"
)
_ARROW = _pandas("an Arrow file", "read_feather({old})", to=".parquet")
_ARROW_STREAM = Format(
    "a stream of Arrow",
    "import pyarrow; pyarrow.ipc.open_stream({old}).read_pandas().to_parquet({new})",
    ("pyarrow:pyarrow",),
    to=".parquet",
)
_JSON = Format("JSON", query="'{source}'")
_SEPARATED = Format("a text with other separators than a CSV file", query="read_csv('{source}')")
_SAS = _pandas("a file of SAS", 'read_sas({old}, encoding="infer")')
_SAS_TRANSPORT = _pandas("a transport file of SAS", 'read_sas({old}, encoding="utf-8")')
_STATA = _pandas("a file of Stata", "read_stata({old})")
_SPSS = _pandas("a file of SPSS", "read_spss({old})", "pyreadstat:pyreadstat")
_PICKLE = _pandas("a pickle, which executes code when it is loaded", "read_pickle({old})")
_JOBLIB = Format(
    _PICKLE.name, "import joblib; joblib.load({old}).to_csv({new}, index=False)", ("joblib:joblib",)
)
_HDF = _pandas("an HDF5 file", "read_hdf({old})", "tables:tables")
_ORC = _pandas("an ORC file", "read_orc({old})", to=".parquet")
_AVRO = Format(
    "an Avro file",
    "import fastavro, pandas; "
    'pandas.DataFrame(fastavro.reader(open({old}, "rb"))).to_csv({new}, index=False)',
    ("fastavro:fastavro",),
)
_ARRAY = Format(
    "an array of NumPy",
    "import numpy, pandas; pandas.DataFrame(numpy.load({old})).to_csv({new}, index=False)",
)
_ARRAYS = Format(
    "arrays of NumPy",
    "import numpy, pandas; pandas.DataFrame(dict(numpy.load({old}))).to_csv({new}, index=False)",
)
_R = Format(
    "a file of R",
    "import pyreadr; next(iter(pyreadr.read_r({old}).values())).to_csv({new}, index=False)",
    ("pyreadr:pyreadr",),
)
_XML = _pandas("XML", "read_xml({old})", "lxml:lxml")
_ACCESS = Format("a database of Access", command="mdb-export {old} TABLE > {new}")
_TAR = Format("an archive", command="tar --extract --file {old} --directory {folder}", to="")
_BZIP2 = Format("compressed with bzip2", command="bunzip2 --keep {old}", to="")
_XZ = Format("compressed with xz", command="xz --decompress --keep {old}", to="")
_GZIP = Format("compressed with gzip", command="gunzip --keep {old}", to="")
_ZSTD = Format("compressed with Zstandard", command="zstd --decompress {old}", to="")
_LZ4 = Format("compressed with LZ4", command="lz4 -d {old} {new}", to="")
_PARQUET = Format("a Parquet file under another name", command="mv {old} {new}", to=".parquet")
ZIP = Format("an archive", command="python -m zipfile -e {old} {folder}", to="")
SQLITE = Format("an SQLite database")
DUCKDB = Format("a DuckDB database")

BY_END: dict[str, Format] = {
    **dict.fromkeys((".xlsx", ".xlsm"), _EXCEL),
    **dict.fromkeys((".xls", ".xlsb", ".ods"), _OLD_EXCEL),
    **dict.fromkeys((".feather", ".arrow", ".ipc"), _ARROW),
    ".arrows": _ARROW_STREAM,
    **dict.fromkeys((".json", ".jsonl", ".ndjson", ".json.gz", ".jsonl.gz", ".ndjson.gz"), _JSON),
    **dict.fromkeys((".tsv", ".tab", ".psv", ".txt", ".dat", ".tsv.gz", ".txt.gz"), _SEPARATED),
    ".sas7bdat": _SAS,
    ".xpt": _SAS_TRANSPORT,
    ".dta": _STATA,
    **dict.fromkeys((".sav", ".zsav"), _SPSS),
    **dict.fromkeys((".pkl", ".pickle", ".p"), _PICKLE),
    ".joblib": _JOBLIB,
    **dict.fromkeys((".h5", ".hdf5", ".hdf"), _HDF),
    ".orc": _ORC,
    ".avro": _AVRO,
    ".npy": _ARRAY,
    ".npz": _ARRAYS,
    **dict.fromkeys((".rds", ".rda", ".rdata"), _R),
    ".xml": _XML,
    **dict.fromkeys((".mdb", ".accdb"), _ACCESS),
    **dict.fromkeys((".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz"), _TAR),
    ".zip": ZIP,
    ".bz2": _BZIP2,
    ".xz": _XZ,
    ".gz": _GZIP,
    ".zst": _ZSTD,
    ".lz4": _LZ4,
    **dict.fromkeys((".parq", ".pq", ".pqt"), _PARQUET),
    **dict.fromkeys((".sqlite", ".sqlite3", ".db3"), SQLITE),
    **dict.fromkeys((".duckdb", ".ddb"), DUCKDB),
}
"""What a file is, by the end of its name; of two ends the longer one."""

BY_START: tuple[tuple[int, bytes, Format], ...] = (
    (0, b"SQLite format 3\0", SQLITE),
    (8, b"DUCK", DUCKDB),
    (0, b"PAR1", _PARQUET),
    (0, b"ARROW1", _ARROW),
    (0, b"\xff\xff\xff\xff", _ARROW_STREAM),
    (0, b"ORC", _ORC),
    (0, b"Obj\x01", _AVRO),
    (0, b"\x89HDF", _HDF),
    (0, b"\x93NUMPY", _ARRAY),
    (0, b"PK\x03\x04", ZIP),
    (0, b"BZh", _BZIP2),
    (0, b"\xfd7zXZ", _XZ),
    (0, b"\x28\xb5\x2f\xfd", _ZSTD),
    (0, b"\x1f\x8b", _GZIP),
    (0, b"\x80\x04\x95", _PICKLE),
    (0, b"\x80\x05\x95", _PICKLE),
)
"""What a file is, by bytes at a place of its start."""


def end_of(name: str) -> str:
    """The end of a file's name that tells its format; empty if none does."""
    lower = name.lower()
    return max((end for end in BY_END if lower.endswith(end)), key=len, default="")


def quoted(path: str) -> str:
    """A path in Python code that stands between single quotes in a shell."""
    return json.dumps(path, ensure_ascii=False)


def conversion(file_format: Format, old: str, new: str) -> str:
    """The command that converts a file, with the packages that are not installed here."""
    if file_format.command:
        folder = old.rsplit("/", 1)[0] if "/" in old else "."
        words = {"old": old, "new": new, "folder": folder}
        return file_format.command.format(**{key: shlex.quote(word) for key, word in words.items()})
    code = file_format.code.format(old=quoted(old), new=quoted(new))
    pairs = (needed.split(":") for needed in file_format.packages)
    missing = [package for module, package in pairs if find_spec(module) is None]
    install = f"pip install {' '.join(missing)} && " if missing else ""
    return f"{install}python -c {shlex.quote(code)}"


def yaml_scalar(text: str) -> str:
    """A text as a value in YAML: as it is, if that is one."""
    return text if ": " not in text and " #" not in text else quoted(text)


def with_duckdb(remedy: str) -> str:
    """The same, after DuckDB is installed, if it is not."""
    return remedy if find_spec("duckdb") else f"run `{install_command('duckdb')}`, and {remedy}"


def queried(table: str, source: str, new: str) -> str:
    """How the rows of a table of DuckDB are read: by a query, or by a file of them.

    Args:
        table: the table, as a query names it.
        source: empty if no query may stand in the place of the source.
        new: the file, if one is made.
    """
    if source:
        query = yaml_scalar(f"SELECT * FROM {table}")  # noqa: S608  # a text for an author
        return f"write `query: {query}` instead of `source:`"
    code = f"import duckdb; duckdb.sql({quoted(f'FROM {table}')}).write_parquet({quoted(new)})"
    return f"run `python -c {shlex.quote(code)}`, and name the new file as `source:`"
