"""The library of findings in a browser: search, filters, address, keyboard, and without a script."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from iterata.site.library.addresses import finding_path, tag_paths
from iterata.site.search_text import characters_per_page, words_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from conftest import Site

MANY = 120
MORE = 30
"""Projects without iterations."""
REPORT = "projects/newsletter/01-setup/report.md"
HOSTILE = (
    '</script><script>window.pwned=1</script><img src=x onerror=pwned=1>\u2028 & "quoted" {{ 7 }}',
    "القراءة عادة لدى المشتركين",
    "Readers 👩‍👩‍👧 open more é́ " + "and more words " * 70,
    "Große Cafés lesen früh.",
)


def _entries() -> Iterator[dict[str, Any]]:
    for number in range(1, MANY + 1):
        statement = HOSTILE[number - 1] if number <= len(HOSTILE) else f"Fact {number} about readers."
        yield {
            "id": f"F{number}",
            "statement": statement,
            "kind": ("negative", "insight", "data")[number % 3],
            "evidence": "results/experiment.json#H1" if number % 2 else "the minutes",
            "tags": ["readers", f"tag {number % 20}", *(["A/B", "a b"] if number == 1 else [])],
            "supports": ["#F2"] if number == 3 else [],
        }


def _git(folder: Path, *arguments: str) -> None:
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@example.com", *arguments]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def library(
    tmp_path_factory: pytest.TempPathFactory,
    new_base: Callable[[Path], Path],
    build_at: Callable[[Path], Site],
) -> Site:
    """A site with many findings in a project that was renamed."""
    base = new_base(tmp_path_factory.mktemp("library") / "base")
    report, requirements = base / REPORT, (base / "projects/newsletter/requirements.md").read_text("utf-8")
    head, _, rest = report.read_text("utf-8").partition("findings:\n")
    after = rest[rest.index("recommendation:") :]
    findings = yaml.safe_dump(list(_entries()), allow_unicode=True, default_flow_style=True, width=10**6)
    report.write_text(f"{head}findings: {findings}\n{after}", "utf-8")
    for number in range(MORE):
        folder = base / f"projects/p{number:02}"
        folder.mkdir()
        title = HOSTILE[number] if number < len(HOSTILE) else f"Project {number}"
        text = requirements.replace(
            "title: Fewer unsubscriptions & more readers", f"title: {json.dumps(title)}"
        )
        (folder / "requirements.md").write_text(text, "utf-8")
    _git(base, "init", "-q")
    _git(base, "add", ".")
    _git(base, "commit", "-qm", "Begin")
    _git(base, "mv", "projects/newsletter", "projects/letters")
    (base / "projects/letters/requirements.md").write_text(
        (base / "projects/letters/requirements.md").read_text("utf-8") + "\nRenamed.\n", "utf-8"
    )
    _git(base, "commit", "-qam", "Rename the project")
    return build_at(base)


@pytest.fixture
def page(library: Site, chromium: Browser, served: Callable[[Path], str]) -> Iterator[Page]:
    """The library in a browser, which reports no error."""
    opened = chromium.new_page()
    opened.set_default_timeout(10_000)
    errors: list[str] = []
    opened.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.goto(f"{served(library.folder)}/findings/")
    opened.wait_for_selector(".it-search:not([hidden])")
    yield opened
    pwned = opened.evaluate("window.pwned")
    opened.close()
    assert (errors, pwned) == ([], None)


def _statements(page: Page) -> list[str]:
    return page.locator(".it-result-title a").all_inner_texts()


def _counts(page: Page, facet: str) -> dict[str, int]:
    """The options of a filter with their counts."""
    texts = page.locator(f"#it-facet-{facet} option:not([value=''])").all_text_contents()
    pairs = (text.replace("\u2068", "").replace("\u2069", "").rpartition(" (") for text in texts)
    return {name: int(count.rstrip(")")) for name, _, count in pairs}


def _shown(page: Page) -> int:
    """The number of findings that match, as a screen reader is told."""
    text = page.locator(".it-count[aria-live=polite]").inner_text()
    numbers = [int(word.replace(",", "")) for word in text.split() if word.replace(",", "").isdigit()]
    return numbers[1] if "shown" in text else numbers[0]


def test_words_and_filters_narrow_each_other(page: Page) -> None:
    assert _shown(page) == MANY + 1
    kinds = _counts(page, "kind")
    assert sum(kinds.values()) == MANY + 1
    page.fill("#it-q", "CAFES grosse")
    assert _statements(page) == ["Große Cafés lesen früh."]
    assert {name: count for name, count in _counts(page, "kind").items() if count} == {"insight": 1}
    page.fill("#it-q", "fact")
    facts = _counts(page, "kind")
    page.select_option("#it-facet-kind", "negative")
    assert _shown(page) == facts["negative"]
    assert _counts(page, "kind") == facts  # its own choice does not empty its other options
    assert sum(_counts(page, "verdict").values()) < sum(_counts(page, "status").values()) == facts["negative"]
    page.fill("#it-facet-tag", "tag 7")
    page.press("#it-facet-tag", "Enter")
    assert _statements(page) == ["Fact 27 about readers.", "Fact 87 about readers."]
    page.select_option("#it-sort", "used")
    assert len(_statements(page)) == 2


def test_address_holds_the_view_and_back_returns(page: Page, chromium: Browser) -> None:
    start = page.url
    page.fill("#it-q", "fact")
    page.select_option("#it-facet-kind", "data")
    view, statements = page.url, _statements(page)
    assert view == f"{start}?find=fact&kind=data"
    other = chromium.new_page()
    other.goto(view)
    other.wait_for_selector(".it-chosen")
    assert (_statements(other), other.input_value("#it-q")) == (statements, "fact")
    assert not other.is_checked("#__search")  # the theme's own search would cover the page
    other.close()
    while page.url != start:
        page.go_back()
    assert (_shown(page), page.input_value("#it-q")) == (MANY + 1, "")
    assert len(_statements(page)) == 50


def test_keys_reach_the_words_and_the_findings(page: Page) -> None:
    page.press("body", "/")
    page.keyboard.type("fact 5")
    assert page.evaluate("document.activeElement.id") == "it-q"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.innerText") == _statements(page)[1]
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Escape")
    assert (page.input_value("#it-q"), _shown(page)) == ("", MANY + 1)


def test_filters_leave_the_first_screen_of_a_phone_to_findings(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_selector("#it-facet-kind", state="hidden")
    first = page.locator(".it-result").first.bounding_box()
    assert first is not None
    assert first["y"] < 560
    page.click(".it-search-more > summary")
    page.select_option("#it-facet-kind", "negative")
    page.click(".it-search-more > summary")
    assert page.locator(".it-chosen:visible").count() == 1, "what is chosen is told beside closed filters"
    page.set_viewport_size({"width": 1280, "height": 844})
    page.wait_for_selector("#it-facet-kind", state="visible")


def test_projects_are_found_by_words(page: Page) -> None:
    total = MORE + 2
    page.goto(page.url.replace("findings/", "projects/"))
    page.wait_for_selector(".it-search:not([hidden])")
    titles = page.locator("#it-results tbody th > a")
    assert (_shown(page), titles.count()) == (total, 20)
    page.fill("#it-q", "habits tell")  # the answer of one of its iterations
    assert titles.all_inner_texts() == ["Fewer unsubscriptions & more readers"]
    page.fill("#it-q", "GROSSE cafes")
    assert titles.all_inner_texts() == [HOSTILE[3]]
    assert page.url.endswith("/projects/?find=GROSSE+cafes")
    page.fill("#it-q", "onerror")
    assert titles.count() == 1
    assert page.evaluate("window.pwned") is None
    page.press("#it-q", "Escape")
    page.click(".it-pager a[rel=next]")
    assert (_shown(page), titles.count()) == (total, total - 20)


def test_nothing_matches_says_so_and_clears(page: Page) -> None:
    page.fill("#it-q", "unheard of")
    assert (_shown(page), _statements(page)) == (0, [])
    page.click(".it-nothing .it-clear")
    assert _shown(page) == MANY + 1
    assert page.evaluate("document.activeElement.id") == "it-q"


def test_values_from_documents_are_shown_as_text(page: Page, library: Site) -> None:
    page.fill("#it-q", "window.pwned")
    assert len(_statements(page)) == 1
    assert "</script>" in _statements(page)[0]
    data = (library.folder / "assets/findings-data.js").read_text("utf-8")
    assert not {"<", ">", "&", "\u2028"} & set(data)
    page.fill("#it-q", "")
    assert all(len(statement) <= 300 for statement in _statements(page))


@pytest.mark.parametrize("hash_", ["newsletter--01-setup--F9", "letters--01-setup--F9"])
def test_anchor_of_a_finding_leads_to_its_page(page: Page, hash_: str) -> None:
    page.evaluate("hash => { location.hash = hash; }", hash_)
    page.wait_for_url("**/findings/letters/01-setup-F9/")


def test_earlier_address_leads_to_the_finding(page: Page, library: Site) -> None:
    page.goto(page.url + "newsletter/01-setup-F9/")
    page.wait_for_url("**/findings/letters/01-setup-F9/")
    assert "Fact 9 about readers." in page.locator("h1").inner_text()
    old = library.page("findings/newsletter/01-setup-F9")
    assert old.all("link", rel="canonical", href="../../letters/01-setup-F9/")


def test_list_is_complete_without_a_script(
    library: Site, chromium: Browser, served: Callable[[Path], str]
) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{served(library.folder)}/findings/")
    assert not page.is_visible(".it-search")
    seen: list[str] = []
    while True:
        links = page.locator(".it-result-title a").evaluate_all("links => links.map(link => link.href)")
        assert 0 < len(links) <= 50
        seen += links
        if not page.locator("a[rel=next]").count():
            break
        with page.expect_navigation():  # until it is loaded, or some of its links are missing
            page.click(".it-pager a[rel=next]")
    context.close()
    assert len(seen) == len(set(seen)) == MANY + 1


def test_search_works_from_a_file(library: Site, chromium: Browser) -> None:
    page = chromium.new_page()
    page.goto((library.folder / "findings/index.html").as_uri())
    page.fill("#it-q", "fact 77")
    assert _statements(page) == ["Fact 77 about readers."]
    page.goto((library.folder / "projects/index.html").as_uri())
    page.fill("#it-q", "project 7")
    assert page.locator("#it-results tbody th > a").all_inner_texts() == [
        "Project 7",
        "Project 17",
        "Project 27",
    ]
    page.close()


def test_site_search_finds_a_finding_once(library: Site) -> None:
    index = json.loads((library.folder / "search/search_index.json").read_text("utf-8"))["docs"]
    found = [entry for entry in index if "Fact 77 about" in f"{entry['title']} {entry['text']}"]
    assert [(entry["location"], entry["title"]) for entry in found] == [
        ("findings/letters/01-setup-F77/", "Fact 77 about readers.")
    ]
    assert found[0]["tags"] == ["readers", "tag 17"]
    assert "Fact 77" not in found[0]["text"]
    titles = [entry["title"] for entry in index if entry["location"].startswith("findings/")]
    assert len(titles) == MANY + 1
    assert [title for title in titles if '"quoted" {{ 7 }}' in title]  # as it is typed, not escaped
    assert not [entry for entry in index if "The figures as a table" in entry["text"]]
    locations = {entry["location"] for entry in index}
    assert not locations & {"findings/", "findings/page/2/", "projects/", "projects/letters/"}
    assert not [entry for entry in index if "Breadcrumbs" in entry["text"] or "01-setup / " in entry["text"]]


def test_pages_of_the_library_stay_small(library: Site) -> None:
    pages = [*(library.folder / "findings").rglob("index.html")]
    assert len(pages) > MANY
    assert max(page.stat().st_size for page in pages) < 200_000


def test_page_of_a_finding_tells_its_relations(library: Site) -> None:
    supported = library.page("findings/letters/01-setup-F2")
    assert supported.all("a", href="letters/01-setup-F3/")
    assert supported.all("a", href="projects/letters/01-setup/report/")
    assert library.page("findings/letters/01-setup-F3").all("a", href="letters/01-setup-F2/")
    measured = library.page("findings/letters/01-setup-F9").all("span", class_="it-interval")
    assert [element.text for element in measured] == ["+60.0 (+40.0 to +80.0)"]


def test_addresses_are_safe_and_differ() -> None:
    names = ["a b", "A b", "a/b", "ü" * 300, "../x", "page", "churn", "con.", "日本"]
    paths = {finding_path(name, "01-setup", "F1") for name in names}
    assert len(paths) == len(names)
    assert finding_path("churn", "", "F1") == "findings/churn/requirements-F1.md"
    assert not [path for path in paths if ".." in path or len(path.encode()) > 200]
    tags = ["a b", "a-b", "a/b", "A B", "ü", "🙂", "", "日本"]
    assert len({path.casefold() for path in tag_paths(tags).values()}) == len(tags)
    assert tag_paths(tags)["a-b"] == "findings/tag/a-b.md"


def _page(sections: int, words: int = 300) -> str:
    """A page with a title, a lead and sections, each with words of its own."""
    lead = '<h1 id="">Why readers leave</h1> They leave when nothing is new.'
    texts = (f"<p>Cause {n}.{' Words of it.' * words}</p>" for n in range(sections))
    return lead + "".join(f'<h2 id="s{n}">Section {n}</h2>{text}' for n, text in enumerate(texts))


def test_index_of_few_pages_has_all_their_prose() -> None:
    content = _page(3)
    assert words_of(content, characters_per_page(300)) == content


def test_index_of_many_pages_has_leads_headings_and_first_words() -> None:
    most = characters_per_page(1_500)
    few, many = words_of(_page(3), most), words_of(_page(20), most)
    for words, sections in ((few, 3), (many, 20)):
        assert len(words) <= most + 100
        assert words.startswith('<h1 id="">Why readers leave</h1> They leave when nothing is new.')
        assert all(f"Section {n}" in words and f"Cause {n}." in words for n in range(sections))
    assert few.count("<h2 id=") == 3  # with an entry for each section
    assert many.count("<h") == 1  # whose headings would be longer than their texts


@pytest.mark.parametrize("text", ["", "<img>" * 500, "x" * 5_000, f"<h2>{'long ' * 500}</h2>", "同" * 5_000])
def test_index_of_many_pages_takes_any_text(text: str) -> None:
    assert len(words_of(text, 500)) <= 3_000
    assert len(words_of(f"<h1>Title</h1>{text}<h2>Then</h2><p>{text}</p>", 500)) <= 3_000


def test_size_of_the_index_is_bounded() -> None:
    assert all(pages * characters_per_page(pages) <= 4_000_000 for pages in (1, 700, 3_000, 8_000))


def test_search_starts_again_where_a_host_renders_the_page_again(page: Page) -> None:
    """Themes with instant navigation replace the page and run its scripts again; React only replaces it."""
    render = """async () => {
        const text = await (await fetch(location.href)).text();
        const parsed = new DOMParser().parseFromString(text, "text/html");
        delete window.iterataFindings;
        document.documentElement.dataset.hasHydrated = "false";
        document.querySelector(".it-library").replaceWith(parsed.querySelector(".it-library"));
    }"""
    page.evaluate(render)
    assert page.locator(".it-search[hidden]").count() == 1
    page.evaluate("document.documentElement.dataset.hasHydrated = 'true'")
    page.wait_for_selector(".it-search:not([hidden])")
    page.evaluate(
        "document.head.append(Object.assign(document.createElement('script'), {src: '/assets/search.js'}))"
    )
    page.fill("#it-q", "CAFES grosse")
    assert _statements(page) == ["Große Cafés lesen früh."]
    assert page.locator("#it-facet-kind").count() == 1
