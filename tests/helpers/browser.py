"""The browser of the tests, and what answers it."""

from __future__ import annotations

import os
import re
import shutil
from http.server import SimpleHTTPRequestHandler
from urllib.parse import urlsplit

import pytest

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--virtual-time-budget=30000",
)


class QuietServer(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Print nothing."""


def installed_browser() -> str:
    """The browser to test with; a missing one is an error in CI; elsewhere the test is skipped."""
    executable = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if executable is None:
        reason = f"none of {', '.join(BROWSERS)} is installed"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return executable


HOME = "site.example"
"""The host of the site for a browser that asks a `_Proxy`."""
ASKED_BY_ITSELF = re.compile(r"(?!fonts\.).*\.(google|googleapis|gvt1)\.com")
"""What Chromium asks for by itself, whatever the page: updates, sign-in, autofill."""


class RecordingProxy(QuietServer):
    """Serves the site as `HOME`, refuses every other host, and records which hosts were asked for."""

    asked: set[str]

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        self.asked.add(url.hostname or "")
        if url.hostname != HOME:
            self.send_error(403)
            return
        self.path = url.path
        super().do_GET()

    def do_CONNECT(self) -> None:
        self.asked.add(self.path.rpartition(":")[0])
        self.send_error(403)

    def do_POST(self) -> None:
        self.do_GET()
