"""Connects to a Spark cluster."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from iterata.experiment.engines.joblib_cluster import Cluster
from iterata.experiment.engines.refusals import ClusterRefused, PackageMissing

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def connect(url: str) -> Iterator[Cluster]:
    """A connection to `spark://host:port`.

    Raises:
        PackageMissing: Spark or its backend for joblib is not installed.
        ClusterRefused: the session cannot be created.
    """
    try:
        from joblibspark import register_spark  # noqa: PLC0415  # an extra
        from pyspark.sql import SparkSession  # noqa: PLC0415
    except ImportError:
        raise PackageMissing("Spark", "spark", url) from None
    builder = SparkSession.builder.master(url).appName("iterata")
    try:
        session = builder.config("spark.ui.showConsoleProgress", "false").getOrCreate()
    except Exception as error:  # of many kinds, for example if Java is missing
        raise ClusterRefused(url, error) from None
    context = session.sparkContext
    context.setLogLevel("OFF")
    register_spark()
    executors = context._jsc.sc().getExecutorMemoryStatus  # noqa: SLF001  # Python has no public counterpart
    try:
        yield Cluster("spark", max(1, context.defaultParallelism), lambda: int(executors().size()) - 1)
    finally:
        session.stop()
