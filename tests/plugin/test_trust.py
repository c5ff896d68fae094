"""Documents are untrusted: their text never becomes active content of a page."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from markdown import Markdown
from mkdocs.structure.toc import get_toc

from iterata.site.sanitize import clean, clean_contents
from mkdocs_iterata.host import headings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Html, Site

BREAKOUT = (
    """</title></style></svg></textarea>'">"""
    """<script>window.pwned=1</script><img src=x onerror=window.pwned=1>"""
)
PROSE = f"""
# {BREAKOUT}

<script>window.pwned=1</script>

<div onclick="window.pwned=1" style="position:fixed;inset:0">raw <svg onload=window.pwned=1></svg></div>

[a link](javascript:window.pwned=1) [another](data:text/html,x){{ onmouseover="window.pwned=1" }}
<javascript:window.pwned=1> <iframe src="https://elsewhere.example"></iframe>

## Looks harmless {{ data-toc-label="<img src=x onerror=window.pwned=1>" }}

## So does this {{ id='x"><script>window.pwned=1</script>' }}

## {{"base":"https://elsewhere.example"}} {{ #__config }}

<form action="https://elsewhere.example"><button>Sign in</button></form>
"""


def active_content(page: Html) -> list[tuple[str, str]]:
    """Everything in a page that a browser would execute or load."""
    active_tags = ("script", "style", "iframe", "form", "object")
    active = [
        (element.tag, STRING.sub("", element.text)) for element in page.elements if element.tag in active_tags
    ]
    for element in page.elements:
        active += [(key, value) for key, value in element.attributes.items() if key.startswith("on")]
        addresses = [element.attributes.get(key, "") for key in ("href", "src", "action")]
        active += [
            ("address", value)
            for value in addresses
            if value.lower().startswith(("javascript:", "data:text"))
        ]
    return active


def with_hostile_text(value: object) -> object:
    """Put hostile text into every free text of front matter or of a result; texts with a fixed form stay."""
    if isinstance(value, dict):
        return {
            key: item if key in UNCHANGED_KEYS else with_hostile_text(item) for key, item in value.items()
        }
    if isinstance(value, list):
        return [with_hostile_text(item) for item in value]
    return f"{value} {BREAKOUT}" if isinstance(value, str) else value


STRING = re.compile(r'"(?:[^"\\<]|\\.)*"')
"""A string of JSON that cannot end its script: one theme writes the title as such."""

UNCHANGED_KEYS = {
    "stage",
    "status",
    "kind",
    "direction",
    "verdict",
    "id",
    "iteration",
    "on",
    "outcome",
    "next",
    "plan_digest",
}
UNCHANGED_KEYS |= {
    "contradicts",
    "supports",
    "split",
    "estimator",
    "source",
    "model_kind",
    "approach",
    "recommendation",
}


@pytest.fixture
def hostile_base(base: Path) -> Path:
    """The small knowledge base, with hostile text in every free text."""
    from iterata.documents import front_matter  # noqa: PLC0415  # beside its use

    for path in base.glob("projects/**/*.md"):
        if path.name == "README.md":
            path.write_text(path.read_text("utf-8") + PROSE, "utf-8")
            continue
        data = front_matter.read(path.name, path.read_bytes()).data
        text = json.dumps(with_hostile_text(data), default=str, ensure_ascii=False)
        path.write_text(f"---\n{text}\n---\n{PROSE}", "utf-8")
    for path in base.glob("projects/**/*.json"):
        path.write_text(json.dumps(with_hostile_text(json.loads(path.read_text("utf-8")))), "utf-8")
    return base


@pytest.mark.parametrize("theme", ["material", "mkdocs", "readthedocs"])
def test_hostile_text_is_escaped(
    base: Path, build: Callable[..., Site], hostile_base: Path, theme: str
) -> None:
    site = build(theme={"name": theme})
    assert any("pwned" in page.text for page in site.pages.values())
    for path, page in site.pages.items():
        assert not [active for active in active_content(page) if "pwned" in "".join(active)], path
        assert not page.all("iframe"), path
        assert not page.all("form", action="elsewhere"), path
        assert len(page.all("title")) == 1
        assert [
            element for element in page.elements if element.attributes.get("id") == "__config"
        ] == page.all("script", id="__config"), path


def test_browser_runs_no_script_of_hostile_documents(
    build: Callable[..., Site], hostile_base: Path, look: Callable[..., list[dict[str, Any]]]
) -> None:
    site = build()
    (site.folder / "control").mkdir()
    (site.folder / "control/index.html").write_text(f"<!doctype html><p>{BREAKOUT}", "utf-8")
    our_pages = ("projects/", "findings/", "control/")
    pages = [path.removesuffix("index.html") for path in site.pages if path.startswith(our_pages)]
    executed = {page["path"]: page["pwned"] for page in look(site, pages)}
    assert [path for path, pwned in executed.items() if pwned] == ["control/"]


def test_charts_with_hostile_names_are_drawn(build: Callable[..., Site], hostile_base: Path) -> None:
    page = build().page("projects/newsletter/01-setup")
    assert [chart.attributes["role"] for chart in page.all("div", role="img")] == ["img"]
    assert "onerror=window.pwned=1" in page.text


def test_search_index_contains_no_markup(build: Callable[..., Site], hostile_base: Path) -> None:
    site = build()
    for entry in json.loads((site.folder / "search/search_index.json").read_text("utf-8"))["docs"]:
        assert "<img" not in entry["title"]
        assert "<script" not in entry["title"] + entry["text"]


def test_front_matter_of_other_pages_is_not_passed_to_the_theme(site: Site) -> None:
    page = site.page("projects/newsletter/README")
    assert page.all("title")[0].text.startswith("About this project")
    assert "readme" not in page.source.replace("README", "")


def test_prose_like_metadata_stays_prose(base: Path, build: Callable[..., Site]) -> None:
    path = base / "projects/newsletter/01-setup/report.md"
    before, _, _ = path.read_text("utf-8").partition("# Habits")
    for start in (
        "template: 404.html\ntitle: not this\n\nRead me.\n",
        "---\ntemplate: 404.html\n---\n\nRead me.\n",
    ):
        path.write_text(before.rstrip() + "\n" + start, "utf-8")
        page = build().page("projects/newsletter/01-setup/report")
        assert [heading.text for heading in page.all("h1")] == ["Habits tell who reads"]
        assert "template: 404.html" in page.text
        assert "Read me." in page.text


def test_links_outside_the_repository_are_not_followed(
    base: Path, build: Callable[..., Site], tmp_path: Path
) -> None:
    secret = tmp_path / "secret.md"
    secret.write_text("the secret", "utf-8")
    (base / "projects/newsletter/notes.md").symlink_to(secret)
    (base / "projects/newsletter/picture.png").symlink_to(secret)
    (base / "projects/newsletter/elsewhere").symlink_to(tmp_path)
    report = base / "projects/newsletter/01-setup/report.md"
    report.unlink()
    report.symlink_to(secret)
    (base / "docs/index.md").write_text("# Home\n", "utf-8")
    site = build()
    assert not [
        path for path in site.folder.rglob("*") if path.is_file() and b"the secret" in path.read_bytes()
    ]
    assert any("leads outside the repository" in warning for warning in site.warnings)
    assert "Labels that sell" in site.page("projects").text


def test_executable_files_are_not_published(base: Path, build: Callable[..., Site]) -> None:
    for name in ("page.html", "drawing.svg", "code.js", ".hidden.png", "rows.csv"):
        (base / "projects/newsletter" / name).write_text("<script>window.pwned=1</script>", "utf-8")
    (base / "projects/newsletter/figure.png").write_bytes(b"\x89PNG")
    published = {path.name for path in (build().folder / "projects/newsletter").iterdir()}
    assert "figure.png" in published
    assert not published & {"page.html", "drawing.svg", "code.js", ".hidden.png", "rows.csv"}


CODE = ("score.py", "notebook.ipynb", "query.sql", "settings.yaml", "settings.json", "pyproject.toml")


@pytest.mark.parametrize(("asked_for", "published"), [("false", set()), ("true", {*CODE})])
def test_code_is_published_only_if_the_team_asks_for_it(
    base: Path, build: Callable[..., Site], asked_for: str, published: set[str]
) -> None:
    """Links to it are no warning: they lead to the code host, or are plain text without one."""
    folder = base / "projects/newsletter"
    for name in CODE[1:]:
        (folder / name).write_text("{}", "utf-8")
    settings = (base / "mkdocs.yml").read_text("utf-8")
    settings = re.sub(r"^(repo_url|edit_uri):.*\n", "", settings, flags=re.MULTILINE)
    settings = settings.replace("- iterata\n", f"- iterata:\n      publish_code: {asked_for}\n")
    (base / "mkdocs.yml").write_text(settings, "utf-8")
    requirements = folder / "requirements.md"
    links = " ".join(f"[{name} here]({name})" for name in CODE)
    requirements.write_text(f"{requirements.read_text('utf-8')}\n\n{links}\n", "utf-8")
    site = build()
    assert site.warnings == []
    assert {path.name for path in (site.folder / "projects/newsletter").iterdir()} & {*CODE} == published
    page = site.page("projects/newsletter/requirements")
    assert {name for name in CODE if page.all("a", href=f"../{name}")} == published
    assert all(f"{name} here" in page.text for name in CODE)


def test_build_never_executes_project_code(site: Site) -> None:
    """`score.py` raises SystemExit where it is run."""
    assert site.page("projects/newsletter/requirements").text


def test_sanitizer_keeps_ordinary_markup() -> None:
    markdown = Markdown(
        extensions=["tables", "admonition", "footnotes", "fenced_code", "attr_list", "def_list", "toc"]
    )
    text = """
## A heading {#here}

| model | value |
| :-- | --: |
| one | 2 |

!!! note "Mind this"
    `code` and **bold**, [a link](../x.md#y "title"), ![a picture](figure.png){ width="300" }[^1]

```python
x = 1 < 2
```

[^1]: A footnote.
"""
    html = markdown.convert(text)
    cleaned = clean(html)
    aligned = r'<td (style="text-align: ?right"|align="right")>2</td>'  # as versions of Markdown write it
    assert re.search(aligned, cleaned)
    for part in (
        '<h2 id="here">A heading</h2>',
        '<div class="admonition note">',
        '<a href="../x.md#y" title="title">',
        'src="figure.png"',
        'width="300"',
        '<a class="footnote-ref" href="#fn:1"',
        '<code class="language-python">x = 1 &lt; 2',
    ):
        assert part in cleaned, part


def test_contents_drop_entries_with_removed_ids() -> None:
    tokens = [
        {"level": 2, "id": "__config", "name": "x", "children": []},
        {
            "level": 2,
            "id": "fine",
            "name": "<b>Fine</b>",
            "children": [{"level": 3, "id": "a b", "name": "y", "children": []}],
        },
    ]
    (link,) = clean_contents(headings(get_toc(tokens)))
    assert (link.id, link.title, link.children) == ("fine", "Fine", ())
