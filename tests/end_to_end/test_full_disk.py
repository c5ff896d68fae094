"""A full disk: a real small file system, mounted in a namespace of its own."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from ..core.actions.approved_plan import planned
from ..helpers.command_line import INSTALLED, CommandLine
from ..helpers.knowledge_base import KnowledgeBase

if TYPE_CHECKING:
    from pathlib import Path

NAMESPACE = ["unshare", "--user", "--map-root-user", "--mount"]

SCRIPT = """
set -u
mount -t tmpfs -o size=4m tmpfs "$1"
cp -R "$2" "$1/base"
cd "$1/base"
{iterata} check > ../before 2>&1
free=$(df -k --output=avail . | tail -1)
dd if=/dev/zero of=../fill bs=1k count=$((free - {kilobytes})) 2> ../dd
{iterata} {words} > /dev/null 2> "$3"
echo "code $?"
rm ../fill
{iterata} check > ../after 2>&1
cmp ../before ../after && echo same
find . -path ./.git -prune -o -name "*.tmp" -print -o -type d -empty -print
{iterata} {words} > /dev/null 2>&1
echo "again $?"
"""


@pytest.fixture
def mounts() -> None:
    if (
        shutil.which("unshare") is None
        or subprocess.run(
            [*NAMESPACE, "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True, check=False
        ).returncode
    ):
        pytest.skip("this machine does not let a test mount a file system")


@pytest.mark.usefixtures("mounts")
@pytest.mark.parametrize(
    ("words", "kilobytes"), [("new project sales", 0), ("run churn/01 --jobs 1", 4), ("init sub", 4)]
)
def test_a_full_disk_leaves_nothing_that_check_complains_about(
    tmp_path: Path, words: str, kilobytes: int
) -> None:
    base = KnowledgeBase(tmp_path / "base")
    planned(base)
    (tmp_path / "disk").mkdir()
    told = tmp_path / "told"
    script = SCRIPT.format(iterata=shlex.quote(INSTALLED), words=words, kilobytes=kilobytes)
    done = subprocess.run(
        [*NAMESPACE, "sh", "-c", script, "sh", tmp_path / "disk", base.root, told],
        capture_output=True, text=True, check=False, env=CommandLine.environment({}),
    )  # fmt: skip
    assert done.stdout.splitlines() == ["code 1", "same", "again 0"], done.stderr + told.read_text("utf-8")
    assert "fix:" in told.read_text("utf-8").splitlines()[-1]
