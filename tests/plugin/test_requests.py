"""Nothing in the prose of a project makes a browser or a theme fetch from another host, or stops a build."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iterata.site.guard import TooSlow, time_limit
from iterata.site.sanitize import clean

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Site

ELSEWHERE = [
    '<img src="http://elsewhere.example/t.png">',
    '<img src="//elsewhere.example/t.png">',
    '<img src="/\\elsewhere.example/t.png">',
    '<img src=" ht\ntps://elsewhere.example/t.png">',
    '<img src="https:elsewhere.example/t.png">',
    '<img src="http://images.example@elsewhere.example/t.png">',
    '<img alt="a>b" src="https://elsewhere.example/t.png">',
    '<img src="data:image/svg+xml,<svg/>">',
]


@pytest.mark.parametrize("html", ELSEWHERE)
def test_image_of_another_host_becomes_a_link(html: str) -> None:
    assert "<img src" not in clean(html, frozenset({"images.example"})).replace(' alt="a&gt;b"', "")
    assert ' src="' not in clean(html, frozenset({"images.example"}))


@pytest.mark.parametrize("source", ["a.png", "../b/c.png?x=http://y", "https://images.example/a.png"])
def test_image_of_the_site_or_of_a_named_host_is_shown(source: str) -> None:
    assert f'src="{source}"' in clean(f'<img src="{source}">', frozenset({"images.example"}))


@pytest.mark.parametrize("name", ["mermaid", "md-overlay", "giscus", "glightbox", "other mermaid"])
def test_class_that_a_theme_may_act_upon_is_removed(name: str) -> None:
    assert "class" not in clean(f'<pre class="{name}"><code>x</code></pre>')


def test_class_of_an_extension_is_kept() -> None:
    html = '<div class="admonition warning"><p class="admonition-title">x</p></div>'
    assert clean(html) == html


@pytest.mark.parametrize(
    "html",
    [
        '<video src="//x.example"></video>', '<audio src="//x.example"></audio>',
        '<iframe src="//x.example">',
        '<link rel="stylesheet" href="//x.example">', '<svg><use href="//x.example"/></svg>',
        '<meta http-equiv="refresh" content="0;//x.example">', '<input type="image" src="//x.example">',
        '<picture><source srcset="//x.example"></picture>', '<img src="a.png" srcset="//x.example 2x">',
        '<p style="background: url(//x.example)">', '<p data-md-component="x.example">',
        '<a ping="//x.example">', '<object data="//x.example"></object>',
    ],
)  # fmt: skip
def test_nothing_else_names_another_host(html: str) -> None:
    assert "x.example" not in clean(html)


@pytest.mark.parametrize("prose", ["[" * 30_000, "".join(f"{'    ' * depth}- x\n" for depth in range(300))])
def test_page_that_cannot_be_rendered_is_replaced(base: Path, build: Callable[..., Site], prose: str) -> None:
    report = base / "projects/newsletter/01-setup/report.md"
    text = report.read_text("utf-8")
    report.write_text(f"{text}\n\n{prose}", "utf-8")
    site = build()
    page = " ".join(site.page("projects/newsletter/01-setup/report").text.split())
    assert "projects/newsletter/01-setup/report.md, line " in page
    assert "newsletter" in site.page("projects/newsletter").text


def test_time_limit_ends_what_takes_too_long() -> None:
    def forever() -> None:
        while True:
            pass

    with pytest.raises(TooSlow), time_limit(0.05):
        forever()
