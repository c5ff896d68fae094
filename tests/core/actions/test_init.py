"""`init` in a larger repository: what it writes where, and what existing files gain."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import pytest
import yaml

from iterata.actions.init import init, likely_host, superproject
from iterata.actions.init.merge import NotMergeable, merged
from iterata.actions.init.table import HOSTS, files_for, host_of
from iterata.errors import IterataError
from iterata.repository import config as configuration
from iterata.repository import zensical

from ...helpers.command_line import CommandLine
from ...helpers.git import Git

if TYPE_CHECKING:
    from pathlib import Path

    from iterata.actions.init.table import Host, Merge

FOLDER = "teams/a b"


@pytest.fixture
def top(tmp_path: Path) -> Path:
    Git(tmp_path)
    return tmp_path


def files(root: Path) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): path.read_text("utf-8")
        for path in root.rglob("*")
        if path.is_file() and ".git" not in path.relative_to(root).parts
    }


@pytest.mark.parametrize("host", HOSTS)
def test_each_file_is_where_it_is_read(top: Path, host: Host) -> None:
    init(top / FOLDER, "Ours", host)
    written = files(top)
    assert f"{FOLDER}/mkdocs.yml" in written
    for file in files_for(host):
        path = file.monorepo_path or file.path
        assert (path if file.place == "top" else f"{FOLDER}/{path}") in written
    assert not [text for text in written.values() if "{folder}" in text or "{name}" in text]


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("folder", [".", FOLDER])
def test_again_changes_nothing(top: Path, host: Host, folder: str) -> None:
    init(top / folder, "Ours", host)
    before = files(top)
    assert {file.state for file in init(top / folder, "Other", host)} == {"kept"}
    assert files(top) == before


@pytest.mark.parametrize("folder", [".", FOLDER])
def test_a_site_of_zensical_gets_its_settings(top: Path, folder: str) -> None:
    init(top / folder, 'Ours: "all"', "github", "zensical")
    settings = tomllib.loads((top / folder / "zensical.toml").read_text("utf-8"))["project"]
    assert (settings["site_name"], settings["docs_dir"]) == ('Ours: "all"', zensical.FOLDER)
    lines = (top / folder / ".gitignore").read_text("utf-8").splitlines()
    assert f"/{zensical.FOLDER}/" in lines
    assert configuration.load(top / folder).settings.required_roles
    assert "zensical" in (top / folder / "requirements.txt").read_text("utf-8")
    assert zensical.advice(top / folder) is None
    before = files(top)
    assert {file.state for file in init(top / folder, "Ours", "github")} == {"kept"}  # it is remembered
    assert files(top) == before


def test_settings_of_zensical_that_name_another_folder_are_kept_and_told(top: Path) -> None:
    (top / "zensical.toml").write_text('[project]\ndocs_dir = "docs"\n', "utf-8")
    done = CommandLine(top)("init").fine()
    assert "docs_dir" in done.err
    assert "zensical serve" in done.err
    assert (top / "zensical.toml").read_text("utf-8") == '[project]\ndocs_dir = "docs"\n'


def test_owners_hooks_and_updates_are_those_of_the_folder(top: Path) -> None:
    init(top / FOLDER, "Ours", "github")
    written = files(top)
    assert "\n/teams/a\\ b/projects/**/report.md " in written[".github/CODEOWNERS"]
    (entry,) = yaml.safe_load(written[".pre-commit-config.yaml"])["repos"]
    assert entry["hooks"][0]["files"].startswith("^teams/a\\ b/projects/")
    folders = [update["directory"] for update in yaml.safe_load(written[".github/dependabot.yml"])["updates"]]
    assert folders == ["/", f"/{FOLDER}"]


def test_outside_git_everything_is_in_the_folder(tmp_path: Path) -> None:
    init(tmp_path / "base", "Ours", "github")
    assert (tmp_path / "base/.github/workflows/iterata.yml").is_file()


def test_workflow_of_somebody_else_keeps_its_name(top: Path) -> None:
    place = top / ".github/workflows/site.yml"
    place.parent.mkdir(parents=True)
    place.write_text("on: push\n", "utf-8")
    init(top, "Ours", "github")
    assert place.read_text("utf-8") == "on: push\n"
    assert "mkdocs build" in (place.parent / "iterata-site.yml").read_text("utf-8")


def test_workflow_for_the_top_only_is_named(top: Path) -> None:
    init(top, "Ours", "github")
    notes = {file.path.name: file.note for file in init(top / FOLDER, "Theirs", "github") if file.note}
    assert set(notes) == {
        "iterata.yml",
        "iterata-reviews.yml",
        "iterata-site.yml",
        "iterata-monitors.yml",
        "iterata-digest.yml",
        "iterata-verify.yml",
    }
    assert "remove .github/workflows/site.yml" in notes["iterata-site.yml"]


@pytest.mark.parametrize("path", ["CODEOWNERS", "docs/CODEOWNERS"])
def test_codeowners_in_another_place_gains_the_lines(top: Path, path: str) -> None:
    """A new file in .github would take the place of the team's."""
    (top / "docs").mkdir()
    (top / path).write_text("* @everybody\n/.github/ @platform", "utf-8")
    init(top / FOLDER, "Ours", "github")
    assert not (top / ".github/CODEOWNERS").exists()
    lines = (top / path).read_text("utf-8").splitlines()
    assert lines[:2] == ["* @everybody", "/.github/ @platform"]
    assert not [line for line in lines[2:] if line.startswith(("*", "/.github/"))]


def test_submodule_without_files_is_refused(top: Path) -> None:
    (top / ".gitmodules").write_text('[submodule "a"]\n\tpath = teams/a\n', "utf-8")
    with pytest.raises(IterataError) as refused:
        init(top / "teams/a", "Ours", "github")
    assert "git submodule update --init teams/a" in refused.value.remedy
    assert set(files(top)) == {".gitmodules"}
    assert superproject(top) == ""


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("git@github.com:o/r.git", "github"),
        ("https://gitlab.example.org/o/r", "gitlab"),
        ("https://codeberg.org/o/r", "forgejo"),
        ("ssh://git@gitea.intern:22/o/r", "forgejo"),
        ("git@github.com:o/gitlab-tools.git", "github"),
        ("https://git.example.org/gitlab/r", None),
        ("/srv/gitlab/r.git", None),
        ("", None),
    ],
)
def test_host_of_a_remote(url: str, host: str | None) -> None:
    assert host_of(url) == host


@pytest.mark.parametrize(
    ("name", "host"), [(".gitlab-ci.yml", "gitlab"), (".gitea/x", "forgejo"), ("a", "github")]
)
def test_without_a_remote_the_files_that_are_there_tell_the_host(top: Path, name: str, host: str) -> None:
    (top / name).parent.mkdir(exist_ok=True)
    (top / name).touch()
    assert likely_host(top) == host


HOOKS = "repos:\n  - repo: local\n    hooks:\n      - {id: iterata-check, files: '^a/projects/.*'}\n"
UPDATES = "version: 2\nupdates:\n  - package-ecosystem: pip\n    directory: /a\n"


class TestMerged:
    @pytest.mark.parametrize(
        ("how", "existing", "template"),
        [
            ("keep", "anything", "else"),
            ("lines", "/site/\n.venv\n", ".venv\n"),
            ("lines", "/site/", "# comment\n\n/site/\n"),
            ("owners", "/a/ @x", "/a/ @y\n"),
            ("owners", "* @x\n/.github/ @x\n", "* @y\n/.github/workflows/iterata*.yml @y\n"),
            ("mention", "we use iterata\n", "## Iterations\n"),
            ("yaml", "repos:\n- repo: local\n  hooks: [{id: iterata-check}]\n", HOOKS),
            ("yaml", "updates: [{package-ecosystem: pip, directories: ['/*']}]\n", UPDATES),
        ],
    )
    def test_nothing_is_missing(self, how: Merge, existing: str, template: str) -> None:
        assert merged(how, existing, template) == existing

    @pytest.mark.parametrize("line_break", ["\n", "\r\n"])
    @pytest.mark.parametrize(
        ("how", "existing", "template", "expected"),
        [
            ("lines", "/site/\n# mine\n", "a\n/site/\nb\n", "a\n/site/\n# mine\nb\n"),
            ("owners", "/a/x @me\n", "/a/ @y\n/a/x @y\n", "/a/ @y\n/a/x @me\n"),
            ("mention", "# Ours\n", "`iterata check`\n", "# Ours\n\n`iterata check`\n"),
            (
                "yaml",
                "updates:\n- package-ecosystem: npm # mine\n  directory: /\n\n# the end\nversion: 2\n",
                UPDATES,
                "updates:\n- package-ecosystem: npm # mine\n  directory: /\n"
                "- package-ecosystem: pip\n  directory: /a\n\n# the end\nversion: 2\n",
            ),
            (
                "yaml",
                "# only this\nversion: 2\n",
                UPDATES,
                "# only this\nversion: 2\nupdates:\n  - package-ecosystem: pip\n    directory: /a\n",
            ),
            (
                "yaml",
                "updates:\n  - package-ecosystem: |\n      npm\n",
                UPDATES,
                "updates:\n  - package-ecosystem: |\n      npm\n"
                "  - package-ecosystem: pip\n    directory: /a\n",
            ),
        ],
    )
    def test_what_is_missing_is_added(
        self, how: Merge, existing: str, template: str, expected: str, line_break: str
    ) -> None:
        text = merged(how, existing.replace("\n", line_break), template)
        assert text == expected.replace("\n", line_break)
        assert merged(how, text, template) == text

    @pytest.mark.parametrize(
        "existing", ["repos: [{repo: x}]\n", "repos: 3\n", "- a\n", "a: [\n", "repos: []\n"]
    )
    def test_other_layouts_are_not_edited(self, existing: str) -> None:
        with pytest.raises(NotMergeable):
            merged("yaml", existing, HOOKS)
