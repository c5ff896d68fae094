"""A small knowledge base, builds of it, and its pages in a browser."""

from __future__ import annotations

import json
import logging
import shutil
import subprocess
from dataclasses import dataclass, field
from functools import partial
from html.parser import HTMLParser
from http.server import ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from mkdocs.commands.build import build as mkdocs_build
from mkdocs.config import load_config
from mkdocs.utils.yaml import yaml_load
from playwright.sync_api import sync_playwright

from iterata import results
from iterata.documents.models.enums import Direction, Verdict

from ..helpers.browser import ASKED_BY_ITSELF, FLAGS, HOME, QuietServer, RecordingProxy, installed_browser
from ..helpers.git import Git

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from playwright.sync_api import Browser

BASE = Path(__file__).parent / "base"


@dataclass
class Element:
    """One element of a page."""

    tag: str
    attributes: dict[str, str]
    text: str = ""


class Html(HTMLParser):
    """A page: its elements and its text."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.source = source
        self.elements: list[Element] = []
        self.text = ""
        self._open: list[Element] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {key: value or "" for key, value in attrs})
        self.elements.append(element)
        if tag not in ("meta", "link", "input", "br", "img", "hr"):
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop().tag != tag:
            pass

    def handle_data(self, data: str) -> None:
        self.text += data
        for element in self._open:
            element.text += data

    def all(self, tag: str, **attributes: str) -> list[Element]:
        """The elements of a tag whose attributes contain the given values."""
        conditions = {key.rstrip("_"): value for key, value in attributes.items()}
        return [
            element
            for element in self.elements
            if element.tag == tag
            and all(value in element.attributes.get(key, "") for key, value in conditions.items())
        ]


@dataclass
class Site:
    """A built site."""

    folder: Path
    warnings: list[str] = field(default_factory=list)

    def page(self, path: str) -> Html:
        """A page by the path of its folder."""
        return Html((self.folder / path / "index.html").read_text("utf-8"))

    @property
    def pages(self) -> dict[str, Html]:
        """Every page by its path."""
        files = sorted(self.folder.rglob("*.html"))
        return {path.relative_to(self.folder).as_posix(): Html(path.read_text("utf-8")) for path in files}


def estimate(value: float, low: float, high: float) -> results.Estimate:
    return results.Estimate(value=value, low=low, high=high)


KPI = results.Kpi(
    name="issues opened", kind="targeting", unit="issues", direction=Direction.MAXIMISE,
    period="issue", period_rows=10_000, budget=0.2,
)  # fmt: skip
SCALE = results.Scale(
    random=results.RandomModel(
        expectation=estimate(100, 90, 110), sd_of_one_draw=9, meaning="20 % of the rows, drawn blindly"
    ),
    status_quo=estimate(140, 125, 155),
    status_quo_label="opened the last issue",
    perfect=estimate(400, 380, 420),
    do_nothing=0,
)
SHARED = {
    "kpi": KPI,
    "sample": results.Sample(source="data/readers.csv", rows=1000, units=1000, positives=50),
    "scale": SCALE,
    "interval": results.IntervalMethod(resamples=2000, unit="row"),
    "seed": 0,
    "provenance": results.Provenance(commit=None, dirty=False, data={}, packages={}, python="3.11"),
}
LIFT = results.LiftResult(
    **SHARED,
    potential_lift=estimate(260, 240, 280),
    risk=estimate(40, 20, 60),
    position=estimate(0.1333333, 0.07, 0.2),
    break_even=results.BreakEven(
        project_cost=500, currency="EUR", potential_value=2600, captured_share=0.1923077
    ),
)


def assumption(name: str, low: float, likely: float, high: float) -> results.Assumption:
    return results.Assumption(name=name, low=low, likely=likely, high=high, distribution="PERT")


def sensitivity(
    name: str, at_low: float | None, at_high: float | None, variance: float
) -> results.Sensitivity:
    return results.Sensitivity(name=name, at_low=at_low, at_high=at_high, variance=variance)


ASSUMED = LIFT.model_copy(
    update={
        "sample": None,
        "interval": results.IntervalMethod(resamples=10_000, unit="draw"),
        "assumed": results.AssumptionAnalysis(
            inputs=[
                assumption("volume", 8000, 10_000, 14_000),
                assumption("status_quo.lift_over_random", 1, 1.4, 2),
                assumption("values.tp", -20, 50, 90),
                assumption("base_rate", 0.03, 0.04, 0.06),
            ],
            sensitivity=[
                sensitivity("volume", 208, 364, 0.61),
                sensitivity("values.tp", 330, 300, 0.2),
                sensitivity("status_quo.lift_over_random", 300, None, 0.12),
                sensitivity("base_rate", 180, 420, 0.05),
            ],
            dropped=0.02, dropped_because="more positives would be found than there are",
            do_nothing=estimate(0, 0, 0), treat_all=None, captured_share=estimate(0.19, 0.1, 0.3),
        ),
    }
)  # fmt: skip


def variant(
    name: str, kpi: results.Estimate, difference: results.Estimate, share: float
) -> results.VariantResult:
    captured = estimate(share, share - 0.08, share + 0.08)
    return results.VariantResult(
        name=name, estimator="sklearn.dummy.DummyClassifier", features="all", columns=4, kpi=kpi,
        difference=difference, captured_share=captured, metrics=[],
    )  # fmt: skip


def hypothesis_result(
    id_: str, variant: str, over: str, difference: results.Estimate, verdict: Verdict
) -> results.HypothesisResult:
    return results.HypothesisResult(
        id=id_, claim="A claim.", variant=variant, over=over, by=10, difference=difference, verdict=verdict
    )


EXPERIMENT = results.ExperimentResult(
    **SHARED,
    plan_digest=f"sha256:{'0' * 64}",
    status_quo_metrics=[],
    variants=[
        variant("logistic", estimate(200, 180, 220), estimate(60, 40, 80), 0.2307692),
        variant("boosted", estimate(150, 120, 180), estimate(10, -20, 40), 0.0384615),
    ],
    guardrails=[],
    segments=[],
    hypotheses=[
        hypothesis_result("H1", "logistic", "status quo", estimate(60, 40, 80), Verdict.SUPPORTED),
        hypothesis_result("H2", "boosted", "logistic", estimate(-50, -80, -20), Verdict.REFUTED),
    ],
    split="5 stratified folds",
)


def copy_base(to: Path) -> Path:
    """The small knowledge base with its results, whose figures are round."""
    folder = Path(shutil.copytree(BASE, to))
    for result in (LIFT, EXPERIMENT):
        path = folder / f"projects/newsletter/01-setup/results/{result.kind}.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(results.to_json(result), "utf-8")
    return folder


def rename_project(base: Path) -> None:
    """Give the knowledge base a history, in which its project `newsletter` was called `letters`."""
    project, earlier = base / "projects/newsletter", base / "projects/letters"
    project.rename(earlier)
    git = Git(base)
    git.commit("Begin")
    earlier.rename(project)
    git.commit("Rename the project")


@pytest.fixture(scope="session")
def new_base() -> Callable[[Path], Path]:
    """Copy the small knowledge base to a folder."""
    return copy_base


@pytest.fixture(scope="session")
def build_at() -> Callable[[Path], Site]:
    """Build the knowledge base in a folder, without the cache of pages."""

    def run(folder: Path) -> Site:
        plugins = ["search", {"iterata": {"page_cache": False}}]
        mkdocs_build(load_config(str(folder / "mkdocs.yml"), plugins=plugins))
        return Site(folder / "site")

    return run


@pytest.fixture
def lift() -> results.LiftResult:
    """An expected lift."""
    return LIFT


@pytest.fixture
def assumed_lift() -> results.LiftResult:
    """An expected lift from assumptions: one end is not feasible, both ends of one assumption raise it."""
    return ASSUMED


@pytest.fixture
def deep_lift() -> results.LiftResult:
    """An expected lift at other budgets, with the expectation of a good model."""
    points = [
        results.DepthPoint(depth=depth, random=500 * depth, status_quo=500 * depth**0.6, perfect=perfect)
        for depth, perfect in ((0.05, 250), (0.1, 500), (0.2, 500), (0.5, 500), (1, 500))
    ]
    good = results.GoodModel(kpi=224, gain=84, captured_share=0.323)
    return LIFT.model_copy(update={"by_depth": points, "good_model": good})


@pytest.fixture
def experiment() -> results.ExperimentResult:
    """The result of two variants, one better than the status quo and one inconclusive."""
    return EXPERIMENT


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the pages of tests out of the user's cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """A copy of the small knowledge base."""
    return copy_base(tmp_path / "base")


@pytest.fixture
def build(
    base: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Site]:
    """Build the knowledge base as `mkdocs build` does, with changes to its configuration."""
    monkeypatch.setenv("NO_MKDOCS_2_WARNING", "1")

    def run(**changes: Any) -> Site:
        entries = yaml_load((base / "mkdocs.yml").read_text("utf-8")) | changes
        settings = {key: value for key, value in entries.items() if value is not None}
        (base / "mkdocs.yml").write_text(yaml.safe_dump(settings), "utf-8")
        config = load_config(str(base / "mkdocs.yml"))
        caplog.clear()
        config.plugins.on_startup(command="build", dirty=False)
        mkdocs_build(config)
        warnings = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
        return Site(base / "site", warnings)

    return run


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The small knowledge base, built strictly, for tests that only read it."""
    folder = copy_base(tmp_path_factory.mktemp("read-only") / "base")
    config = load_config(str(folder / "mkdocs.yml"), strict=True)
    config.plugins["iterata"].config["page_cache"] = False
    mkdocs_build(config)
    return Site(folder / "site")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser, driven by Playwright, for tests that click and type."""
    with sync_playwright() as playwright:
        program = playwright.chromium.launch(executable_path=installed_browser(), args=["--no-sandbox"])
        yield program
        program.close()


@pytest.fixture(scope="session")
def served() -> Iterator[Callable[[Path], str]]:
    """Serve a folder; the address of its files."""
    servers: list[ThreadingHTTPServer] = []

    def serve(folder: Path) -> str:
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietServer, directory=str(folder)))
        Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def look(chromium: Browser, served: Callable[[Path], str]) -> Callable[..., list[dict[str, Any]]]:
    """Open pages of a site at a phone's width; return what `measure.html` measured on each."""

    def run(site: Site, pages: Sequence[str], *, scripts: bool = True) -> list[dict[str, Any]]:
        shutil.copy(Path(__file__).with_name("measure.html"), site.folder / "measure.html")
        query = f"pages={','.join(pages)}{'' if scripts else '&scriptless'}"
        page = chromium.new_page()
        page.goto(f"{served(site.folder)}/measure.html?{query}")
        page.wait_for_selector("#measured:not(:empty)", timeout=120_000)
        measurements: list[dict[str, Any]] = json.loads(page.inner_text("#measured"))
        page.close()
        return measurements

    return run


@pytest.fixture
def other_hosts(tmp_path: Path) -> Callable[..., set[str]]:
    """Open pages of a site in wide frames; return the other hosts that the browser asked for."""
    program = installed_browser()

    def run(site: Site, pages: Sequence[str]) -> set[str]:
        frames = (f'<iframe src="/{page}" width="1300" height="4000"></iframe>' for page in pages)
        (site.folder / "frames.html").write_text("".join(frames), "utf-8")
        handler = type("_Recorder", (RecordingProxy,), {"asked": set()})
        with ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(site.folder))) as server:
            Thread(target=server.serve_forever, daemon=True).start()
            flags = [
                f"--proxy-server=http://127.0.0.1:{server.server_port}",
                f"--user-data-dir={tmp_path / 'profile'}",
                f"--window-size=1400,{4100 * len(pages)}",
            ]
            command = [program, *FLAGS, *flags, "--dump-dom", f"http://{HOME}/frames.html"]
            subprocess.run(command, capture_output=True, check=True, timeout=120)
            server.shutdown()
        asked: set[str] = handler.asked
        assert HOME in asked
        return {host for host in asked - {HOME} if not ASKED_BY_ITSELF.fullmatch(host)}

    return run
