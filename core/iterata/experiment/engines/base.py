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

CLUSTERS = ("dask", "ray", "spark")


def engine(written: str) -> Engine:
    """The engine that a user names: `local`, or `dask://host:port`, or the same of another cluster.

    >>> engine("dask://cluster:8786")
    Engine(kind='dask', address='cluster:8786')

    Raises:
        RunError: there is no such engine.
    """
    if written == LOCAL.kind:
        return LOCAL
    kind, _, address = written.partition("://")
    if kind not in CLUSTERS or not re.fullmatch(r"(\[[0-9a-fA-F:.]+\]|[\w.-]+):\d{1,5}", address):
        remedy = "take local, or dask://host:port, or the same with ray or spark"
        raise RunError(f"{written} is no engine", remedy=remedy, where="--engine")
    return Engine(kind, address)
