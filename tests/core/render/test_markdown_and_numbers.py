"""Numbers, estimates and text of documents as pages show them."""

from __future__ import annotations

import doctest
from html.parser import HTMLParser

import markdown
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from iterata import text
from iterata.render.estimates import interval, parts_in_words, percent_interval
from iterata.render.markdown import escape, markdown_table
from iterata.results import Estimate
from iterata.text import number, percent, signed


def estimate(value: float, low: float, high: float) -> Estimate:
    return Estimate(value=value, low=low, high=high)


def test_doctests_pass() -> None:
    assert doctest.testmod(text).failed == 0


@pytest.mark.parametrize(
    ("value", "digits"),
    [
        (0, "0"),
        (47.6, "47.6"),
        (238, "238"),
        (4.004, "4.00"),
        (0.000123, "0.000123"),
        (1_234_567.8, "1,234,568"),
        (-165_000, "\N{MINUS SIGN}165,000"),
        (-0.0, "0"),
    ],
)
def test_numbers_have_about_three_significant_digits(value: float, digits: str) -> None:
    assert number(value) == digits


def test_signed_numbers_show_their_sign_unless_zero() -> None:
    assert (signed(12.3), signed(-4.56), signed(0)) == ("+12.3", "\N{MINUS SIGN}4.56", "0")


def test_rounded_zero_has_no_sign() -> None:
    assert interval(estimate(-0.001, -120, 120)) == "0 (\N{MINUS SIGN}120 to 120)"


def test_estimate_and_interval_have_equal_decimal_places() -> None:
    assert interval(estimate(58.93, 50.1, 68.28)) == "58.9 (50.1 to 68.3)"
    assert interval(estimate(9.5, 2.123, 156.2), sign=True) == "+10 (+2 to +156)"


def test_estimate_without_an_interval_says_why() -> None:
    assert interval(Estimate(value=5)) == "5.00 (too few to tell)"
    assert percent_interval(Estimate(value=0.5)) == "50.0 % (too few to tell)"
    assert parts_in_words(Estimate(value=5), sign=True) == ("+5.00", "too few to tell")


def test_shares_are_written_as_percentages() -> None:
    assert percent(0.2473) == "24.7 %"
    assert percent_interval(estimate(0.2473, -0.1, 1.379)) == "24.7 % (\N{MINUS SIGN}10.0 to 138 %)"


def test_tables_are_aligned_in_their_source() -> None:
    assert markdown_table(("model", "sales"), [("a perfect one", "9"), ("none", "1,000")]) == (
        "| model         | sales |\n"
        "| :------------ | ----: |\n"
        "| a perfect one |     9 |\n"
        "| none          | 1,000 |"
    )


class ParsedHtml(HTMLParser):
    """The text and the elements of a piece of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.elements: list[tuple[str, tuple[tuple[str, str | None], ...]]] = []
        self.feed(html)
        self.close()

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, tuple(attrs)))


SITE = markdown.Markdown(extensions=["tables", "attr_list", "md_in_html", "def_list", "footnotes", "abbr"])
HOST = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def rendered(words: str) -> dict[str, tuple[str, list[object]]]:
    """The text and the elements that a site and a code host render for a table cell with these words."""
    page = markdown_table(("name", "x"), [(escape(words), "y")])
    SITE.reset()
    pages = {"site": ParsedHtml(SITE.convert(page)), "host": ParsedHtml(HOST.render(page))}
    return {name: (" ".join(page.text.split()), [*page.elements]) for name, page in pages.items()}


ACTIVE = st.text(st.sampled_from("ab \\`*_[](){}<>|~&!#:=\"'-.^/;$@"), min_size=1, max_size=25)


@given(ACTIVE | st.text(st.characters(exclude_categories=["C"]), min_size=1))
def test_text_is_rendered_as_it_is(words: str) -> None:
    plain = rendered("plain")
    for name, (content, elements) in rendered(words).items():
        assert elements == plain[name][1], f"{name} made markup of it"
        assert content.removeprefix("name x ").removesuffix("y").strip() == " ".join(words.split())


@pytest.mark.parametrize(
    "words",
    [
        "x {: onclick=alert(1) }",
        "<script>alert(1)</script>",
        "<!-- iterata:end lift -->",
        "[click](javascript:alert(1))",
        "![](http://example.org/x.png)",
        "a | b",
        "`code` **bold** ~~gone~~ __x__",
        "&lt;b&gt;",
    ],
)
def test_hostile_text_is_rendered_as_it_is(words: str) -> None:
    for content, elements in rendered(words).values():
        assert words in content
        assert elements == rendered("plain")["site"][1] or elements == rendered("plain")["host"][1]


def test_template_syntax_is_escaped() -> None:
    assert "{{" not in escape("{{ 7 * 7 }}{% raw %}")
    assert "{%" not in escape("{{ 7 * 7 }}{% raw %}")
