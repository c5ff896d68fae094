"""Connects to a Ray cluster."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

from iterata.experiment.engines.joblib_cluster import Cluster
from iterata.experiment.engines.refusals import ClusterRefused, PackageMissing

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def connect(url: str) -> Iterator[Cluster]:
    """A connection to `ray://host:port`.

    Raises:
        PackageMissing: Ray is not installed.
        ClusterRefused: the cluster does not accept the client.
    """
    try:
        import ray  # noqa: PLC0415  # an extra
        from ray.util.joblib import register_ray  # noqa: PLC0415
    except ImportError:
        raise PackageMissing("Ray", "ray", url) from None
    try:
        ray.init(url, log_to_driver=False, logging_level=logging.CRITICAL)
    except Exception as error:  # of many kinds, for example if versions differ
        raise ClusterRefused(url, error) from None
    register_ray()

    def count_cores() -> int:
        return int(ray.cluster_resources().get("CPU", 0))

    try:
        yield Cluster("ray", max(1, count_cores()), count_cores)
    finally:
        ray.shutdown()
