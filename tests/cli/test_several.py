"""Several knowledge bases in one repository: `-C`, `--all`, paths of several, submodules."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from ..helpers.command_line import CommandLine
from ..helpers.git import Git
from ..helpers.knowledge_base import MKDOCS, KnowledgeBase

if TYPE_CHECKING:
    from pathlib import Path

GROWN = """
    churn
      requirements: approved
      01-setup
        assessment: approved
        lift.json
        proposal: approved
        experiment: completed
        experiment.json
        report: approved
"""


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two good knowledge bases, one with a wrong option, and a site of something else."""
    top = tmp_path_factory.mktemp("several")
    git = Git(top)
    for folder in ("a", "teams/b c"):
        KnowledgeBase(top / folder).grow(GROWN)
    KnowledgeBase(top / "broken").write("mkdocs.yml", "plugins: [iterata: {projects_di: x}]\n")
    (top / "docs").mkdir()
    (top / "docs/mkdocs.yml").write_text("site_name: about iterata\n", "utf-8")
    git.commit()
    return top


@pytest.fixture
def top(repository: Path) -> CommandLine:
    return CommandLine(repository)


def data(text: str) -> Any:
    return json.loads(text)


class TestDirectory:
    @pytest.mark.parametrize(
        "options",
        [("-C", "a"), ("-C", "teams", "-C", "../a"), ("-C", "", "-C", "a/projects/churn"), ("-Ca",)],
        ids=" ".join,
    )
    def test_a_command_runs_there(self, top: CommandLine, options: tuple[str, ...]) -> None:
        assert data(top(*options, "status", "--format", "json").fine().out)["iterations"][0]["ref"]

    def test_paths_are_relative_to_it(self, top: CommandLine) -> None:
        top("-C", "a/projects", "check", "churn/requirements.md").fine()
        assert top("-C", "a", "check", "a/projects").code == 1

    @pytest.mark.parametrize("folder", ["nowhere", "a/mkdocs.yml"])
    def test_a_folder_that_does_not_exist_is_wrong_usage(self, top: CommandLine, folder: str) -> None:
        assert top("-C", folder, "status").code == 2

    def test_it_writes_there(self, tmp_path: Path) -> None:
        (tmp_path / "base").mkdir()
        CommandLine(tmp_path)("-C", "base", "init").fine()
        assert (tmp_path / "base/mkdocs.yml").is_file()


@pytest.mark.parametrize("command", ["status", "check"])
@pytest.mark.parametrize("where", [".", "teams", "docs"])
def test_outside_a_knowledge_base_those_below_are_named(repository: Path, command: str, where: str) -> None:
    done = CommandLine(repository / where)(command)
    assert done.code == 1
    assert ("iterata -C" in done.err) == (where != "docs")
    assert ("b c" in done.err) == (where != "docs")


class TestAllBoards:
    def test_one_broken_knowledge_base_hides_nothing(self, top: CommandLine) -> None:
        done = top("status", "--all", "--format", "json")
        assert done.code == 1
        bases = {base["folder"]: base for base in data(done.out)["knowledge_bases"]}
        assert list(bases) == ["a", "broken", "teams/b c"]
        assert bases["broken"]["error"]["where"].startswith("mkdocs.yml")
        for folder in ("a", "teams/b c"):
            assert bases[folder]["error"] is None
            assert [row["ref"] for row in bases[folder]["iterations"]] == ["churn/01-setup"]
            assert bases[folder]["findings"][0]["key"] == "churn/01-setup#F1"
        assert done.err.count("fix: ") == 1
        assert "broken/mkdocs.yml" in done.err

    def test_commands_work_where_they_are_shown(self, repository: Path, tmp_path: Path) -> None:
        base = KnowledgeBase(tmp_path / "x y")
        base.grow("tides\n  requirements: approved\n")
        Git(tmp_path).commit()
        top = CommandLine(tmp_path)
        (board,) = data(top("status", "--all", "--format", "json").fine().out)["knowledge_bases"]
        assert board["iterations"][0]["command"].startswith("iterata -C 'x y' new iteration")
        inside = CommandLine(tmp_path / "x y/projects")
        (board,) = data(inside("status", "--all", "--format", "json").fine().out)["knowledge_bases"]
        assert board["iterations"][0]["command"].startswith("iterata -C .. new iteration")

    def test_a_table_names_the_knowledge_base(self, top: CommandLine) -> None:
        out = top("status", "--all").out
        assert len([line for line in out.splitlines() if line.startswith(("a  ", "teams/b c  "))]) == 2

    @pytest.mark.parametrize("command", ["status", "check"])
    def test_outside_git_there_is_no_index(self, tmp_path: Path, command: str) -> None:
        KnowledgeBase(tmp_path / "a")
        done = CommandLine(tmp_path)(command, "--all")
        assert done.code == 1
        assert "Git" in done.err

    def test_what_git_does_not_track_is_not_shown(self, tmp_path: Path) -> None:
        Git(tmp_path)
        KnowledgeBase(tmp_path / "a")
        assert CommandLine(tmp_path)("status", "--all").code == 1


class TestCheckOfSeveral:
    @pytest.fixture
    def faulty(self, tmp_path: Path) -> Path:
        git = Git(tmp_path)
        for folder in ("a", "teams/b"):
            KnowledgeBase(tmp_path / folder).grow("churn\n  requirements: approved\n")
        git.commit()
        KnowledgeBase(tmp_path / "teams/b").write("projects/churn/requirements.md", "# Churn\n")
        return tmp_path

    @pytest.mark.parametrize(
        "options",
        [
            ("--all",),
            ("--all", "--base", "HEAD"),
            ("a/projects/churn/requirements.md", "teams/b/projects/churn/requirements.md"),
            ("teams/b",),
        ],
        ids=" ".join,
    )
    def test_places_are_from_the_top(self, faulty: Path, options: tuple[str, ...]) -> None:
        done = CommandLine(faulty)("check", *options, "--format", "json")
        assert done.code == 1
        problems = data(done.out)["problems"]
        assert {problem["path"] for problem in problems} == {"teams/b/projects/churn/requirements.md"}

    @pytest.mark.parametrize("format_", ["github", "sarif", "text"])
    def test_every_format_has_them(self, faulty: Path, format_: str) -> None:
        inside = CommandLine(faulty / "a")
        done = inside("check", "--all", "--format", format_)
        assert done.code == 1
        assert "teams/b/projects/churn/requirements.md" in done.out

    def test_paths_within_one_are_as_before(self, faulty: Path) -> None:
        inside = CommandLine(faulty / "teams/b")
        problems = data(inside("check", "projects/churn", "--format", "json").out)["problems"]
        assert {problem["path"] for problem in problems} == {"projects/churn/requirements.md"}

    def test_all_cannot_be_limited_to_a_path(self, faulty: Path) -> None:
        assert CommandLine(faulty)("check", "--all", "a").code == 2


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone of a knowledge base with a project that is a submodule, without its files."""
    place = tmp_path_factory.mktemp("submodule")
    KnowledgeBase(place / "other").grow(GROWN)
    other = Git(place / "other/projects/churn")
    other.commit()
    base = KnowledgeBase(place / "base").grow("tides\n  requirements\n")
    git = Git(place / "base")
    allow = ("-c", "protocol.file.allow=always")
    git(*allow, "submodule", "--quiet", "add", str(other.root), "projects/churn")
    git.commit()
    git("clone", "--quiet", str(base.root), str(place / "clone"))
    return place / "clone"


class TestSubmodule:
    def test_without_its_files_every_command_says_how_to_get_them(self, clone: Path) -> None:
        iterata = CommandLine(clone)
        update = "git submodule update --init projects/churn"
        done = iterata("check", "--format", "json")
        (problem,) = [entry for entry in data(done.out)["problems"] if entry["code"].startswith("TREE")]
        assert (done.code, problem["code"], problem["path"]) == (1, "TREE017", "projects/churn")
        assert update in problem["remedy"]
        rows = data(iterata("status", "--format", "json").fine().out)["iterations"]
        assert rows[0]["command"] == update
        for name in ("churn/01", "projects/churn/01-setup"):
            refused = iterata("run", name)
            assert refused.code == 1
            assert update in refused.err
        inside = CommandLine(clone / "projects")
        assert "git submodule update --init" in inside("run", "churn/01").err

    def test_with_its_files_it_is_read_and_not_run(self, clone: Path) -> None:
        base = clone.parent / "base"
        iterata = CommandLine(base)
        done = iterata("check", "--format", "json").fine()
        (problem,) = [entry for entry in data(done.out)["problems"] if entry["code"].startswith("TREE")]
        assert (problem["code"], problem["severity"]) == ("TREE017", "warning")
        refused = iterata("run", "churn/01")
        assert refused.code == 1
        assert "projects/churn" in refused.err
        assert not list(base.glob("projects/churn/01-setup/results/*.tmp"))

    def test_a_comparison_names_it(self, clone: Path) -> None:
        base = clone.parent / "base"
        git = Git(base, init=False)
        git("switch", "--quiet", "--create", "bump")
        git("-C", "projects/churn", "commit", "--quiet", "--allow-empty", "--message", "more")
        git.commit()
        done = CommandLine(base)("check", "--base", "main", "--format", "json")
        codes = {(problem["code"], problem["path"]) for problem in data(done.out)["problems"]}
        assert ("TREE006", "projects/churn") in codes
        git("switch", "--quiet", "--force", "main")

    def test_a_knowledge_base_that_is_one_is_left_out_and_said(self, clone: Path) -> None:
        place = clone.parent / "portal"
        KnowledgeBase(place / "own").write("mkdocs.yml", MKDOCS)
        git = Git(place)
        allow = ("-c", "protocol.file.allow=always")
        git(*allow, "submodule", "--quiet", "add", str(clone.parent / "base"), "team")
        git.commit()
        done = CommandLine(place)("status", "--all")
        assert "iterata -C team status --all" in done.err
        git("submodule", "--quiet", "deinit", "--force", "team")
        assert "git submodule update --init team" in CommandLine(place)("status", "--all").err
        assert not list((place / "team").iterdir())
