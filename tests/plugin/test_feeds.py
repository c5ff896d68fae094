"""What programs read of a site: records, feeds, `llms.txt`, and pages as plain Markdown."""

from __future__ import annotations

import json
import re
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit
from xml.etree import ElementTree as ET

import pytest
import yaml
from jsonschema import Draft202012Validator
from markdown_it import MarkdownIt
from mkdocs.commands.build import build as mkdocs_build
from mkdocs.config import load_config

from iterata import knowledge
from iterata.actions.export import as_json
from iterata.knowledge.days import unknown_day
from iterata.repository import config as configuration
from iterata.repository.projects import Repository
from iterata.site.feeds.entries import About, Entry, entries
from iterata.site.feeds.markdown_page import markdown
from iterata.site.feeds.syndication import FEEDS, atom, json_feed, rss

from .conftest import Html, Site, copy_base

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ATOM = "{http://www.w3.org/2005/Atom}"
TOP = "https://kb.example/team/site/"
OLD = "What readers buy does not tell whether they read."
NASTY = "</title>]]>&amp; <script>alert(1)</script> [x](javascript:y) *a_b* | `c` {{ d }} \N{ROCKET}"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A site with an address and nasty text, built strictly."""
    folder = copy_base(tmp_path_factory.mktemp("feeds") / "base")
    report = folder / "projects/newsletter/01-setup/report.md"
    text = report.read_text("utf-8")
    assert OLD in text
    report.write_text(text.replace(OLD, json.dumps(NASTY, ensure_ascii=False)), "utf-8")
    settings = yaml.safe_load((folder / "mkdocs.yml").read_text("utf-8"))
    settings |= {"site_url": TOP, "site_name": "Ours & <theirs>", "site_description": NASTY}
    (folder / "mkdocs.yml").write_text(yaml.safe_dump(settings), "utf-8")
    mkdocs_build(load_config(str(folder / "mkdocs.yml")))
    return Site(folder / "site")


def read(site: Site, name: str) -> str:
    return (site.folder / name).read_text("utf-8")


def parsed(xml: str) -> ET.Element:
    return ET.fromstring(xml)  # noqa: S314  # we wrote it


def on_site(site: Site, address: str) -> Path:
    """The file at an address of the site."""
    assert address.startswith(TOP)
    path = site.folder / urlsplit(address).path.removeprefix("/team/site/")
    return path / "index.html" if path.is_dir() else path


def test_rss_has_what_its_specification_requires(published: Site) -> None:
    channel = parsed(read(published, "feed.xml")).find("channel")
    assert channel is not None
    assert channel.findtext("title") == "Ours & <theirs>"
    assert channel.findtext("link") == TOP
    assert channel.findtext("description")
    items = channel.findall("item")
    assert items
    guids = [item.findtext("guid") for item in items]
    assert len(set(guids)) == len(guids)
    days = [parsedate_to_datetime(item.findtext("pubDate") or "") for item in items]
    assert days == sorted(days, reverse=True)
    assert all(on_site(published, item.findtext("link") or "").is_file() for item in items)
    assert any("<script>" in (item.findtext("title") or "") for item in items)
    assert not any("<script" in (item.findtext("description") or "") for item in items)


def test_atom_has_what_its_specification_requires(published: Site) -> None:
    feed = parsed(read(published, "atom.xml"))
    assert feed.tag == f"{ATOM}feed"
    assert feed.findtext(f"{ATOM}id", "").startswith("tag:kb.example,")
    assert feed.findtext(f"{ATOM}author/{ATOM}name")
    updated = [datetime.fromisoformat(element.text or "") for element in feed.iter(f"{ATOM}updated")]
    assert updated[0] == max(updated)
    assert all(day.tzinfo for day in updated)
    for entry in feed.findall(f"{ATOM}entry"):
        assert entry.findtext(f"{ATOM}id", "").startswith("tag:kb.example,")
        assert entry.findtext(f"{ATOM}title")
        content, link = entry.find(f"{ATOM}content"), entry.find(f"{ATOM}link[@rel='alternate']")
        assert content is not None
        assert content.get("type") == "text"
        assert link is not None
        assert on_site(published, link.get("href", "")).is_file()


def test_json_feed_has_what_its_specification_requires(published: Site) -> None:
    feed = json.loads(read(published, "feed.json"))
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["home_page_url"] == TOP
    assert feed["feed_url"] == urljoin(TOP, "feed.json")
    assert feed["items"]
    for item in feed["items"]:
        assert item["id"]
        assert item["content_text"]
        assert datetime.fromisoformat(item["date_published"])
        assert on_site(published, item["url"]).is_file()


def test_pages_tell_where_the_feeds_are(published: Site) -> None:
    for path in ("", "findings", "projects/newsletter/01-setup/report"):
        found = published.page(path).all("link", rel="alternate")
        assert [link.attributes["type"] for link in found] == [kind for kind, _ in FEEDS.values()]
        page = urljoin(TOP, f"{path}/" if path else "")
        assert all(on_site(published, urljoin(page, link.attributes["href"])).is_file() for link in found)


def test_records_are_those_of_export_and_fit_their_schemas(published: Site) -> None:
    config = configuration.load(published.folder.parent)
    read_model = knowledge.read(Repository.on_disk(config))
    for name in ("findings", "decisions"):
        records = json.loads(read(published, f"{name}.json"))
        schema = json.loads(read(published, f"{name}.schema.json"))
        Draft202012Validator.check_schema(schema)
        Draft202012Validator(schema).validate(records)
        assert records == json.loads(as_json(name, read_model, unknown_day))
        assert records[name]
    findings = json.loads(read(published, "findings.json"))["findings"]
    assert NASTY in {finding["statement"] for finding in findings}


def links_of(text: str) -> Iterator[str]:
    for token in MarkdownIt().parse(text):
        for child in token.children or []:
            if child.type == "link_open":
                yield str(child.attrs["href"])


def test_llms_txt_has_the_form_of_llmstxt_org(published: Site) -> None:
    text = read(published, "llms.txt")
    tokens = MarkdownIt().parse(text)
    kinds = [token.type for token in tokens if token.level == 0 and token.nesting >= 0]
    assert kinds[:3] == ["heading_open", "blockquote_open", "paragraph_open"]
    assert tokens[1].content.startswith("Ours ")
    assert [token.tag for token in tokens if token.type == "heading_open"][1:] == ["h2"] * 4
    links = list(links_of(text))
    assert len(links) > 12
    assert all(on_site(published, link).is_file() for link in links)
    assert all(urlsplit(link).path.endswith((".md", ".json")) for link in links)
    assert "<script" not in MarkdownIt("commonmark", {"html": True}).render(text)
    notes = [line.partition("): ")[2] for line in text.split("\n")]
    assert "proposal of newsletter/02-recency, provisional" in notes
    assert "report of newsletter/01-setup" in notes


def test_every_page_has_a_twin_with_the_same_facts(published: Site) -> None:
    pages = [
        page
        for page in published.folder.rglob("*.html")
        if "projects" in page.parts or "findings" in page.parts
    ]
    assert len(pages) > 12
    render = MarkdownIt("commonmark", {"html": True}).enable("table").render
    for page in pages:
        source = page.read_text("utf-8")
        shown = Html(source.partition("<article")[2].partition("</article>")[0])
        twin = Html(render(page.with_suffix(".md").read_text("utf-8")))
        assert not {element.tag for element in twin.elements} & {"script", "div", "svg", "style"}
        texts = (re.sub(r"\d(?=[A-Z])", "", cell.text) for cell in shown.all("td"))  # of marks in a strip
        cells = {"".join(text.split()) for text in texts}
        found = {"".join(cell.text.split()) for tag in ("td", "th") for cell in twin.all(tag)} | {""}
        assert cells <= found, page
        titles = [" ".join(heading.text.split()) for heading in twin.all("h1")]
        assert len(titles) == 1, page


def test_a_twin_quotes_text_as_text(published: Site) -> None:
    twin = read(published, "projects/newsletter/01-setup/report/index.md")
    rendered = Html(MarkdownIt("commonmark", {"html": True}).enable("table").render(twin))
    assert NASTY.replace("&amp;", "&amp;") in " ".join(rendered.text.split())
    assert not rendered.all("a", href="javascript")


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>1. a</p><p>+ b</p><p># c</p><p>===</p>", "1\\. a\n\n\\+ b\n\n\\# c\n\n\\===\n"),
        ("<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul><p>d</p>", "- a\n   - b\n- c\n\nd\n"),
        ("<ol><li><p>a</p><p>b</p></li><li>c</li></ol>", "1. a\n\n   b\n\n2. c\n"),
        ("<table><tr><th>a|b</th></tr><tr><td><code>c|d</code></td></tr></table>",
         "| a\\|b |\n| --- |\n| `c\\|d` |\n"),
        ("<pre><code>a\n```\n\n b</code></pre>", "````\na\n```\n\n b\n````\n"),
        ('<p><a href="x y.md">z</a> <a href="javascript:a">b</a> <img src="data:x" alt="c"></p>',
         "[z](<x y.md>) b c\n"),
        ('<svg><title>A</title><desc>B</desc><text>9</text></svg><p hidden>c</p><p aria-hidden="true">d</p>',
         "A\n\nB\n"),
        ("<blockquote><p>a</p><p>b</p></blockquote>", "> a\n>\n> b\n"),
        ("<p>a <b> b </b>c<br>d</p>", "a **b** c\\\nd\n"),
        ("<div>" * 5000 + "a" + "</div>" * 5000, "a\n"),
        ("<ol><li>a</li><li>b</li><li>c</li></ol>", "1. a\n2. b\n3. c\n"),
        ('<p><a href="a">a</a><a href="b">b</a></p>', "[a](a) [b](b)\n"),
        ("<table><tr><td>a<details><summary>b</summary><p>c</p></details></td></tr></table>",
         "| a **b** c |\n| --- |\n"),
        ("</li></ul></table></p><td>a<p>b", "a\n\nb\n"),
    ],
)  # fmt: skip
def test_html_as_markdown(html: str, expected: str) -> None:
    assert markdown(html) == expected


def test_a_site_without_an_address_has_feeds_without_links(site: Site) -> None:
    feed = json.loads(read(site, "feed.json"))
    assert feed["items"]
    assert not any("url" in item for item in feed["items"])
    assert parsed(read(site, "feed.xml")).find("channel/item/link") is None
    link = parsed(read(site, "atom.xml")).find(f"{ATOM}entry/{ATOM}link")
    assert link is not None
    assert (site.folder / link.get("href", "") / "index.html").is_file()


def test_nothing_to_tell_is_a_valid_feed() -> None:
    about = About("x", "", "", lambda _: None)
    assert entries((), (), about) == ([], 0)
    assert parsed(rss([], about)).findtext("channel/title") == "x"
    assert parsed(atom([], about)).findtext(f"{ATOM}updated")
    assert json.loads(json_feed([], about))["items"] == []


def test_feeds_are_xml_whatever_the_texts_are() -> None:
    about = About("\x01 \ufffe & <b>", "\ud800\x0b", "https://kb.example/", lambda _: "page/")
    entry = Entry("tag:x", "\x00 <i> & \ufffe", "a\x08\nb", "2026-03-02", "https://kb.example/page/", ())
    for write in (rss, atom):
        text = write([entry], about)
        text.encode()
        assert [element.text for element in parsed(text).iter() if element.text and "<i> &" in element.text]
    assert "&amp;" not in rss([entry], about)


def test_feeds_can_be_turned_off(tmp_path: Path) -> None:
    folder = copy_base(tmp_path / "base")
    settings = yaml.safe_load((folder / "mkdocs.yml").read_text("utf-8"))
    settings["plugins"] = ["search", {"iterata": {"feeds": False}}]
    (folder / "mkdocs.yml").write_text(yaml.safe_dump(settings), "utf-8")
    mkdocs_build(load_config(str(folder / "mkdocs.yml")))
    assert not list((folder / "site").rglob("*.md"))
    assert not [name for name in (*FEEDS, "llms.txt", "findings.json") if (folder / "site" / name).exists()]
    assert 'rel="alternate"' not in (folder / "site/findings/index.html").read_text("utf-8")
