"""Every kind of page in a real browser: axe finds nothing of ours, and keys reach all."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from mkdocs.commands.build import build as mkdocs_build
from mkdocs.config import load_config

from iterata import results

from .conftest import ASSUMED, Html, copy_base
from .release_base import FIRST, SECOND, entry, record, release

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Browser, Page

THEIRS = {
    "material": {
        ".md-search": "its search is a dialog without a name",
        ".md-tabs__link": "its tabs have a contrast of 4.3 : 1",
        ".md-copyright": "its footer has a contrast of 4.5 : 1",
        ".md-code__nav": "its button to copy code is a landmark without a name",
    },
    "mkdocs": {
        ".navbar": "its bar is no landmark",
        ".bs-sidebar": "its contents have a contrast of 2.6 : 1, and are no landmark",
        "footer": "its footer has a contrast of 2.8 : 1",
        "[href*='/edit/']": "its links have a contrast of 2.8 : 1",
    },
    "readthedocs": {
        ".wy-nav-side": "its bar has a contrast of 4.2 : 1",
        ".wy-nav-top": "the same on a phone",
        "footer": "its footer is pale, and its links are told by colour alone",
        "[href*='/edit/']": "its links have a contrast of 4.2 : 1",
        ".rst-versions": "its versions are no landmark",
    },
}
"""What a theme draws, and what axe finds there."""

NOT_A_RULE = {"mkdocs": {"region"}, "readthedocs": {"region"}, "material": set()}
"""The built-in themes put a page's content outside of every landmark."""

LOOKS = {
    "material": [(1440, "light"), (390, "dark")],
    "mkdocs": [(390, "light")],
    "readthedocs": [(390, "light")],
}

WIDTHS = (1280, 390, 320)
"""A laptop, a phone, and a laptop at a zoom of 400 %, in pixels."""


@dataclass
class Seen:
    """What a browser saw on a site."""

    violations: list[str] = field(default_factory=list)
    too_wide: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


def built(folder: Path, theme: dict[str, object]) -> Path:
    """A site with every kind of page: results of each kind, a release, a wide table in prose."""
    base = copy_base(folder / "base")
    release(base, FIRST, SECOND)
    record(base, {day: entry(0.06) for day in range(3)})
    lift = base / "projects/newsletter/02-recency/results/lift.json"
    lift.parent.mkdir()
    lift.write_text(results.to_json(ASSUMED), "utf-8")
    report = base / "projects/newsletter/01-setup/report.md"
    wide = "| | " + " | ".join(f"a long name of column {n}" for n in range(12)) + " |"
    table = "\n".join((wide, "| --- " * 13 + "|", "| row " * 13 + "|"))
    report.write_text(
        f"{report.read_text('utf-8')}\n\n## Wide\n\n{table}\n\n```mermaid\ngraph LR; a --> b\n```\n"
    )
    config = load_config(str(base / "mkdocs.yml"), theme=theme)
    mkdocs_build(config)
    return base / "site"


def looked_at(site: Path, theme: str) -> list[str]:
    """One page of each kind of ours; of the theme readthedocs only some, because it differs little."""
    paths = [path.parent.relative_to(site).as_posix() for path in sorted(site.rglob("index.html"))]
    findings = [path for path in paths if path.startswith("findings/")]
    by_hand = {".", "projects/newsletter/README"}
    kinds = [path for path in paths if path not in {*findings[1:], *by_hand} and "wine-labels/" not in path]
    if theme == "readthedocs":
        return [path for path in kinds if path.endswith(("01-setup", "report", "findings", "projects"))]
    return kinds


def sees(address: str, site: Path, theme: str, chromium: Browser) -> Seen:
    """Open each page, in light and in dark, and at different widths."""
    seen, axe = Seen(), Axe()
    for width, scheme in LOOKS[theme]:
        context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        page = context.new_page()
        page.on("console", lambda told: seen.errors.append(told.text) if told.type == "error" else None)
        page.on("pageerror", lambda error: seen.errors.append(str(error)))
        page.on("request", lambda asked: seen.requests.append(asked.url))
        for path in looked_at(site, theme):
            page.goto(f"{address}/{path}/")
            place = f"{path} at {width} pixels, {scheme}"
            for window in WIDTHS:
                page.set_viewport_size({"width": window, "height": 900})
                if width_of(page) > window:
                    seen.too_wide.append(f"{path} in {window}: {width_of(page)}")
            page.set_viewport_size({"width": width, "height": 900})
            found = axe.run(page, context={"exclude": [[selector] for selector in THEIRS[theme]]})
            for violation in found.response["violations"]:
                if violation["id"] not in NOT_A_RULE[theme]:
                    nodes = "; ".join(node["html"][:200] for node in violation["nodes"][:3])
                    seen.violations.append(f"{place}: {violation['id']}: {nodes}")
        context.close()
    seen.requests = [url for url in seen.requests if not url.startswith((address, "data:", "blob:"))]
    return seen


def width_of(page: Page) -> int:
    """The width that a page needs, in pixels."""
    return int(page.evaluate("document.documentElement.scrollWidth"))


@pytest.fixture(scope="module", params=list(THEIRS))
def theme(request: pytest.FixtureRequest) -> str:
    """A theme."""
    return str(request.param)


@pytest.fixture(scope="module")
def site(theme: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site in a theme; Material follows the reader's choice of light and dark."""
    palette = [
        {"media": f"(prefers-color-scheme: {scheme})", "scheme": name}
        for scheme, name in (("light", "default"), ("dark", "slate"))
    ]
    options: dict[str, object] = {"name": theme}
    if theme == "material":
        options |= {"font": False, "palette": palette}
    return built(tmp_path_factory.mktemp(theme), options)


@pytest.fixture(scope="module")
def address(site: Path, served: Callable[[Path], str]) -> str:
    """Where the site is served."""
    return served(site)


@pytest.fixture(scope="module")
def seen(address: str, site: Path, theme: str, chromium: Browser) -> Seen:
    """What the browser sees on every kind of page."""
    return sees(address, site, theme, chromium)


def test_axe_finds_nothing_of_ours(seen: Seen) -> None:
    assert seen.violations == []


def test_no_page_is_wider_than_the_window(seen: Seen) -> None:
    assert seen.too_wide == []


def test_no_page_asks_another_host_or_reports_an_error(seen: Seen) -> None:
    assert (seen.requests, seen.errors) == ([], [])


class TestCharts:
    """What each chart says without its drawing."""

    def test_name_and_description_say_the_conclusion_and_the_values(self, site: Path) -> None:
        pages = [Html(path.read_text("utf-8")) for path in sorted(site.rglob("index.html"))]
        charts = [(page, chart) for page in pages for chart in page.all("div", role="img")]
        assert len(charts) >= 10
        for page, chart in charts:
            texts = {element.attributes.get("id"): element.text for element in page.elements}
            assert texts[chart.attributes["aria-labelledby"]].strip()
            assert re.search(r"\d", texts[chart.attributes["aria-describedby"]])

    def test_texts_of_a_drawing_are_not_read(self, site: Path) -> None:
        page = Html((site / "projects/newsletter/01-setup/report/index.html").read_text("utf-8"))
        inside = re.findall(r'role="img"[^>]*>\s*<(\w+)([^>]*)>', page.source)
        assert inside
        assert all('aria-hidden="true"' in attributes for _, attributes in inside)

    def test_figures_are_in_a_table_one_click_away(self, site: Path) -> None:
        for path in ("01-setup/report", "01-setup/assessment", "02-recency"):
            page = Html((site / f"projects/newsletter/{path}/index.html").read_text("utf-8"))
            for figure in page.source.split('<figure class="it-figure"')[1:]:
                inner = figure.partition("</figure>")[0]
                assert "<details" in inner, path
                assert "<table" in inner, path


class TestKeys:
    """What a reader without a mouse reaches."""

    def test_keys_reach_every_table_that_scrolls(self, address: str, chromium: Browser) -> None:
        page = chromium.new_page(viewport={"width": 390, "height": 900})
        page.goto(f"{address}/projects/newsletter/01-setup/report/")
        reached = page.evaluate(
            """() => [...document.querySelectorAll(".it-scroll")]
              .filter((box) => box.checkVisibility() && box.scrollWidth > box.clientWidth)
              .map((box) => { box.focus(); return document.activeElement === box && !!box.ariaLabel; })"""
        )
        wide = page.get_by_role("region", name="Wide")
        wide.focus()
        page.keyboard.press("End")
        page.keyboard.press("ArrowRight")
        page.wait_for_function("document.activeElement.scrollLeft > 0")
        page.close()
        assert reached
        assert all(reached)

    def test_table_of_a_chart_opens_with_a_key(self, address: str, chromium: Browser) -> None:
        page = chromium.new_page(viewport={"width": 390, "height": 900})
        page.goto(f"{address}/projects/newsletter/01-setup/assessment/")
        more = page.locator(".it-figure details.it-more").first
        assert not more.locator("table").is_visible()
        more.locator("summary").focus()
        page.keyboard.press("Enter")
        assert more.locator("table").is_visible()
        assert more.locator("th[scope=col]").last.evaluate("each => each.parentElement.offsetHeight") > 1
        page.close()


class TestOtherWaysOfSeeing:
    """Forced colours, a large zoom, paper."""

    def test_drawing_keeps_its_forms_in_forced_colours(self, address: str, chromium: Browser) -> None:
        context = chromium.new_context(forced_colors="active", color_scheme="dark")
        page = context.new_page()
        page.goto(f"{address}/projects/newsletter/01-setup/report/")
        colours = page.evaluate(
            """() => [...document.querySelectorAll(".it-point, .it-whisker, .it-zero, .it-chart text")]
              .map((each) => { const seen = getComputedStyle(each);
                               return [each.localName === "text" ? seen.fill : seen.stroke,
                                       getComputedStyle(document.body).backgroundColor]; })"""
        )
        context.close()
        assert colours
        assert [pair for pair in colours if pair[0] == pair[1]] == []

    def test_numbers_of_the_small_strip_are_seen_in_forced_colours(
        self, address: str, chromium: Browser
    ) -> None:
        context = chromium.new_context(forced_colors="active", color_scheme="dark")
        page = context.new_page()
        page.goto(f"{address}/projects/")
        colours = page.evaluate(
            """() => [...document.querySelectorAll(".it-strip--small .it-stage > a")].map((stage) => {
              const seen = getComputedStyle(stage); return [seen.color, seen.backgroundColor]; })"""
        )
        context.close()
        assert len({background for _, background in colours}) > 1
        assert [pair for pair in colours if pair[0] == pair[1]] == []

    def test_paper_shows_ink_on_white(self, address: str, chromium: Browser) -> None:
        context = chromium.new_context(color_scheme="dark")
        page = context.new_page()
        page.goto(f"{address}/projects/newsletter/01-setup/report/")
        page.emulate_media(media="print")
        ink = page.evaluate("getComputedStyle(document.querySelector('.it-forest-name')).color")
        cut = page.evaluate("getComputedStyle(document.querySelector('.it-figure')).breakInside")
        context.close()
        assert max(map(int, re.findall(r"\d+", ink)[:3])) < 130
        assert cut == "avoid"
