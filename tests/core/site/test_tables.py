"""Tables of prose stand in boxes that scroll, and nothing written in a document breaks out of its place."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from iterata.site.sanitize import clean
from iterata.site.tables import CLASS, scrollable

TABLE = "<table><thead><tr><th></th><th>b</th></tr></thead><tbody><tr><td>1</td></tr></tbody></table>"


def names(html: str) -> list[str]:
    return re.findall(r'role="region" aria-label="([^"]*)"', html)


def test_table_is_named_by_the_heading_above_and_by_its_number() -> None:
    html = f'<h2 id="a">Results &amp; <em>more</em></h2>{TABLE}<p>x</p>{TABLE}<h3>Next</h3>{TABLE}'
    assert names(scrollable(html)) == [
        "Table 1: Results &amp; more",
        "Table 2: Results &amp; more",
        "Table 3: Next",
    ]


def test_box_is_reached_by_keys_and_closed_after_its_table() -> None:
    html = scrollable(f"<p>before</p>{TABLE}<p>after</p>")
    assert html.startswith('<p>before</p><div class="it-scroll" tabindex="0"')
    assert html.endswith("</table></div><p>after</p>")


def test_table_within_a_table_has_no_box_of_its_own() -> None:
    html = scrollable(f"<table><tbody><tr><td>{TABLE}</td></tr></tbody></table>")
    assert (html.count("it-scroll"), html.count("</div>")) == (1, 1)


def test_head_without_a_text_is_no_head() -> None:
    assert "<td></td><th>b</th>" in scrollable(TABLE)


def test_class_of_a_table_is_kept() -> None:
    assert '<table class="it-table text-x">' in scrollable('<table class="text-x"></table>')


@pytest.mark.parametrize(
    "written",
    [
        '<p title="<table>">x</p>',
        '<p title="</table><h2>y</h2><table>">x</p>',
        '<table title="a>b"><tr><td>x</td></tr></table>',
        '<h2 title="<table onclick=alert(1)>">x</h2><table><tr><td>x</td></tr></table>',
        '<h2>"><img src=x onerror=alert(1)></h2><table><tr><td>x</td></tr></table>',
    ],
)
def test_what_is_written_in_an_attribute_stays_there(written: str) -> None:
    before = clean(written)
    assert tags(scrollable(before)) == tags(before)


class _Tags(HTMLParser):
    """The tags of a page with their attributes, without our boxes and our class."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, tuple[tuple[str, str | None], ...]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if ("class", "it-scroll") not in attrs:
            self.found.append((tag, tuple(pair for pair in attrs if pair != ("class", CLASS))))


def tags(html: str) -> list[tuple[str, tuple[tuple[str, str | None], ...]]]:
    parser = _Tags()
    parser.feed(html)
    return parser.found


def test_page_without_a_table_is_as_it_was() -> None:
    assert scrollable("<p>x</p>") == "<p>x</p>"
