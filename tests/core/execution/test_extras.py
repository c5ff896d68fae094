"""The command that installs an extra names packages, never iterata itself."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from iterata.execution.extras import install_command

PROJECT = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text("utf-8"))["project"]


@pytest.mark.parametrize("extra", PROJECT["optional-dependencies"])
def test_command_names_the_packages_of_an_extra(extra: str) -> None:
    words = install_command(extra).replace("'", "").split()
    declared = PROJECT["optional-dependencies"][extra]
    assert {Requirement(word).name for word in words[2:]} == {Requirement(line).name for line in declared}
