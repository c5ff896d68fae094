"""Figures and names as pages show them."""

from __future__ import annotations

import doctest
from html.parser import HTMLParser

import markdown
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from iterata import text
from iterata.render.estimates import interval, percent_interval
from iterata.render.markdown import escape, markdown_table
from iterata.results import Estimate
from iterata.text import number, percent, signed


def estimate(value: float, low: float, high: float) -> Estimate:
    return Estimate(value=value, low=low, high=high)


def test_the_examples_in_the_code_hold() -> None:
    assert doctest.testmod(text).failed == 0


@pytest.mark.parametrize(
    ("value", "shown"),
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
def test_numbers_show_about_three_digits(value: float, shown: str) -> None:
    assert number(value) == shown


def test_a_sign_is_shown_where_it_matters() -> None:
    assert (signed(12.3), signed(-4.56), signed(0)) == ("+12.3", "\N{MINUS SIGN}4.56", "0")


def test_nothing_is_minus_nothing() -> None:
    assert interval(estimate(-0.001, -120, 120)) == "0 (\N{MINUS SIGN}120 to 120)"


def test_a_figure_and_its_interval_have_the_same_decimals() -> None:
    assert interval(estimate(58.93, 50.1, 68.28)) == "58.9 (50.1 to 68.3)"
    assert interval(estimate(9.5, 2.123, 156.2), sign=True) == "+10 (+2 to +156)"


def test_shares_are_percentages() -> None:
    assert percent(0.2473) == "24.7 %"
    assert percent_interval(estimate(0.2473, -0.1, 1.379)) == "24.7 % (\N{MINUS SIGN}10.0 to 138 %)"


def test_tables_are_aligned_in_the_source_too() -> None:
    assert markdown_table(("model", "sales"), [("a perfect one", "9"), ("none", "1,000")]) == (
        "| model         | sales |\n"
        "| :------------ | ----: |\n"
        "| a perfect one |     9 |\n"
        "| none          | 1,000 |"
    )


class Seen(HTMLParser):
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


def shown(words: str) -> dict[str, tuple[str, list[object]]]:
    """What a site and a code host make of a table's cell that holds the words."""
    page = markdown_table(("name", "x"), [(escape(words), "y")])
    SITE.reset()
    seen = {"site": Seen(SITE.convert(page)), "host": Seen(HOST.render(page))}
    return {where: (" ".join(each.text.split()), [*each.elements]) for where, each in seen.items()}


ACTIVE = st.text(st.sampled_from("ab \\`*_[](){}<>|~&!#:=\"'-.^/;$@"), min_size=1, max_size=25)


@given(ACTIVE | st.text(st.characters(exclude_categories=["C"]), min_size=1))
def test_words_of_a_document_are_shown_as_they_are(words: str) -> None:
    plain = shown("plain")
    for where, (seen, elements) in shown(words).items():
        assert elements == plain[where][1], f"{where} made markup of it"
        assert seen.removeprefix("name x ").removesuffix("y").strip() == " ".join(words.split())


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
def test_hostile_words_too(words: str) -> None:
    for seen, elements in shown(words).values():
        assert words in seen
        assert elements == shown("plain")["site"][1] or elements == shown("plain")["host"][1]


def test_a_template_in_a_name_is_no_template() -> None:
    assert "{{" not in escape("{{ 7 * 7 }}{% raw %}")
    assert "{%" not in escape("{{ 7 * 7 }}{% raw %}")
