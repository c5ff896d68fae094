"""A PostgreSQL server for tests of queries; `tests/core/conftest.py` makes the fixture known."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


def _postgres() -> str | None:
    """The folder of PostgreSQL's server programs; None if it is not installed."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    program = shutil.which("initdb")
    return str(places[0]) if places else program and str(Path(program).parent)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a server that is started for the tests, and stopped after them."""
    programs = _postgres()
    if programs is None:
        assert "CI" not in os.environ, "PostgreSQL must be installed in CI"
        pytest.skip("PostgreSQL is not installed (Debian: apt install postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="iterata-postgres-"))  # other users cannot enter pytest's folders
    as_user: list[str] = []
    if os.getuid() == 0:  # the server refuses to run as root
        as_user = ["runuser", "-u", "postgres", "--"]
        shutil.chown(folder, "postgres")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def run(*words: str) -> None:
        subprocess.run([*as_user, *words], check=True, cwd="/", capture_output=True, timeout=120)

    data = str(folder / "data")
    run(f"{programs}/initdb", "-D", data, "-A", "trust", "-U", "tests", "--no-sync")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"
    run(f"{programs}/pg_ctl", "-D", data, "-w", "-l", f"{folder}/log", "-o", options, "start")
    try:
        yield f"postgresql+psycopg://tests:secret@127.0.0.1:{port}/postgres"
    finally:
        run(f"{programs}/pg_ctl", "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(folder)
