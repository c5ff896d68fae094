"""What all clusters have in common when they are connected to."""

from __future__ import annotations

import socket

from iterata.experiment.engines.refusals import ClusterUnreachable

CONNECT_TIMEOUT = 8.0
"""Seconds that a scheduler may take to answer."""


def check_reachable(url: str) -> None:
    """Check that something listens at the address: client libraries wait long, or forever.

    Raises:
        ClusterUnreachable: nothing does.
    """
    host, _, port = url.partition("://")[2].rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), CONNECT_TIMEOUT).close()
    except (OSError, OverflowError):
        raise ClusterUnreachable(url) from None
