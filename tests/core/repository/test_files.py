"""Writing files atomically, and locking an iteration."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import pytest

from iterata.errors import BusyError, IterataError
from iterata.repository.files import locked, state_dir, write_atomically, write_text, write_within
from iterata.repository.temporary import in_use

if TYPE_CHECKING:
    from pathlib import Path


def test_text_is_written_only_if_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "new/folder/report.md"
    assert write_text(path, "é\n")
    assert path.read_bytes() == "é\n".encode()
    assert not write_text(path, "é\n")
    assert write_text(path, "e\n")


@pytest.mark.parametrize("durable", [True, False])
def test_failed_write_leaves_the_old_file_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, durable: bool
) -> None:
    path = tmp_path / "lift.json"
    path.write_bytes(b"old")

    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(type(path), "replace", fail)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(path, b"new", durable=durable)
    assert [entry.name for entry in tmp_path.iterdir()] == ["lift.json"]
    assert path.read_bytes() == b"old"


@pytest.mark.parametrize("durable", [True, False])
def test_durable_content_is_flushed_to_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, durable: bool
) -> None:
    flushed: list[int] = []
    monkeypatch.setattr(os, "fsync", flushed.append)
    write_atomically(tmp_path / "report.md", b"new", durable=durable)
    assert bool(flushed) is durable


@pytest.mark.skipif(os.name == "nt", reason="modes are POSIX")
def test_new_file_has_the_default_mode_and_an_old_one_keeps_its_own(tmp_path: Path) -> None:
    reference, path = tmp_path / "reference", tmp_path / "report.md"
    reference.write_bytes(b"")
    write_atomically(path, b"new", durable=True)
    assert path.stat().st_mode == reference.stat().st_mode
    path.chmod(0o640)
    write_atomically(path, b"newer", durable=True)
    assert path.stat().st_mode & 0o777 == 0o640


def test_folder_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "report.md").mkdir()
    with pytest.raises(IterataError) as error:
        write_text(tmp_path / "report.md", "new")
    assert error.value.location.source == str(tmp_path / "report.md")


def test_link_outside_the_repository_is_not_written(tmp_path: Path) -> None:
    root, outside = tmp_path / "base", tmp_path / "outside"
    root.mkdir()
    outside.mkdir()
    (root / "projects").symlink_to(outside)
    with pytest.raises(IterataError) as error:
        write_within(root, "projects/report.md", "new")
    assert error.value.location.source == "projects"
    assert not list(outside.iterdir())


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such locks")
def test_what_a_killed_process_left_is_removed_and_what_is_in_use_is_not(tmp_path: Path) -> None:
    path = tmp_path / "02-more/report.md"
    abandoned = [
        tmp_path / ".02-more.0123abcd.tmp/report.md",
        tmp_path / ".02-more.4567abcd.tmp/results/x.json",
    ]
    for leftover in abandoned:
        leftover.parent.mkdir(parents=True)
        leftover.write_bytes(b"half")
    in_progress, own = tmp_path / ".02-more.89abcdef.tmp", tmp_path / ".02-more.notes.tmp"
    in_progress.mkdir()
    own.write_bytes(b"a user's file")
    with in_use(in_progress):
        write_atomically(path, b"new", durable=True)
    assert {entry.name for entry in tmp_path.iterdir()} == {"02-more", in_progress.name, own.name}
    assert [entry.name for entry in path.parent.iterdir()] == ["report.md"]


def test_failed_write_leaves_no_new_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(IterataError):
        write_text(tmp_path / "churn/02-more/assessment.md", "new")
    assert not list(tmp_path.iterdir())


def test_iteration_is_locked_by_one_command_at_a_time(tmp_path: Path) -> None:
    with locked(tmp_path, "churn/01-setup"):
        with pytest.raises(BusyError) as error, locked(tmp_path, "churn/01-setup"):
            pass
        assert error.value.location.source == "churn/01-setup"
        assert f"process {os.getpid()} " in error.value.remedy
        with locked(tmp_path, "churn/02-more"):
            pass
    with locked(tmp_path, "churn/01-setup"):
        pass


def test_state_folder_is_ignored_by_git(tmp_path: Path) -> None:
    assert (state_dir(tmp_path) / ".gitignore").read_text("utf-8") == "*\n"
