"""What the columns of an engine's table are, by the names of its types."""

from __future__ import annotations

import re

_KINDS = (
    ("number", r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?\d*"),
    ("number", r"(HALF)?FLOAT\d?|DOUBLE( PRECISION)?|REAL|(DECIMAL\d*|NUMERIC)(\(.*\))?"),
    ("boolean", r"BOOL(EAN)?"),
    ("text", r"VARCHAR|TEXT|CHARACTER VARYING|STRING|ENUM.*|UUID"),
    ("day", r"DATE(\d\d\[.*\])?"),
    ("zoned time", r"TIMESTAMP WITH TIME ZONE|TIMESTAMPTZ|TIMESTAMP\[\w+, TZ=.*\]"),
    ("time", r"TIMESTAMP(_M?N?S|\[\w+\])?( WITHOUT TIME ZONE)?|DATETIME"),
)  # fmt: skip
"""Each kind, and the names of the types of that kind in DuckDB, PostgreSQL and Arrow."""

_EXACT = re.compile(r"U?(TINY|SMALL|BIG)?INT(EGER)?\d*", re.IGNORECASE)


def kind_of_type(name: str) -> str:
    """The kind of a type: number, boolean, text, day, time, zoned time or other."""
    found = (kind for kind, pattern in _KINDS if re.fullmatch(pattern, name, re.IGNORECASE))
    return next(found, "other")


def is_exact_id(name: str) -> bool:
    """Whether values of a type are equal only if they are the same id, however a file writes them."""
    return bool(_EXACT.fullmatch(name)) or kind_of_type(name) == "text"
