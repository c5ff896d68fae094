"""Templates are compiled once per machine; an environment never gets a template that another one compiled."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING

import pytest
from jinja2 import DictLoader, Environment

from iterata.site.template_cache import cache_compiled_templates

if TYPE_CHECKING:
    from pathlib import Path

PAGE = "{% if it %}\n{{ it }}\n{% endif %}"


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for temporary files, one per test."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def rendered(page: str = PAGE, **options: bool) -> str:
    """The page as a new environment renders it."""
    environment = Environment(loader=DictLoader({"page": page}), autoescape=True, **options)  # type: ignore[arg-type]
    cache_compiled_templates(environment)
    return environment.get_template("page").render(it="<b>")


def test_compiled_template_is_reused(temporary: Path) -> None:
    first = rendered()
    cache_files = sorted(temporary.rglob("*.cache"))
    assert len(cache_files) == 1
    modified = cache_files[0].stat().st_mtime_ns
    assert rendered() == first
    assert cache_files[0].stat().st_mtime_ns == modified, "it was compiled once more"


def test_edited_template_is_compiled_again() -> None:
    assert rendered("one") == "one"
    assert rendered("two") == "two"


def test_other_options_have_their_own_compiled_templates() -> None:
    assert rendered() == "\n&lt;b&gt;\n"
    assert rendered(trim_blocks=True) == "&lt;b&gt;\n"


def test_damaged_cache_file_is_ignored(temporary: Path) -> None:
    first = rendered()
    next(temporary.rglob("*.cache")).write_bytes(b"j2")
    assert rendered() == first


def test_templates_compile_without_a_safe_folder(temporary: Path) -> None:
    first = rendered()
    folder = next(temporary.rglob("*.cache")).parent
    folder.rename(temporary / "moved")
    folder.write_text("in the way")
    assert rendered() == first
