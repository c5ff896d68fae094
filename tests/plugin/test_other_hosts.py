"""In a real browser, a page whose prose tries everything asks no other host for anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Site

TRICKS = """
![x](http://markdown.example/t.png) ![x](//relative.example/t.png "title") ![x][reference]
![x](http://attributes.example/t.png){loading=eager srcset="http://attribute-set.example/t.png 2x"}

[reference]: https://reference.example/t.png

A paragraph.
{style="background: url(http://attribute-style.example/t.png)"}

```mermaid
graph LR; a --> b
```

<pre class="mermaid"><code>graph LR; a --> b</code></pre>
<div class="mermaid">graph LR; a --> b</div>

<img src="http://img.example/t.png">
<img src="//slashes.example/t.png">
<img src="/\\backslash.example/t.png">
<img src="a.png" srcset="http://srcset.example/t.png 1x, http://srcset.example/u.png 2x">
<img src="x" onerror="this.onerror = null; this.src = 'http://onerror.example/t.png'">
<img src='data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg"><image href="http://data.example/t.png"/></svg>'>
<picture><source srcset="http://picture.example/t.png"><img src="a.png"></picture>
<video src="http://video.example/t.mp4" poster="http://poster.example/t.png" autoplay></video>
<audio src="http://audio.example/t.mp3" autoplay></audio>
<video autoplay><source src="http://source.example/t.mp4"><track default src="http://track.example/t.vtt"></video>
<svg width="9" height="9"><image href="http://svg-image.example/t.png" width="9" height="9"/>
<use href="http://svg-use.example/t.svg#x"/><rect width="9" height="9" fill="url(http://svg-fill.example/t.svg#x)"/></svg>
<link rel="stylesheet" href="http://link.example/t.css">
<link rel="preconnect" href="https://preconnect.example">
<style>@import "http://import.example/t.css"; body { background: url(http://style.example/t.png) }</style>
<p style="background: url(http://style-attribute.example/t.png)">x</p>
<p style="list-style-image: url(http://list-style.example/t.png); display: list-item">x</p>
<table background="http://background.example/t.png"><tr><td background="http://cell.example/t.png">x</td></tr></table>
<iframe src="http://iframe.example/"></iframe>
<iframe srcdoc="<img src='http://srcdoc.example/t.png'>"></iframe>
<iframe src="data:text/html,<img src='http://data-frame.example/t.png'>"></iframe>
<iframe src="javascript:fetch('http://javascript.example/')"></iframe>
<object data="http://object.example/t.svg" type="image/svg+xml"></object>
<embed src="http://embed.example/t.svg" type="image/svg+xml">
<input type="image" src="http://input.example/t.png">
<form id="sent" action="http://form.example/" method="post"><button>x</button></form>
<a href="http://a.example/" ping="http://ping.example/">x</a>
<script src="http://script.example/t.js"></script>
<script>fetch("http://fetch.example/")</script>
<meta http-equiv="refresh" content="9;url=http://refresh.example/">
"""
FIELD = "<img src='http://field.example/t.png'> ![x](http://field-markdown.example/t.png)"
CERTAIN = {
    "markdown.example", "reference.example", "attributes.example", "attribute-style.example", "unpkg.com",
    "img.example", "slashes.example", "backslash.example", "srcset.example", "onerror.example",
    "picture.example", "poster.example", "svg-image.example", "link.example", "import.example",
    "style-attribute.example", "background.example", "iframe.example", "srcdoc.example", "object.example",
    "embed.example", "input.example", "script.example", "fetch.example",
}  # fmt: skip
"""What this browser asks for if nobody hinders it: else the test could pass because nothing was opened."""
EXTENSIONS = [
    "attr_list",
    "md_in_html",
    "tables",
    {"pymdownx.superfences": {"custom_fences": [{"name": "mermaid", "class": "mermaid"}]}},
]


def test_no_page_asks_another_host(
    base: Path, build: Callable[..., Site], other_hosts: Callable[..., set[str]]
) -> None:
    (base / "docs/trusted.md").write_text(f"# Trusted\n\n{TRICKS}", "utf-8")
    report = base / "projects/newsletter/01-setup/report.md"
    text = report.read_text("utf-8")
    for claim in ("title: Habits tell who reads", "statement: Habits tell who reads."):
        text = text.replace(claim, f'{claim.partition(" ")[0]} "Habits tell {FIELD}"')
    report.write_text(f"{text}\n{TRICKS}", "utf-8")
    site = build(theme={"name": "material", "font": False}, markdown_extensions=EXTENSIONS)
    pages = ["projects/", "projects/newsletter/", "projects/newsletter/01-setup/", "findings/"]
    assert other_hosts(site, [*pages, "projects/newsletter/01-setup/report/"]) == set()
    assert "Habits tell <img" in site.page("findings").text
    assert "graph LR" in site.page("projects/newsletter/01-setup/report").text
    assert other_hosts(site, ["trusted/"]) >= CERTAIN
