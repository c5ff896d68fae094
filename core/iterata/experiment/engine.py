"""Where folds are predicted: by processes of this machine, or by a cluster."""

from __future__ import annotations

import re
from typing import NamedTuple

from iterata.errors import RunError


class Engine(NamedTuple):
    """Which processes predict."""

    kind: str = "local"
    """What a result records of it: figures do not depend on it."""
    address: str = ""
    """Host and port of a scheduler."""


LOCAL = Engine()


def engine(written: str) -> Engine:
    """The engine that a user names: `local`, or `dask://host:port`.

    >>> engine("dask://cluster:8786")
    Engine(kind='dask', address='cluster:8786')

    Raises:
        RunError: there is no such engine.
    """
    if written == LOCAL.kind:
        return LOCAL
    kind, _, address = written.partition("://")
    if kind in ("ray", "spark"):
        remedy = "take dask://host:port; Dask runs on the same machines (`pip install 'iterata[dask]'`)"
        raise RunError(f"{kind} is not supported yet", remedy=remedy, where="--engine")
    if kind != "dask" or not re.fullmatch(r"(\[[0-9a-fA-F:.]+\]|[\w.-]+):\d{1,5}", address):
        remedy = "take local, or dask://host:port"
        raise RunError(f"{written} is no engine", remedy=remedy, where="--engine")
    return Engine(kind, address)
