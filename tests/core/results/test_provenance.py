"""Provenance names the data, the commit and the versions behind a result."""

from __future__ import annotations

import platform
from importlib import metadata

from iterata.results import provenance


def test_only_installed_packages_are_recorded() -> None:
    collected = provenance.collect(
        data={"data/a.csv": "sha256:0"},
        packages=["numpy", "numpy", "no-such-distribution"],
        commit="abc",
        dirty=True,
        seconds={"lift": 1.23456},
    )
    assert collected.packages == {"numpy": metadata.version("numpy")}
    assert collected.python == platform.python_version()
    assert (collected.commit, collected.dirty, collected.data) == ("abc", True, {"data/a.csv": "sha256:0"})
    assert collected.seconds == {"lift": 1.23}
