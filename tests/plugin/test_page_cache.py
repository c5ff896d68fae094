"""Pages of earlier builds: a build that uses them writes the same bytes as one that does not."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import sqlite3
import time
from itertools import count
from typing import TYPE_CHECKING

import pytest
from mkdocs.commands.build import build as mkdocs_build
from mkdocs.config import load_config

from iterata.site.page_cache import PageCache, cache_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from conftest import Site

EDITS: Mapping[str, tuple[str, str, str]] = {
    "nothing": ("projects/newsletter/01-setup/report.md", "statement: ", "statement: "),
    "prose": ("projects/newsletter/01-setup/report.md", "\n## ", "\nOne more sentence.\n\n## "),
    "a title": ("projects/newsletter/requirements.md", "title: ", "title: More "),
    "a finding": ("projects/newsletter/01-setup/report.md", "statement: ", "statement: Surely "),
    "a status": ("projects/newsletter/01-setup/report.md", "status: approved", "status: draft"),
    "a tag": ("projects/newsletter/01-setup/report.md", "tags: [", "tags: [new, "),
    "a result": ("projects/newsletter/01-setup/results/experiment.json", '"estimator":', '"estimator" :'),
    "an export": ("projects/newsletter/01-setup/exploration/look.html", "words", "other words"),
    "settings": ("mkdocs.yml", "site_name: ", "site_name: Our "),
}
"""A file, what is replaced in it once, and by what."""


def _pages(site: Site) -> dict[str, str]:
    """The digest of every file that a build wrote, except the search index's and the sitemap's dates."""
    return {
        path.relative_to(site.folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(site.folder.rglob("*"))
        if path.is_file() and path.name not in ("sitemap.xml", "sitemap.xml.gz")
    }


EDIT_MEANWHILE = """
from pathlib import Path

def on_nav(nav, **_):
    file = Path({file!r})
    text = file.read_text("utf-8")
    if "Meanwhile " not in text:
        file.write_text(text.replace("statement: ", "statement: Meanwhile ", 1), "utf-8")
"""


def test_edited_base_is_built_as_without_a_cache(
    base: Path, build: Callable[..., Site], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    export = base / EDITS["an export"][0]
    export.parent.mkdir()
    export.write_text("<title>A look</title><p>Some words</p>", "utf-8")
    report = base / EDITS["nothing"][0]
    (base / "edit.py").write_text(EDIT_MEANWHILE.format(file=str(report)), "utf-8")
    build(hooks=["edit.py"])  # the pages show the report as it was read, and are kept as such
    for name, (path, old, new) in EDITS.items():
        file = base / path
        text = file.read_text("utf-8")
        assert old in text, name
        file.write_text(text.replace(old, new, 1), "utf-8")
        warm = _pages(build())
        with monkeypatch.context() as patch:
            patch.setenv("XDG_CACHE_HOME", str(tmp_path / f"empty-{name}"))
            assert warm == _pages(build()), name


def test_removed_project_leaves_no_page(base: Path, build: Callable[..., Site]) -> None:
    before = _pages(build())
    shutil.rmtree(base / "projects/wine-labels")
    after = _pages(build())
    assert {path for path in before if "wine-labels" in path}
    assert not {path for path in after if "wine-labels" in path}


REMOVE_ALL = """
import sqlite3

def on_env(env, **_):
    with sqlite3.connect({file!r}) as connection:
        connection.execute("DELETE FROM pages")
"""


def test_second_build_renders_nothing(
    base: Path, build: Callable[..., Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also if other builds of the same base remove the entries before the pages are written."""
    before = _pages(build())
    monkeypatch.setattr("iterata.site.knowledge_site.render", _fail)
    (base / "remove_all.py").write_text(REMOVE_ALL.format(file=str(cache_file(base))), "utf-8")
    assert _pages(build(hooks=["remove_all.py"])) == before


def _fail(*_: object) -> str:
    raise AssertionError("a page was rendered")


def test_hooks_change_every_build(base: Path, build: Callable[..., Site]) -> None:
    for mark in ("one", "two"):
        hook = f"hook_{mark}.py"  # the host imports a file once in a process
        (base / hook).write_text(f"def on_post_page(output, **_):\n    return output + '{mark}'\n", "utf-8")
        assert build(hooks=[hook]).page("projects/newsletter/requirements").source.endswith(mark)


def test_damaged_cache_is_harmless(base: Path, build: Callable[..., Site]) -> None:
    before = _pages(build())
    file = cache_file(base)
    assert file.stat().st_size
    file.write_bytes(b"no database" * 1000)
    assert _pages(build()) == before


def test_damaged_entries_are_harmless(base: Path, build: Callable[..., Site]) -> None:
    before = _pages(build())
    with sqlite3.connect(cache_file(base)) as connection:
        connection.execute("UPDATE pages SET value = zeroblob(100)")
    assert _pages(build()) == before


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The file of a cache."""
    return tmp_path / "cache.sqlite"


def _build(file: Path, put: Mapping[str, str], get: tuple[str, ...] = ()) -> list[str | None]:
    cache = PageCache(file)
    for key, value in put.items():
        cache.put(key, value)
    found = [cache.get(key) for key in get]
    cache.save()
    cache.close()
    return found


def test_entries_without_use_are_removed(file: Path) -> None:
    _build(file, {"used": "x", "unused": "y"})
    for _ in range(3):
        assert _build(file, {"other": "z"}, ("used",)) == ["x"]
    assert _build(file, {}, ("unused", "other")) == [None, "z"]


def test_locked_cache_costs_no_build(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("iterata.site.page_cache.WAIT", 0.1)
    _build(file, {"a": "b"})
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    assert _build(file, {"c": "d"}, ("a",)) in (["b"], [None])
    other.close()


def test_file_that_is_damaged_inside_is_replaced(file: Path) -> None:
    _build(file, {str(number): os.urandom(200).hex() for number in range(500)})
    raw = file.read_bytes()
    file.write_bytes(raw[:4096] + os.urandom(len(raw) - 4096))
    _build(file, {"a": "b"}, ("400",))
    _build(file, {"a": "b"})
    assert _build(file, {}, ("a",)) == ["b"]


def test_served_site_writes_its_first_build_only(file: Path) -> None:
    served = PageCache(file)
    for value in ("first", "second", "third"):
        served.put(value, value)
        served.save_once()
    found = [served.get(value) for value in ("first", "second", "third")]
    served.close()
    assert found == ["first", "second", "third"]
    assert _build(file, {}, ("first", "second", "third")) == ["first", None, None]


def test_memory_of_nothing() -> None:
    cache = PageCache(None)
    cache.put("a", "b")
    assert cache.get("a") is None
    cache.save()


def test_served_site_follows_edits(base: Path) -> None:
    """Rebuilds of one process, as `mkdocs serve` makes them, show what a new process shows."""
    report = base / "projects/newsletter/01-setup/report.md"
    settled = time.time() - 60
    for file in (base / "projects").rglob("*"):
        os.utime(file, (settled, settled))
    served = _rebuilds(base)
    next(served)
    for statement in ("Nobody reads it on Mondays.", "Everybody reads it on Mondays."):
        text = re.sub(r"statement: .*", f"statement: {statement}", report.read_text("utf-8"), count=1)
        report.write_text(text, "utf-8")
        pages = next(served)
        assert statement in "".join(path.read_text("utf-8") for path in pages.rglob("*.html"))
        anew = {path: path.read_bytes() for path in pages.rglob("*.html")}
        next(_rebuilds(base))
        assert anew == {path: path.read_bytes() for path in pages.rglob("*.html")}


def _rebuilds(base: Path) -> Iterator[Path]:
    for number in count():
        config = load_config(str(base / "mkdocs.yml"))
        if number == 0:
            config.plugins.on_startup(command="serve", dirty=False)
        mkdocs_build(config)
        yield base / "site"
