"""`iterata site`: the same pages as the plugin's, which every reader of Markdown passes through unchanged."""

from __future__ import annotations

import json
import logging
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
import yaml
from click.testing import CliRunner
from markdown import Markdown
from markdown_it import MarkdownIt
from mkdocs.commands.build import build as mkdocs_build
from mkdocs.config import load_config

from iterata.errors import IterataError
from iterata.repository import config as configuration
from iterata.repository.zensical import MANIFEST
from iterata.site.portable.build import Built, Request, build
from iterata.site.portable.host_options import host_options
from iterata.site.portable.hosts import HOSTS
from iterata.site.portable.inert import inert
from iterata.site.portable.output import OutputFolder
from iterata_cli.commands.site import command

from .conftest import Html, copy_base, rename_project

if TYPE_CHECKING:
    from collections.abc import Callable

EVERYTHING = "h1[{{ x }}] {% include 'x' %} {{< figure src=x >}} ${y} :::note --8<-- `a`"
PROSE = f"""
## Tricks {{{{ config }}}} {{% raw %}}

{EVERYTHING} [the report](../01-setup/report.md#results) [none](nowhere.md) [code](../model.py)
<b title="{EVERYTHING}">bold</b> *a_b_c* | pipe

```python
def f():

    return {{"a": {{}}}}


    # <b>
```

    indented

    code {{{{ y }}}}

- one

- two

| a | b |
| --- | --- |
| {{{{ z }}}} | [x](report.md) |
"""
HOME = "# Ours\n\n```\n<!-- iterata:board -->\n```\n\n<!-- iterata:board -->\n\nThe end.\n"
THEME = "{{ page.content }}"


@pytest.fixture(scope="module")
def tricky(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A knowledge base with text that means something to readers of Markdown and templates."""
    folder = copy_base(tmp_path_factory.mktemp("any-host") / "base")
    proposal = folder / "projects/newsletter/01-setup/proposal.md"
    proposal.write_text(proposal.read_text("utf-8") + PROSE, "utf-8")
    (folder / "projects/newsletter/README.md").write_text(f"# Read me\n{PROSE}", "utf-8")
    (folder / "projects/newsletter/model.py").write_text("x = 1\n", "utf-8")
    (folder / "projects/newsletter/picture.png").write_bytes(b"png")
    report = folder / "projects/newsletter/01-setup/report.md"
    text = report.read_text("utf-8").replace("title: ", 'title: "<script>{{ x }}</script>" # ', 1)
    report.write_text(text, "utf-8")
    (folder / "docs/index.md").write_text(HOME, "utf-8")
    rename_project(folder)
    return folder


def made(
    folder: Path, scratch: Path, host: str, *, has_folders: bool | None = None, docs: Path | None = None
) -> Built:
    config = configuration.load(folder)
    chosen = HOSTS[host]
    folders = chosen.has_folders if has_folders is None else has_folders
    request = Request(chosen, folders, host_options(folder), scratch / "out", docs)
    (scratch / "images").mkdir()
    return build(config, request, scratch / "images")


@pytest.fixture(scope="module")
def for_host(tricky: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Built]:
    """The site for a host, made once."""
    return cache(lambda host: made(tricky, tmp_path_factory.mktemp(host), host, docs=tricky / "docs"))


def parts(content: bytes | Path) -> tuple[dict[str, object], str]:
    """The front matter and the rest of a page."""
    assert isinstance(content, bytes)
    _, meta, body = content.decode().split("---\n", 2)
    return yaml.safe_load(meta), body.strip("\n")


def pages_of(built: Built) -> dict[str, bytes | Path]:
    """The pages that are not by hand."""
    return {
        path: content
        for path, content in built.content.items()
        if path.endswith(".md") and path not in {"index.md", "_index.md"}
    }


def test_readers_of_markdown_pass_every_page_through(for_host: Callable[[str], Built]) -> None:
    commonmark = MarkdownIt("commonmark", {"html": True})
    python_markdown = Markdown(extensions=["attr_list", "md_in_html", "toc", "footnotes", "abbr", "tables"])
    pages = pages_of(for_host("mkdocs"))
    assert len(pages) > 12
    for content in pages.values():
        _, body = parts(content)
        assert body.startswith("<div")
        assert not re.search(r"\n\s*\n", body)
        assert commonmark.render(body).strip() == body
        assert python_markdown.reset().convert(body) == body


def test_no_template_language_finds_a_brace(for_host: Callable[[str], Built]) -> None:
    for host in ("mkdocs", "hugo", "docusaurus"):
        for content in pages_of(for_host(host)).values():
            _, body = parts(content)
            text = re.sub(r"<(style|script)\b.*?</\1>", "", body, flags=re.DOTALL)
            assert not set("{}") & set(text)
            assert not re.search(r"\{[{%#<]", body)
    _, body = parts(for_host("mkdocs").content["projects/newsletter/01-setup/proposal.md"])
    shown = Html(body).text
    assert EVERYTHING.replace("`a`", "a") in " ".join(shown.split())
    assert 'def f():\n\n    return {"a": {}}\n\n\n    # <b>' in shown


def test_style_and_script_keep_their_braces() -> None:
    html = "<style>.a{.b{color:red}}</style><pre>a\n\n{b}</pre>\n\n<p>{</p><script>f({})</script>"
    assert inert(html) == (
        "<style>.a{.b{color:red}}</style><pre>a&#10;&#10;&#123;b&#125;</pre>\n<p>&#123;</p>"
        "<script>f({})</script>"
    )


def addresses(html: str, page: str) -> list[tuple[str, str]]:
    """The elements of a page, with links as addresses relative to the site."""
    found = []
    for element in Html(html).elements:
        target = element.attributes.get("href") or element.attributes.get("src") or ""
        url = urlsplit(target)
        if element.attributes.get("rel") == "stylesheet" or element.attributes.get("class") == "it-page":
            continue
        if target and not url.scheme:
            folder = normpath(join(dirname(page), url.path)) if url.path else page
            target = f"{folder.removesuffix('/index.html').rstrip('/')}#{url.fragment}"
        found.append((element.tag, f"{target} {' '.join(element.text.split())}"))
    return found


def mkdocs_pages(config_file: Path) -> dict[str, list[tuple[str, str]]]:
    config = load_config(str(config_file))
    mkdocs_build(config)
    folder = Path(config.site_dir)
    return {
        page: addresses(path.read_text("utf-8"), page)
        for path in sorted(folder.rglob("*.html"))
        if "projects/" in (page := path.relative_to(folder).as_posix()) or page.startswith("findings")
    }


@pytest.mark.parametrize("has_folders", [True, False])
def test_it_has_the_pages_of_the_plugin(
    tricky: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    has_folders: bool,
) -> None:
    monkeypatch.setenv("NO_MKDOCS_2_WARNING", "1")
    caplog.set_level(logging.CRITICAL, logger="mkdocs")
    (tmp_path / "theme").mkdir()
    (tmp_path / "theme/main.html").write_text(THEME, "utf-8")
    shared = {
        "site_name": "x",
        "theme": {"name": None, "custom_dir": str(tmp_path / "theme")},
        "use_directory_urls": has_folders,
        "repo_url": "https://code.example/team/base",
    }
    extensions = ["abbr", "admonition", "attr_list", "def_list", "footnotes", "md_in_html", "tables"]
    plugin = tricky / "bare.yml"
    settings = {
        **shared,
        "docs_dir": "docs",
        "site_dir": str(tmp_path / "plugin"),
        "plugins": ["iterata"],
        "markdown_extensions": [*extensions, {"toc": {"permalink": True}}],
    }
    plugin.write_text(yaml.safe_dump(settings), "utf-8")
    (tmp_path / "scratch").mkdir()
    built = made(tricky, tmp_path / "scratch", "mkdocs", has_folders=has_folders)
    OutputFolder(tmp_path / "docs").write(built.content)
    (tmp_path / "mkdocs.yml").write_text(yaml.safe_dump({**shared, "plugins": []}), "utf-8")
    ours, theirs = mkdocs_pages(tmp_path / "mkdocs.yml"), mkdocs_pages(plugin)
    readme = "projects/newsletter/readme/index.html"
    assert len(theirs) > 12
    named = (re.sub("README(?:.html|/index.html)", "readme/index.html", page) for page in theirs)
    assert set(named) == ours.keys()
    assert readme in ours
    for page in theirs.keys() & ours.keys():
        assert ours[page] == theirs[page], page


def test_titles_are_written_as_each_host_reads_them(for_host: Callable[[str], Built]) -> None:
    path = "projects/newsletter/01-setup/report.md"
    titles = {host: parts(for_host(host).content[path])[0]["title"] for host in HOSTS}
    assert titles["hugo"] == "<script>{{ x }}</script>"
    assert titles["docusaurus"] == "<\u2060script>{{ x }}<\u2060/script>"
    escaped = "&lt;script&gt;&#123;&#123; x &#125;&#125;&lt;/script&gt;"
    assert titles["zensical"] == titles["mkdocs"] == titles["techdocs"] == escaped
    assert MarkdownIt().renderInline(str(titles["quarto"])) == "&lt;script&gt;{{ x }}&lt;/script&gt;"


def test_hosts_that_print_the_title_get_no_second_one(for_host: Callable[[str], Built]) -> None:
    path = "projects/newsletter/01-setup/assessment.md"
    assert "<h1" in parts(for_host("zensical").content[path])[1]
    assert "<h1" not in parts(for_host("quarto").content[path])[1]
    assert parts(for_host("docusaurus").content[path])[0]["hide_title"] is True
    assert parts(for_host("quarto").content[path])[1].startswith("```{=html}\n<div")


EARLIER = "findings/letters/01-setup-F1"


@pytest.mark.parametrize("host", ["zensical", "docusaurus"])
def test_an_earlier_address_leads_to_the_page_of_a_finding(
    for_host: Callable[[str], Built], host: str
) -> None:
    content = for_host(host).content[f"{EARLIER}/index.html"]
    assert isinstance(content, bytes)
    target = "../../newsletter/01-setup-F1/"
    html = Html(content.decode())
    assert html.all("meta", content=f"url={target}")
    assert html.all("link", rel="canonical")[0].attributes["href"] == target


@pytest.mark.parametrize(
    ("host", "page", "earlier"),
    [
        ("hugo", "findings/newsletter/01-setup-f1.md", EARLIER.lower()),
        ("quarto", "findings/newsletter/01-setup-F1.md", f"{EARLIER}.html"),
    ],
)
def test_hosts_with_aliases_get_the_earlier_address(
    for_host: Callable[[str], Built], host: str, page: str, earlier: str
) -> None:
    content = for_host(host).content
    (alias,) = parts(content[page])[0]["aliases"]  # type: ignore[misc]
    assert normpath(join(dirname(page), alias)) == earlier
    assert not [path for path in content if path.endswith(".html")]


def test_a_page_by_hand_shows_the_board_where_it_asks_for_it(for_host: Callable[[str], Built]) -> None:
    content = for_host("zensical").content["index.md"]
    assert isinstance(content, bytes)
    before, _, after = content.decode().partition('<div class="it-page">')
    assert before == HOME.partition("<!-- iterata:board -->\n\nThe end")[0]
    board, _, end = after.rpartition("</div>")
    assert end == "\n\nThe end.\n"
    assert 'href="projects/newsletter/01-setup/index.md"' in board
    assert "\n\n" not in board
    assert "_index.md" in for_host("hugo").content


def test_links_that_lead_nowhere_are_told(for_host: Callable[[str], Built]) -> None:
    warnings = for_host("zensical").warnings
    assert any("proposal.md" in warning and "nowhere.md" in warning for warning in warnings)


def test_nothing_changes_the_second_time(
    for_host: Callable[[str], Built], tricky: Path, tmp_path: Path
) -> None:
    built = for_host("zensical")
    folder = OutputFolder(tmp_path / "out")
    assert len(folder.write(built.content).written) == len(built.content)
    times = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*")}
    (tmp_path / "scratch").mkdir()
    again = made(tricky, tmp_path / "scratch", "zensical", docs=tricky / "docs").content
    assert not OutputFolder(tmp_path / "out").changes(again)
    OutputFolder(tmp_path / "out").write(again)
    assert times == {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*")}


def test_only_its_own_files_are_removed(tmp_path: Path) -> None:
    out = tmp_path / "out"
    OutputFolder(out).write({"a/b.md": b"1", "c.md": b"2", "d.md": b"3"})
    (out / "own.txt").write_text("x", "utf-8")
    (out / "d.md").write_text("edited", "utf-8")
    changes = OutputFolder(out).write({"c.md": b"4"})
    assert changes.written == ("c.md",)
    assert changes.removed == ("a/b.md",)
    assert changes.kept == ("d.md",)
    assert not (out / "a").exists()
    assert (out / "own.txt").read_text("utf-8") == "x"
    assert (out / "d.md").read_text("utf-8") == "edited"


def test_a_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x", "utf-8")
    with pytest.raises(IterataError) as error:
        OutputFolder(tmp_path)
    assert "notes.txt" in str(error.value)


def test_a_file_of_somebody_else_is_never_replaced(tmp_path: Path) -> None:
    OutputFolder(tmp_path / "out").write({"a.md": b"1"})
    (tmp_path / "out/b.md").write_text("x", "utf-8")
    with pytest.raises(IterataError):
        OutputFolder(tmp_path / "out").write({"a.md": b"2", "b.md": b"3"})
    assert (tmp_path / "out/a.md").read_bytes() == b"1"


def test_nothing_is_written_through_a_symbolic_link(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    OutputFolder(tmp_path / "out").write({"a.md": b"1"})
    (tmp_path / "out/projects").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(IterataError):
        OutputFolder(tmp_path / "out").write({"projects/x.md": b"2"})
    assert not list((tmp_path / "elsewhere").iterdir())


@pytest.mark.parametrize("files", ['{"../x": ""}', '{"/etc/x": ""}', "[]", "3", '{"a\\\\..\\\\b": ""}'])
def test_a_manifest_that_names_other_places_is_refused(tmp_path: Path, files: str) -> None:
    (tmp_path / MANIFEST).write_text(f'{{"files": {files}}}', "utf-8")
    with pytest.raises(IterataError):
        OutputFolder(tmp_path)


def test_the_navigation_names_files_that_exist(for_host: Callable[[str], Built]) -> None:
    content = for_host("hugo").content
    entries = json.loads(content["navigation.json"])["navigation"]  # type: ignore[arg-type]
    files = [entry["file"] for entry in entries]
    for entry in entries:
        files += [child["file"] for child in entry["children"]]
    assert len(files) > 5
    assert set(files) <= content.keys()
    nav = yaml.safe_load(content["navigation.yml"])["nav"]  # type: ignore[arg-type]
    assert {file for entry in nav for file in entry.values()} <= content.keys()


def test_it_needs_no_mkdocs(tricky: Path, tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "class Refuse:\n"
        "    def find_spec(self, name, *rest):\n"
        "        if name.partition('.')[0] in {'mkdocs', 'material', 'numpy', 'pandas', 'scipy'}:\n"
        "            raise ImportError(name)\n"
        "sys.meta_path.insert(0, Refuse())\n"
        "from iterata_cli.main import cli\n"
        "cli()"
    )
    line = [sys.executable, "-c", code, "site", "--into", str(tmp_path / "out"), "--docs", "docs"]
    ran = subprocess.run(line, cwd=tricky, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert (tmp_path / "out/index.md").read_text("utf-8").startswith("# Ours\n")
    assert (tmp_path / "out/projects/newsletter/picture.png").read_bytes() == b"png"


def test_check_tells_a_folder_that_is_not_up_to_date(
    tricky: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tricky)
    run, out = CliRunner().invoke, tmp_path / "out"
    assert run(command, ["--into", str(out), "--check"]).exit_code == 1
    assert not out.exists()
    assert run(command, ["--into", str(out)]).exit_code == 0
    assert run(command, ["--into", str(out), "--check"]).exit_code == 0
    (out / "findings.md").write_text("x", "utf-8")
    assert run(command, ["--into", str(out), "--check"]).exit_code == 1
    assert (out / "findings.md").read_text("utf-8") == "x"


@pytest.mark.parametrize("into", ["projects/site", "docs/site", "."])
def test_it_never_writes_among_the_sources(tricky: Path, monkeypatch: pytest.MonkeyPatch, into: str) -> None:
    monkeypatch.chdir(tricky)
    before = sorted(tricky.rglob("*"))
    refused = CliRunner().invoke(command, ["--into", into, "--docs", "docs"])
    assert isinstance(refused.exception, IterataError)
    assert sorted(tricky.rglob("*")) == before
