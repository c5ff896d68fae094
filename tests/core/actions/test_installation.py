"""What `init` writes into requirements.txt installs the same iterata, or names the line to fill in."""

from __future__ import annotations

import filecmp
import json
import os
import shutil
import subprocess
import sys
from importlib.metadata import Distribution
from pathlib import Path

import pytest

from iterata.actions.init import FILL_IN, missing_requirement
from iterata.actions.installation import requirement_of

from ...helpers.git import HERMETIC, Git

ROOT = Path(__file__).resolve().parents[3]
ADDRESS = "https://code.example.org/team/iterata.git"
COMMIT = "3f1c" * 10
DIGEST = "ab" * 32


def installed(place: Path, origin: dict[str, object] | None) -> Distribution:
    """A distribution of version 1.2 with this origin, and the package beside it."""
    record = place / "iterata-1.2.dist-info"
    record.mkdir(parents=True)
    (record / "METADATA").write_text("Metadata-Version: 2.1\nName: iterata\nVersion: 1.2\n", "utf-8")
    if origin is not None:
        (record / "direct_url.json").write_text(json.dumps(origin), "utf-8")
    (place / "iterata").mkdir()
    return Distribution.at(record)


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        (None, "iterata==1.2"),
        (
            {"url": "https://host/o/i", "vcs_info": {"vcs": "git", "commit_id": COMMIT}},
            f"iterata @ git+https://host/o/i@{COMMIT}",
        ),
        (
            {"url": "https://me:token@host/o/i", "vcs_info": {"vcs": "git", "commit_id": COMMIT}},
            f"iterata @ git+https://host/o/i@{COMMIT}",
        ),
        (
            {
                "url": "ssh://git@host/o/i",
                "vcs_info": {"vcs": "git", "commit_id": COMMIT},
                "subdirectory": "x",
            },
            f"iterata @ git+ssh://git@host/o/i@{COMMIT}#subdirectory=x",
        ),
        (
            {"url": "https://host/iterata.whl", "archive_info": {"hashes": {"sha256": DIGEST}}},
            f"iterata @ https://host/iterata.whl#sha256={DIGEST}",
        ),
        ({"url": "https://host/iterata.whl", "archive_info": {}}, None),
        ({"url": "http://host/iterata.whl", "archive_info": {"hashes": {"sha256": DIGEST}}}, None),
        ({"url": "file:///srv/iterata.whl", "archive_info": {"hashes": {"sha256": DIGEST}}}, None),
        ({"url": "file:///srv/i", "vcs_info": {"vcs": "git", "commit_id": COMMIT}}, None),
        ({"url": "file:///srv/nowhere", "dir_info": {}}, None),
    ],
)
def test_requirement_follows_the_record_of_the_installer(
    tmp_path: Path, origin: dict[str, object] | None, expected: str | None
) -> None:
    assert requirement_of(installed(tmp_path, origin), tmp_path / "iterata") == expected


def test_code_from_another_folder_is_not_the_installed_version(tmp_path: Path) -> None:
    assert requirement_of(installed(tmp_path / "site", None), tmp_path / "clone" / "iterata") is None


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Git:
    """A clone of a repository with our sources; its remote has the commit."""
    root = tmp_path_factory.mktemp("published")
    git = Git(root)
    for name in ("core", "cli", "plugin"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, root / name)
    (root / ".gitignore").write_text("__pycache__/\n", "utf-8")
    git.commit("publish")
    git("remote", "add", "origin", ADDRESS.replace("https://", "https://me:token@"))
    git("update-ref", "refs/remotes/origin/main", "HEAD")
    return git


def editable(place: Path, root: Path) -> Distribution:
    return installed(place, {"url": root.as_uri(), "dir_info": {"editable": True}})


def test_clone_is_named_by_its_address_and_commit(published: Git, tmp_path: Path) -> None:
    requirement = requirement_of(editable(tmp_path, published.root), published.root / "core/iterata")
    assert requirement == f"iterata @ git+{ADDRESS}@{published('rev-parse', 'HEAD')}"


def test_changed_or_unpublished_clone_is_not_named(published: Git, tmp_path: Path) -> None:
    root = tmp_path / "clone"
    shutil.copytree(published.root, root)
    package = root / "core/iterata"
    (package / "__init__.py").write_text("# changed\n", "utf-8")
    assert requirement_of(editable(tmp_path / "one", root), package) is None
    subprocess.run(
        ["git", "commit", "--quiet", "--all", "--message", "not pushed"],
        cwd=root, env={**os.environ, **HERMETIC}, check=True,
    )  # fmt: skip
    assert requirement_of(editable(tmp_path / "two", root), package) is None


def test_copy_that_differs_from_its_clone_is_not_named(published: Git, tmp_path: Path) -> None:
    """Installed without --editable; the clone has moved on since."""
    distribution = installed(tmp_path, {"url": published.root.as_uri(), "dir_info": {}})
    shutil.copytree(published.root / "core/iterata", tmp_path / "iterata", dirs_exist_ok=True)
    assert requirement_of(distribution, tmp_path / "iterata") is not None
    (tmp_path / "iterata/text.py").write_text("# older\n", "utf-8")
    assert requirement_of(distribution, tmp_path / "iterata") is None


def pip_install(target: Path, published: Git, *requirement: str) -> None:
    """Install without dependencies, with a local folder in place of the remote address."""
    redirect = {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{published.root.as_uri()}.insteadOf",
        "GIT_CONFIG_VALUE_0": ADDRESS,
    }
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--target", str(target)]
    subprocess.run(
        [sys.executable, "-I", "-m", "pip", "install", *options, *requirement],
        cwd=target.parent, env={**os.environ, **HERMETIC, **redirect}, check=True, capture_output=True,
    )  # fmt: skip


def test_requirements_that_init_writes_install_the_same_files(published: Git, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    pip_install(first, published, f"iterata @ git+{ADDRESS}@{published('rev-parse', 'HEAD')}")
    program = "import sys; sys.path.insert(0, sys.argv.pop(1)); from iterata_cli.main import cli; cli()"
    subprocess.run(
        [sys.executable, "-I", "-c", program, str(first), "init", "base"],
        cwd=tmp_path, check=True, capture_output=True,
    )  # fmt: skip
    assert missing_requirement(tmp_path / "base") is None
    pip_install(second, published, "--requirement", "base/requirements.txt")
    names = [path.relative_to(first).as_posix() for path in (first / "iterata").rglob("*.py")]
    assert len(names) > 100
    assert filecmp.cmpfiles(first, second, names, shallow=False)[0] == names


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("mkdocs\niterata==1.2\n", None),
        ("iterata[duckdb] @ git+https://host/o/i@3f1c\n", None),
        ("# ours\niterata==FILL_IN  # a version\n", 2),
        ("iterata==1.2  # was FILL_IN\n", None),
        ("mkdocs\niterata-other==1.2\n", 3),
        ("", 1),
    ],
)
def test_missing_requirement_is_located(tmp_path: Path, text: str, line: int | None) -> None:
    (tmp_path / "requirements.txt").write_text(text, "utf-8")
    assert missing_requirement(tmp_path) == line


def test_pip_refuses_a_requirement_that_is_not_filled_in(tmp_path: Path, published: Git) -> None:
    (tmp_path / "requirements.txt").write_text(f"{FILL_IN}\n", "utf-8")
    with pytest.raises(subprocess.CalledProcessError) as error:
        pip_install(tmp_path / "target", published, "--requirement", "requirements.txt")
    assert b"FILL_IN" in error.value.stderr
    assert not (tmp_path / "target").exists()
