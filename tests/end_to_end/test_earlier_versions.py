"""Knowledge bases of earlier versions: this version reads, upgrades, checks and builds them."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from mkdocs.commands.build import build
from mkdocs.config import load_config

from iterata import __version__

from ..helpers.command_line import CommandLine
from ..helpers.git import Git

GOLDEN = Path(__file__).resolve().parents[1] / "golden_bases"
VERSIONS = sorted(path.parent.name for path in GOLDEN.glob("*/mkdocs.yml"))
OLDEST = "0.1.0.dev400"
INSTALL = re.compile(rb" +if ! \{ \S+python\" -I -m iterata_cli doctor(?:.*\n){4}")
"""What installs the tested versions, which earlier workflows lack."""
BUILD = re.compile(rb" +build\(\) \{(?:.*\n)+?          \}\n|build (?=\"\$environment)")
"""What builds with Zensical as well, which they lack, too."""
MKDOCS = (b'python" "$RUNNER_TEMP', b'python" -I -m mkdocs build --strict --site-dir "$RUNNER_TEMP')
REPORT = "projects/caravan-policies/01-setup/report.md"


class Base:
    """A knowledge base of an earlier version, in a repository with one commit."""

    def __init__(self, root: Path, version: str) -> None:
        shutil.copytree(GOLDEN / version, root)
        self.root, self.git, self.iterata = root, Git(root), CommandLine(root)
        self.git.commit()

    def files(self) -> dict[str, bytes]:
        """Every file of the projects."""
        return {str(path): path.read_bytes() for path in self.root.glob("projects/**/*") if path.is_file()}

    def append(self, path: str, text: str) -> None:
        """Somebody writes at the end of a file."""
        with (self.root / path).open("a", encoding="utf-8") as file:
            file.write(text)

    def build(self) -> str:
        """The page of the report on the site."""
        build(load_config(str(self.root / "mkdocs.yml"), site_dir=str(self.root / "site")))
        return (self.root / "site" / REPORT.replace(".md", "/index.html")).read_text("utf-8")


@pytest.fixture
def old(tmp_path: Path) -> Base:
    """The oldest one, whose tables are rendered in another way today."""
    return Base(tmp_path / "base", OLDEST)


def test_current_version_is_kept() -> None:
    """Each release adds one: `python tests/golden_bases/add.py VERSION`."""
    assert __version__ in VERSIONS


@pytest.mark.parametrize("version", VERSIONS)
def test_upgrade_of_an_earlier_version_passes_all_checks(tmp_path: Path, version: str) -> None:
    old = Base(tmp_path / "base", version)
    results = {path: content for path, content in old.files().items() if path.endswith(".json")}
    old.iterata("status").fine()
    assert "<table" in old.build()
    old.iterata("upgrade").fine()
    old.iterata("upgrade", "--check").fine()
    old.iterata("check").fine()
    old.git.commit()
    old.iterata("check", "--base", "HEAD~1").fine()
    old.iterata("summary", "--base", "HEAD~1").fine()
    assert {path: old.files()[path] for path in results} == results
    assert f"requires: iterata>={__version__}" in (old.root / "mkdocs.yml").read_text("utf-8")


def test_upgrade_only_lists_with_check(old: Base) -> None:
    before, settings = old.files(), (old.root / "mkdocs.yml").read_bytes()
    assert old.iterata("upgrade", "--check").code == 1
    assert (old.files(), (old.root / "mkdocs.yml").read_bytes()) == (before, settings)


def test_upgrade_writes_the_unedited_files_of_init_again(old: Base) -> None:
    page, ignored = old.root / "docs/index.md", old.root / ".gitignore"
    ignored.write_text(ignored.read_text("utf-8") + "ours/\n", "utf-8")
    old.git.commit()
    before = ignored.read_bytes()
    done = old.iterata("upgrade").fine()
    assert page.read_text("utf-8").startswith("# Base\n")
    assert "exploration/" in page.read_text("utf-8")
    assert ignored.read_bytes() == before
    assert "git diff --no-index .gitignore /" in done.err


def test_upgrade_writes_unedited_workflows_at_the_top_again(tmp_path: Path) -> None:
    """Two knowledge bases share them. The line break at the end of the file is the earlier text's."""
    top, base = Git(tmp_path), tmp_path / "teams/a"
    CommandLine(tmp_path)("init", "teams/a").fine()
    site, monitors = (tmp_path / f".github/workflows/iterata-{name}.yml" for name in ("site", "monitors"))
    current = site.read_bytes()
    site.write_bytes(BUILD.sub(b"", INSTALL.sub(b"", current)).replace(*MKDOCS))
    monitors.write_bytes(INSTALL.sub(b"", monitors.read_bytes()) + b"# ours\n")
    top.commit()
    done = CommandLine(base)("upgrade", "--check", "--format", "json")
    listed = {name: [step["path"] for step in steps] for name, steps in _steps(done.out).items()}
    assert done.code == 1
    assert listed["changes"] == ["../../.github/workflows/iterata-site.yml"]
    assert listed["kept"] == ["../../.github/workflows/iterata-monitors.yml"]
    CommandLine(base)("upgrade").fine()
    assert site.read_bytes() == current
    assert monitors.read_bytes().endswith(b"# ours\n")
    CommandLine(base)("upgrade", "--check").fine()


def _steps(output: str) -> dict[str, list[dict[str, str]]]:
    found = json.loads(output)
    return {name: found[name] for name in ("changes", "kept")}


def test_upgrade_writes_nothing_over_uncommitted_changes(old: Base) -> None:
    old.append(REPORT, "\nAn edit.\n")
    before = old.files()
    assert old.iterata("upgrade").code == 1
    assert old.files() == before
    old.git.commit()
    old.iterata("upgrade").fine()
    assert (old.root / REPORT).read_text("utf-8").endswith("An edit.\n")


def test_upgrade_ignores_uncommitted_changes_of_other_files(old: Base) -> None:
    other = "projects/retention/requirements.md"
    old.append(other, "\nAn edit.\n")
    old.iterata("upgrade").fine()
    assert (old.root / other).read_text("utf-8").endswith("An edit.\n")


def test_upgrade_renames_keys_of_drafts_only(old: Base) -> None:
    draft, agreed = (
        old.root / f"projects/{name}/01-setup/assessment.md" for name in ("retention", "caravan-policies")
    )
    for path in (draft, agreed):
        path.write_text(path.read_text("utf-8").replace("\nlift:", "\ndespite: a reason\nlift:", 1), "utf-8")
    old.git.commit()
    old.iterata("upgrade").fine()
    assert "\noverride_reason: a reason\n" in draft.read_text("utf-8")
    assert "\ndespite: a reason\n" in agreed.read_text("utf-8")


@pytest.mark.parametrize(
    "entry",
    ["- iterata", "- iterata:", "- iterata:\n    dates: false", "- iterata: # ours\n      dates: false"],
)
def test_upgrade_requires_this_version_in_any_layout(old: Base, entry: str) -> None:
    place = old.root / "mkdocs.yml"
    place.write_text(f"site_name: x\nplugins:\n- search\n{entry}\n", "utf-8")
    old.git.commit()
    old.iterata("upgrade").fine()
    text = place.read_text("utf-8")
    assert f"requires: iterata>={__version__}" in text
    assert ("dates: false" in text) == ("dates" in entry)
    old.iterata("upgrade", "--check").fine()


def test_upgrade_keeps_line_breaks_and_names(old: Base) -> None:
    pages = [old.root / "mkdocs.yml", *old.root.glob("projects/*/*/*.md")]
    for path in pages:
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    (old.root / "mkdocs.yml").rename(old.root / "mkdocs.yaml")
    pages[0] = old.root / "mkdocs.yaml"
    old.git.commit()
    old.iterata("upgrade").fine()
    assert not any(b"\n" in path.read_bytes().replace(b"\r\n", b"") for path in pages)
    assert f"requires: iterata>={__version__}\r\n".encode() in pages[0].read_bytes()
    old.iterata("upgrade", "--check").fine()


def test_upgrade_edits_no_text_that_looks_like_the_entry(old: Base) -> None:
    place = old.root / "mkdocs.yml"
    place.write_text("site_name: |\n  - iterata\n  x\nplugins: [search, iterata]\n", "utf-8")
    before = place.read_text("utf-8")
    old.git.commit()
    assert "mkdocs.yml" in old.iterata("upgrade").fine().err
    assert place.read_text("utf-8") == before


@pytest.mark.parametrize("entry", ["{dates: false}", "\n      requires: iterata>=0.0.1,<99"])
def test_upgrade_leaves_what_a_person_must_decide(old: Base, entry: str) -> None:
    place = old.root / "mkdocs.yml"
    place.write_text(f"site_name: x\nplugins:\n  - iterata: {entry}\n", "utf-8")
    old.git.commit()
    assert "mkdocs.yml" in old.iterata("upgrade").fine().err
    assert place.read_text("utf-8").endswith(f"{entry}\n")
