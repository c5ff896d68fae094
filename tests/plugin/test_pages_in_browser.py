"""Pages in a browser that runs their scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Browser

    from conftest import Site


def test_no_page_reports_an_error(site: Site, chromium: Browser, served: Callable[[Path], str]) -> None:
    page = chromium.new_page()
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    address = served(site.folder)
    for path in ("projects/", "findings/", "projects/newsletter/", "projects/newsletter/01-setup/report/"):
        page.goto(f"{address}/{path}")
    page.close()
    assert errors == []
