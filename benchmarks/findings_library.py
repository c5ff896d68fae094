"""The library of 5,000 findings in Chromium: until it is painted, and until a filter is applied."""

from __future__ import annotations

import shutil
import subprocess
from contextlib import closing
from statistics import median
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

from benchmarks.pairs import ENVIRONMENT, Comparison, within
from benchmarks.site_corpus import site_corpus
from benchmarks.sites import BUILD

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

PROJECTS, FINDINGS = 50, 100
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
TIMES = 5

PAINTED = "() => performance.getEntriesByName('first-contentful-paint')[0].startTime"
FILTERED = """async (kind) => {
  const began = performance.now(), select = document.getElementById("it-facet-kind");
  select.value = kind;
  select.dispatchEvent(new Event("change"));
  await new Promise((painted) => requestAnimationFrame(() => setTimeout(painted)));
  return performance.now() - began;
}"""
"""Until after the next frame."""


def comparisons(root: Path, scratch: Path) -> Iterator[Comparison]:
    """The median of several times, in seconds."""
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        print(f"The library in a browser is not measured: none of {', '.join(BROWSERS)} is installed.")
        return
    base = scratch / "library"
    site_corpus(root, base, projects=PROJECTS, findings=FINDINGS)
    subprocess.run(BUILD, cwd=base, env=ENVIRONMENT, check=True, capture_output=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        painted, filtered = zip(*_visits(browser, base / "site/findings/index.html"), strict=True)
        browser.close()
    yield within("library of 5,000: first paint", median(painted), 1.0)
    yield within("library of 5,000: one filter", median(filtered), 0.05)


def _visits(browser: Browser, file: Path) -> Iterator[tuple[float, float]]:
    """The seconds of several visits, each of a new visitor."""
    for _ in range(TIMES):
        with closing(browser.new_page()) as page:
            page.goto(file.as_uri())
            page.wait_for_selector(".it-search:not([hidden])")
            yield page.evaluate(PAINTED) / 1000, page.evaluate(FILTERED, "negative") / 1000
