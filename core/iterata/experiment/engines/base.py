"""The engine of a run: processes of this machine, or the workers of a cluster."""

from __future__ import annotations

import re
from typing import NamedTuple

from iterata.experiment.engines.refusals import UnknownEngine


class Engine(NamedTuple):
    """The processes that predict."""

    kind: str = "local"
    """Recorded in the result; figures do not depend on it."""
    address: str = ""
    """Host and port of the cluster's scheduler."""


class FitProgress(NamedTuple):
    """How far the fits of a plan are; a fit is one variant on one fold."""

    variant: str
    """Of the fit that just ended; of the first one before any ended."""
    done: int
    total: int
    kept: bool = False
    """Whether the fit that ended is one of an earlier run, from the cache."""
    under_way: int | None = None
    """How many are being computed now; None if a cluster decides."""
    fitted: int = 0
    """How many were computed so far, neither kept nor shared by two variants."""
    to_fit: int = 0
    """How many must be computed in all."""


LOCAL = Engine()

CLUSTERS = ("dask", "ray", "spark")


def parse_engine(option: str) -> Engine:
    """The engine that `--engine` names: `local`, `dask://host:port`, `ray://…` or `spark://…`.

    >>> parse_engine("dask://cluster:8786")
    Engine(kind='dask', address='cluster:8786')

    Raises:
        UnknownEngine: there is no such engine, or it has no address.
    """
    if option == LOCAL.kind:
        return LOCAL
    kind, _, address = option.partition("://")
    if kind not in CLUSTERS or not re.fullmatch(r"(\[[0-9a-fA-F:.]+\]|[\w.-]+):\d{1,5}", address):
        raise UnknownEngine(option)
    return Engine(kind, address)
