"""A result says what it was made from and with."""

from __future__ import annotations

import platform
from importlib import metadata

from iterata.results import provenance


def test_versions_are_those_installed_here_and_others_are_left_out() -> None:
    found = provenance.collect(
        data={"data/a.csv": "sha256:0"},
        packages=["numpy", "numpy", "no-such-distribution"],
        commit="abc",
        dirty=True,
        seconds={"lift": 1.23456},
    )
    assert found.packages == {"numpy": metadata.version("numpy")}
    assert found.python == platform.python_version()
    assert (found.commit, found.dirty, found.data) == ("abc", True, {"data/a.csv": "sha256:0"})
    assert found.seconds == {"lift": 1.23}
