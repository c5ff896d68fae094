"""Whatever goes wrong with a cache, the run goes on: each cause is said once, and nothing wrong is used."""

from __future__ import annotations

import io
import json
import logging
import subprocess
import sys
import textwrap
import time
import zipfile
from typing import TYPE_CHECKING

import pytest

from iterata.experiment.cache import layers
from iterata.experiment.cache.entry import HEADER, SCHEMA_VERSION, pack
from iterata.experiment.cache.layers import ATTEMPTS, open_cache
from iterata.experiment.cache.refusals import CacheUnreachable

from ....end_to_end.test_full_disk import NAMESPACE, mounts
from .conftest import NAMES, PARTS, value

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from iterata.experiment.cache.entry import EntryName

    from ....helpers.webhdfs import WebHdfs

__all__ = ["mounts"]  # a fixture


def warnings_of(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


def local_file(root: Path, name: EntryName) -> Path:
    return root / ".iterata" / "cache" / name.path


def rewritten(content: bytes, change: Callable[[dict[str, bytes]], object]) -> bytes:
    """An archive with other members."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return output.getvalue()


def with_header(content: bytes, **changes: object) -> bytes:
    """The entry with other keys in its header."""

    def change(members: dict[str, bytes]) -> None:
        members[HEADER] = json.dumps({**json.loads(members[HEADER]), **changes}).encode()

    return rewritten(content, change)


def test_entries_are_shared_and_kept_here(
    server: WebHdfs, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with open_cache(tmp_path / "a", server.url) as cache:
        assert cache.get(NAMES[0], value) is None
        cache.put(NAMES[0], PARTS)
    with open_cache(tmp_path / "b", server.url) as other:
        assert other.get(NAMES[0], value) == PARTS["value"]
    server.die()
    with open_cache(tmp_path / "a", server.url) as cache:
        assert cache.get(NAMES[0], value) == PARTS["value"]
    assert not warnings_of(caplog)


def test_read_only_cache_is_read_and_said_once(
    server: WebHdfs, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with open_cache(tmp_path / "a", server.url) as cache:
        cache.put(NAMES[0], PARTS)
    server.read_only = True
    with open_cache(tmp_path / "b", server.url) as cache:
        assert cache.get(NAMES[0], value) == PARTS["value"]
        for name in NAMES[1:]:
            assert cache.get(name, value) is None
            cache.put(name, PARTS)
        writes = server.requests.count("MKDIRS")
    (said,) = warnings_of(caplog)
    assert said.startswith(server.url)
    assert writes == 2, "after the first refusal, nothing more is written there"
    with open_cache(tmp_path / "b") as alone:
        assert [alone.get(name, value) is not None for name in NAMES] == [False, *[True] * 7]


def test_cache_that_dies_in_the_middle_is_said_once(
    server: WebHdfs, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with open_cache(tmp_path / "a", server.url) as cache:
        for name in NAMES[:4]:
            cache.put(name, PARTS)
    with open_cache(tmp_path / "b", server.url) as cache:
        assert cache.get(NAMES[0], value) == PARTS["value"]
        server.die()
        for name in NAMES[1:]:
            assert cache.get(name, value) is None
            cache.put(name, PARTS)
            assert cache.get(name, value) == PARTS["value"]
    assert len(warnings_of(caplog)) == 1
    assert "webhdfs" in warnings_of(caplog)[0]


def test_errors_in_the_middle_end_neither_the_run_nor_the_cache(
    server: WebHdfs, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with open_cache(tmp_path / "a", server.url) as cache:
        for name in NAMES:
            cache.put(name, PARTS)
    with open_cache(tmp_path / "b", server.url) as cache:
        server.broken = True
        assert cache.get(NAMES[0], value) is None
        server.broken = False
        assert cache.get(NAMES[1], value) == PARTS["value"], "one error of a server is no reason to stop"
        server.broken = True
        for name in NAMES[:ATTEMPTS]:
            assert cache.get(name, value) is None
        asked = len(server.requests)
        assert cache.get(NAMES[0], value) is None
        assert len(server.requests) == asked, "several in a row are"
    assert len(warnings_of(caplog)) == 1


def test_cache_that_does_not_answer_is_abandoned(
    server: WebHdfs, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layers, "DEADLINE", 0.2)
    with open_cache(tmp_path, server.url) as cache:
        server.silent.set()
        started = time.monotonic()
        for name in NAMES:
            assert cache.get(name, value) is None
            cache.put(name, PARTS)
        assert time.monotonic() - started < 8 * 0.2
        server.silent.clear()
    assert len(warnings_of(caplog)) == 1


def test_half_an_answer_is_not_used(
    server: WebHdfs, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with open_cache(tmp_path / "a", server.url) as cache:
        cache.put(NAMES[0], PARTS)
    server.cuts = 50
    with open_cache(tmp_path / "b", server.url) as cache:
        assert cache.get(NAMES[0], value) is None
        assert len(warnings_of(caplog)) == 1
        server.cuts = None
        assert cache.get(NAMES[0], value) == PARTS["value"]


def test_cache_that_is_not_there_from_the_start(
    server: WebHdfs, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    server.die()
    for url in (server.url, f"ftp://127.0.0.1:{server.url.split(':')[2].partition('/')[0]}/team"):
        caplog.clear()
        with open_cache(tmp_path, url) as cache:
            assert cache.get(NAMES[0], value) is None
            cache.put(NAMES[0], PARTS)
            assert cache.get(NAMES[0], value) == PARTS["value"]
            local_file(tmp_path, NAMES[0]).unlink()
        (said,) = warnings_of(caplog)
        assert said.startswith(url)


def test_unknown_kind_of_url_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("fsspec")
    with pytest.raises(CacheUnreachable), open_cache(tmp_path, "nowhere://bucket"):
        pass


ENTRY = pack(NAMES[0], PARTS, iteration="churn/01-setup", version="1")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not an archive",
        ENTRY[:100],
        ENTRY[:-1],
        pack(NAMES[1], PARTS, iteration="", version=""),
        with_header(ENTRY, sha256="0" * 64),
        with_header(ENTRY, schema_version="1"),
        with_header(ENTRY, schema_version=0),
        with_header(ENTRY, kind="predictions"),
        rewritten(ENTRY, lambda members: members.update(value=b"other figures")),
        rewritten(ENTRY, lambda members: members.update(more=b"")),
        rewritten(ENTRY, lambda members: members.pop("value")),
        rewritten(ENTRY, lambda members: members.pop(HEADER)),
        rewritten(ENTRY, lambda members: members.update({HEADER: b"[" * 100_000})),
        pack(NAMES[0], {"other": b""}, iteration="", version=""),
    ],
    ids=range(15),
)
def test_damaged_or_foreign_entry_is_replaced(
    tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    path = local_file(tmp_path, NAMES[0])
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    with open_cache(tmp_path) as cache:
        assert cache.get(NAMES[0], value) is None
        assert cache.get(NAMES[0], value) is None
        (said,) = warnings_of(caplog)
        assert said.startswith(f".iterata/cache/{NAMES[0].path}")
        cache.put(NAMES[0], PARTS)
        assert cache.get(NAMES[0], value) == PARTS["value"]


def test_every_wrong_byte_is_noticed(tmp_path: Path) -> None:
    path = local_file(tmp_path, NAMES[0])
    path.parent.mkdir(parents=True)
    with open_cache(tmp_path) as cache:
        for position in range(len(ENTRY)):
            damaged = bytearray(ENTRY)
            damaged[position] ^= 0xFF
            path.write_bytes(damaged)
            assert cache.get(NAMES[0], value) in (None, PARTS["value"])


def test_entry_of_a_newer_version_is_left_as_it_is(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = local_file(tmp_path, NAMES[0])
    path.parent.mkdir(parents=True)
    newer = with_header(ENTRY, schema_version=SCHEMA_VERSION + 1)
    path.write_bytes(newer)
    with open_cache(tmp_path) as cache:
        assert cache.get(NAMES[0], value) is None
        cache.put(NAMES[0], PARTS)
    assert path.read_bytes() == newer
    assert len(warnings_of(caplog)) == 1


def test_additional_keys_of_a_minor_version_are_ignored(tmp_path: Path) -> None:
    path = local_file(tmp_path, NAMES[0])
    path.parent.mkdir(parents=True)
    path.write_bytes(with_header(ENTRY, added_later=[1]))
    with open_cache(tmp_path) as cache:
        assert cache.get(NAMES[0], value) == PARTS["value"]


DISK = """
    import logging, subprocess, sys
    from pathlib import Path
    from iterata.experiment.cache.entry import EntryKind, EntryName
    from iterata.experiment.cache.layers import open_cache
    logging.basicConfig(format="%(levelname)s")
    root, shared = Path(sys.argv[1]), Path(sys.argv[2])
    names = [EntryName(EntryKind.COMPARISON, f"sha256:{str(n) * 64}") for n in range(6)]
    parts = {"value": bytes(20_000)}
    url = f"file://{shared}"
    with open_cache(root, url) as cache:
        cache.put(names[0], parts)
"""


def on_a_disk(tmp_path: Path, script: str) -> list[str]:
    """What a script prints that may mount file systems; it begins with an entry in a shared cache."""
    for name in ("base", "shared"):
        (tmp_path / name).mkdir()
    text = textwrap.dedent(DISK) + textwrap.dedent(script)
    done = subprocess.run(
        [*NAMESPACE, sys.executable, "-c", text, tmp_path / "base", tmp_path / "shared"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [*done.stdout.splitlines(), *done.stderr.splitlines()]


@pytest.mark.usefixtures("mounts")
def test_folder_on_a_read_only_file_system(tmp_path: Path) -> None:
    assert on_a_disk(
        tmp_path,
        """
        subprocess.run(["mount", "--bind", shared, shared], check=True)
        subprocess.run(["mount", "-o", "remount,bind,ro", shared], check=True)
        (root / ".iterata/cache" / names[0].path).unlink()
        with open_cache(root, url) as cache:
            print(cache.get(names[0], len))
            for name in names[1:]:
                cache.put(name, parts)
                print(cache.get(name, len))
        print(len(list(shared.rglob("*.zip"))))
        """,
    ) == [*["1"] * 6, "1", "WARNING"]


@pytest.mark.usefixtures("mounts")
def test_full_disks_keep_what_fits(tmp_path: Path) -> None:
    assert on_a_disk(
        tmp_path,
        """
        for folder in (root, shared):
            subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], check=True)
        with open_cache(root, url) as cache:
            for name in names:
                cache.put(name, parts)
            kept = [name for name in names if cache.get(name, len)]
            print(0 < len(kept) < 6)
            subprocess.run(["mount", "-o", "remount,size=1m", root], check=True)
            cache.put(names[5], parts)
            print(cache.get(names[5], len))
        """,
    ) == ["True", "1", "WARNING", "WARNING"]
