"""A repository of another user, as in a container of CI."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from iterata.repository import git
from iterata.repository.git_refusals import ForeignRepositoryError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give files to another user")
def test_repository_of_another_user_is_refused_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    root = tmp_path / "base"
    subprocess.run(["git", "init", "--quiet", root], check=True)
    assert git.head(root) is None
    for path in (root, root / ".git"):
        os.chown(path, 12345, 12345)
    with pytest.raises(ForeignRepositoryError) as caught:
        git.head(root)
    command = caught.value.remedy.split("`")[1]
    subprocess.run(command.split(), env={**os.environ, "HOME": str(tmp_path)}, check=True)
    assert git.head(root) is None
