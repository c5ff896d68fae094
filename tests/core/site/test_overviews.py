"""The pages over all projects: surprises, reading list, trace, tried, decisions and pace."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from iterata.repository import config
from iterata.site.derived import ProjectResults
from iterata.site.knowledge_site import Site
from iterata.site.pages import OVERVIEWS
from iterata.site.paging import MOST_ENTRIES
from iterata.site.place import Place

from ...helpers.written_base import WrittenBase

if TYPE_CHECKING:
    from iterata.knowledge import ProjectView

ROOT = Path(__file__).parents[3]
VOID = frozenset({"br", "img", "input", "hr", "meta", "link"})
HOSTILE = '<script>alert("1")</script><b>&amp; \u05d0\u05d1 \U0001f600 ' + "long " * 400
PROJECTS = 60
DAY = "2026-03-02"


class Elements(HTMLParser):
    """The elements of a page, and whether they are nested correctly."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.is_nested = True
        self._open: list[str] = []
        self.feed(html)
        self.is_nested = self.is_nested and not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self.is_nested = self.is_nested and bool(self._open) and self._open.pop() == tag

    def count(self, tag: str, **attributes: str) -> int:
        """How many elements have these attributes."""
        return sum(tag == name and attributes.items() <= given.items() for name, given in self.found)


def build(written: WrittenBase) -> Site:
    (written.root / "mkdocs.yml").write_text("site_name: Ours\nplugins: [iterata]\n", "utf-8")
    return Site.of(config.load(written.root))


def render(site: Site, path: str) -> str:
    finished = site.finish(Place(path, path.replace(".md", "/"), site.own.root), lambda linked: f"/{linked}")
    assert finished is not None, path
    return finished.parts["page"]


def fill(written: WrittenBase, name: str, words: str) -> None:
    """A project in which every field that the pages show has these words."""
    written.document(
        f"{name}/requirements", "approved", title=words, hypotheses=[{"id": "B1", "statement": words}]
    )
    variants = [
        {"name": "one", "estimator": "a.One", "features": words},
        {"name": "two", "estimator": "a.Two", "params": {"text": words}},
    ]
    claims = {"H1": words, "H2": "B1, because"}
    hypotheses = [
        {"id": key, "claim": claim, "supported_if": {"variant": "two", "over": "one"}}
        for key, claim in claims.items()
    ]
    plan = {"data": [{"source": words}], "variants": variants, "hypotheses": hypotheses}
    begins = {"kind": "setup"}
    written.document(f"{name}/01-a/proposal", "approved", title=words, plan=plan, iteration=begins)
    decision = {"outcome": "iterate", "by": [{"role": "product"}], "on": DAY, "why": words}
    answers = [{"id": key, "verdict": "refuted", "interpretation": words} for key in claims]
    written.report(
        f"{name}/01-a", {"F1": {"statement": words, "evidence": "results/experiment.json, H2"}},
        decision=decision, hypotheses=answers,
    )  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Sixty small projects, one of them with hostile words everywhere."""
    written = WrittenBase(tmp_path_factory.mktemp("base"))
    fill(written, "a-hostile", HOSTILE)
    for number in range(1, PROJECTS):
        fill(written, f"p{number:02}", f"It tells about {number}.")
    return build(written)


def pages_of(site: Site, name: str) -> list[str]:
    stem = OVERVIEWS[name].removesuffix(".md")
    return [page.path for page in site.generated if re.fullmatch(rf"{stem}(/\d+)?\.md", page.path)]


def test_every_overview_is_a_page_of_the_navigation(site: Site) -> None:
    in_nav = {page.path for page in site.generated if page.in_nav}
    assert set(OVERVIEWS.values()) <= in_nav
    assert all(page.is_indexed is False for page in site.generated if page.path in OVERVIEWS.values())


@pytest.mark.parametrize("name", ["trace", "tried", "decisions", "pace"])
def test_long_list_continues_on_further_pages(site: Site, name: str) -> None:
    first, *others = pages_of(site, name)
    html = render(site, first)
    assert len(html) < 200_000
    assert [path.rpartition("/")[2] for path in others] == [
        f"{number}.md" for number in range(2, len(others) + 2)
    ]
    assert others
    assert f'href="/{others[0]}"' in html
    assert f'href="/{first}"' in render(site, others[-1])
    assert not any(page.in_nav for page in site.generated if page.path in others)
    rows = Elements(render(site, first)).count("th", scope="row")
    assert rows <= MOST_ENTRIES + (4 if name == "pace" else 0)


@pytest.mark.parametrize("name", OVERVIEWS)
def test_page_is_sound_and_escapes_what_documents_say(site: Site, name: str) -> None:
    pages = [render(site, path) for path in pages_of(site, name)]
    for html in pages:
        elements = Elements(html)
        assert elements.is_nested
        assert elements.count("h1") == 1
        assert elements.count("script") == elements.count("b") == 0
        scrolls = [given for tag, given in elements.found if "it-scroll" in (given.get("class") or "")]
        assert all(given["tabindex"] == "0" and given["aria-label"] for given in scrolls)
        assert len(scrolls) == elements.count("table")


def test_trace_links_each_step(site: Site) -> None:
    html = render(site, OVERVIEWS["trace"])
    assert 'href="/projects/p01/01-a/index.md#H2"' in html
    assert "findings.md#p01--01-a--F1" in html or "/findings/" in html


def test_pages_of_an_empty_knowledge_base(tmp_path: Path) -> None:
    empty = build(WrittenBase(tmp_path))
    for path in OVERVIEWS.values():
        elements = Elements(render(empty, path))
        assert (elements.count("h1"), elements.count("table")) == (1, 0)


def test_prompts_are_not_published_and_drafts_are_marked(tmp_path: Path) -> None:
    written = WrittenBase(tmp_path)
    fill(written, "news", "It tells.")
    todo = {"outcome": "iterate", "by": [{"role": "product"}], "on": DAY, "why": "TODO: the reason"}
    written.report("news/01-a", {}, status="draft", decision=todo)
    decided = {**todo, "why": "It pays."}
    written.report("news/02-b", {}, status="in_review", decision=decided)
    written.document("news/requirements", "draft", hypotheses=[{"id": "B1", "statement": "TODO: belief"}])
    site = build(written)
    for path in OVERVIEWS.values():
        assert "TODO" not in render(site, path)
    assert "provisional" in render(site, OVERVIEWS["decisions"])


def test_page_without_dates_says_why(tmp_path: Path) -> None:
    written = WrittenBase(tmp_path)
    fill(written, "news", "It tells.")
    html = render(build(written), OVERVIEWS["pace"])
    assert Elements(html).count("td") > 0
    assert html.count("not in Git") == 3


def test_surprises_of_the_examples_are_rows_with_their_distance() -> None:
    site = Site.of(config.load(ROOT))
    elements = Elements(render(site, OVERVIEWS["surprises"]))
    notable = site.derived.surprises.notable
    assert len(notable) > 5
    assert elements.count("th", scope="row") == len(notable)
    assert elements.count("th", scope="rowgroup") == len({entry.quarter for entry in notable})
    assert elements.is_nested


def test_only_projects_that_were_read_again_are_computed_again(site: Site) -> None:
    results, computed = ProjectResults(), []

    def count(project: ProjectView) -> int:
        computed.append(project.name)
        return len(computed)

    first, second, third = site.knowledge.projects[:3]
    assert list(results.of(count, (first, second))) == [1, 2]
    read_again = replace(second)
    assert list(results.of(count, (first, read_again))) == [1, 3]
    assert list(results.of(count, (third,))) == [4]
    assert list(results.of(count, (first,))) == [5]  # forgotten meanwhile
    assert computed == [first.name, second.name, second.name, third.name, first.name]
