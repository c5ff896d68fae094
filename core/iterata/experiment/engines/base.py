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


class KeptFold(str):
    """The variant of a fold that an earlier run predicted, as `progress` is told."""

    __slots__ = ()


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
