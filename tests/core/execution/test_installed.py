"""The fix for another version of iterata fits the way in which this one was installed."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from typing import TYPE_CHECKING

import pytest

from iterata import __version__
from iterata.execution.installed import demands_older, how_to_upgrade

from ...helpers.git import Git

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("specifier", "older"),
    [
        ("", False),
        (">=999", False),
        ("==999", False),
        ("<1000,>=999", False),
        (f"!={__version__}", False),
        ("<0.0.9", True),
        (f"<{__version__}", True),
        ("<=0.0.9", True),
        ("==0.0.9", True),
        ("==0.0.*", True),
        ("~=0.0.9", True),
        (">=0.0.1,<0.0.9", True),
    ],
)
def test_older_version_is_told_from_a_newer_one(specifier: str, older: bool) -> None:
    assert demands_older(specifier) is older


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Git:
    """A clone of the sources of two versions, from which iterata is installed to be edited."""
    module = tmp_path / "my clone/core/iterata/__init__.py"
    module.parent.mkdir(parents=True)
    git = Git(tmp_path / "my clone")
    for version in ("0.0.9", __version__):
        module.write_text(f'__version__ = "{version}"\n', "utf-8")
        git.commit(f"release {version}")
    folder = tmp_path / "site" / f"iterata-{__version__}.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text(f"Name: iterata\nVersion: {__version__}\n", "utf-8")
    record = {"url": git.root.as_uri(), "dir_info": {"editable": True}}
    (folder / "direct_url.json").write_text(json.dumps(record), "utf-8")
    monkeypatch.syspath_prepend(folder.parent)
    return git


def advised(specifier: str) -> list[str]:
    (command,) = re.findall("`(.*?)`", how_to_upgrade(specifier))
    return shlex.split(command)


def test_older_version_of_an_editable_clone_is_not_pulled(clone: Git) -> None:
    assert advised(">=999") == ["git", "-C", str(clone.root), "pull"]
    listed = subprocess.run(advised("<0.0.10"), check=True, capture_output=True, text=True).stdout
    assert [line.partition(" ")[2] for line in listed.splitlines()] == [
        f"release {__version__}",
        "release 0.0.9",
    ]
