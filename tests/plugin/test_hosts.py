"""The hosts the plugin runs under, as whole processes."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from .release_base import SECOND, entry, record, release

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from conftest import Site

QUIET = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "DISABLE_MKDOCS_2_WARNING": "true"}
PATIENCE = 40.0
"""Seconds to wait for a server; it takes one or two."""

HEAVY = ("numpy", "pandas", "scipy", "sklearn", "joblib", "ruamel")
BUILD_AND_LIST = """
import sys
from mkdocs.commands.build import build
from mkdocs.config import load_config
build(load_config("mkdocs.yml"))
print(*sorted(name for name in {heavy} if name in sys.modules))
"""


def test_build_loads_no_computing_room(base: Path) -> None:
    release(base, SECOND)
    record(base, {day: entry(0.06) for day in range(3)})
    code = BUILD_AND_LIST.format(heavy=HEAVY)
    process = subprocess.run(
        [sys.executable, "-c", code], cwd=base, env=QUIET, capture_output=True, text=True, check=True
    )
    assert process.stdout.strip() == ""


@pytest.mark.parametrize("host", ["mkdocs", "properdocs"])
def test_strict_build_passes(base: Path, host: str) -> None:
    command = [sys.executable, "-m", host, "build", "--strict", "-f", "mkdocs.yml"]
    process = subprocess.run(command, cwd=base, env=QUIET, capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stderr
    assert "WARNING" not in process.stderr
    assert "Habits tell who reads" in (base / "site/findings/index.html").read_text("utf-8")


@pytest.mark.parametrize("host", ["mkdocs", "properdocs"])
def test_document_problems_stop_a_strict_build(base: Path, host: str) -> None:
    report = base / "projects/newsletter/01-setup/report.md"
    report.write_text(report.read_text("utf-8").replace("status: approved", "status: aproved"), "utf-8")
    command = [sys.executable, "-m", host, "build", "--strict", "-f", "mkdocs.yml"]
    process = subprocess.run(command, cwd=base, env=QUIET, capture_output=True, text=True, check=False)
    assert process.returncode == 1
    assert "report.md:4:9" in process.stderr
    assert "Traceback" not in process.stderr


@pytest.mark.parametrize("theme", ["mkdocs", "readthedocs"])
def test_builtin_themes_show_the_same(build: Callable[..., Site], theme: str) -> None:
    site = build(theme={"name": theme}, strict=True)
    assert site.page("projects/newsletter").all("link", href="assets/iterata.css")
    assert "Waits for" in site.page("projects").text
    assert site.page("projects/newsletter/01-setup").all("div", role="img")


@pytest.fixture
def served(base: Path) -> Iterator[Callable[[str], str]]:
    """`mkdocs serve` on the small knowledge base, and a function that gets a page from it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    command = [sys.executable, "-m", "mkdocs", "serve", "--dev-addr", address]
    with subprocess.Popen(
        command, cwd=base, env=QUIET, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        yield lambda path: _get(f"http://{address}/{path}")
        server.terminate()


def _get(url: str) -> str:
    for _ in range(int(PATIENCE / 0.2)):
        try:
            with urlopen(url, timeout=5) as answer:  # noqa: S310  # our own server
                return str(answer.read().decode())
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    pytest.fail(f"nothing answers at {url}")


def _eventually(get: Callable[[str], str], path: str, text: str) -> bool:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if text in get(path):
            return True
        time.sleep(0.2)
    return False


def test_serve_rebuilds_after_an_edit_of_a_project(base: Path, served: Callable[[str], str]) -> None:
    assert "Habits tell who reads" in served("projects/newsletter/01-setup/report/")
    report = base / "projects/newsletter/01-setup/report.md"
    report.write_text(
        report.read_text("utf-8").replace("Habits tell who reads", "Edited while serving"), "utf-8"
    )
    assert _eventually(served, "projects/newsletter/01-setup/report/", "Edited while serving")
    assert _eventually(served, "findings/", "Edited while serving")
