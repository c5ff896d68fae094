"""The workflows of this repository, those that `init` writes, and those in docs/ci.md."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pytest
import yaml

from iterata.actions import init
from iterata.actions.init.table import BY_HOST, files_for
from iterata_cli.main import cli

from ..helpers.git import Git
from .conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator


TEMPLATES = ROOT / "core/iterata/actions/knowledge_base"
GITHUB = [file for file in files_for("github") if "/workflows/" in file.path]
WRITTEN = [TEMPLATES / file.template for file in GITHUB]
WRITTEN += [path.parent / "monorepo" / path.name for path in WRITTEN]
OURS = sorted((ROOT / ".github/workflows").glob("*.yml"))
ACTION = ROOT / ".github/actions/check/action.yml"

TOOLS = {
    "actionlint": ("actionlint",),
    "zizmor": ("zizmor", "--offline", "--persona", "pedantic", "--quiet", "--no-progress"),
}
BIN = Path(sys.executable).parent


def lint(tool: str, *paths: Path) -> tuple[int, str]:
    """The exit code and the output of a tool."""
    program, *options = TOOLS[tool]
    process = subprocess.run(
        [BIN / program, *options, *paths],
        env={**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"},  # actionlint calls shellcheck
        capture_output=True,
        text=True,
        check=False,
    )
    return process.returncode, process.stdout + process.stderr


def jobs(path: Path) -> dict[str, dict[str, Any]]:
    parsed: dict[str, dict[str, Any]] = yaml.safe_load(path.read_text("utf-8"))["jobs"]
    return parsed


def fenced(page: Path, language: str) -> list[str]:
    """The code blocks of a page in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("folder", [".", "teams/a b"])
@pytest.mark.parametrize("tool", TOOLS)
def test_workflows_that_init_writes_have_no_lint_errors(tool: str, folder: str, tmp_path: Path) -> None:
    """`make lint` checks the templates; this checks the files that `init` writes."""
    Git(tmp_path)
    init.init(tmp_path / folder, "Ours: all of it", "github")
    workflows = sorted((tmp_path / ".github/workflows").iterdir())
    assert len(workflows) == len(GITHUB)
    code, output = lint(tool, *workflows)
    assert code == 0, output


@pytest.mark.parametrize(
    ("tool", "right", "wrong", "output"),
    [
        ("actionlint", "github.base_ref", "github.base_rev", 'property "base_rev" is not defined'),
        ("actionlint", "needs: check", "needs: czech", "does not exist"),
        ("actionlint", '--base "$BASE"', "--base $BASE", "SC2086"),
        ("actionlint", "    branches: [main]", "    branch: [main]", 'unexpected key "branch"'),
        ("zizmor", '--base "$BASE" --format', "--base ${{ github.head_ref }} --format", "template-injection"),
        ("zizmor", "persist-credentials: false", "clean: true", "artipacked"),
        ("zizmor", "permissions: {}", "permissions: write-all", "excessive-permissions"),
        ("zizmor", "  pull_request:", "  pull_request_target:", "dangerous-triggers"),
    ],
)
def test_a_broken_workflow_has_lint_errors(
    tool: str, right: str, wrong: str, output: str, tmp_path: Path
) -> None:
    text = (TEMPLATES / "github/check.yml").read_text("utf-8")
    workflow = tmp_path / "iterata.yml"
    workflow.write_text(text.replace('${PULL_REQUEST:+--pull-request "$PULL_REQUEST"} ', ""), "utf-8")
    assert lint(tool, workflow)[0] == 0
    assert right in workflow.read_text("utf-8")
    workflow.write_text(workflow.read_text("utf-8").replace(right, wrong), "utf-8")
    code, errors = lint(tool, workflow)
    assert code != 0
    assert output in errors


def test_actions_are_pinned_to_one_commit_each() -> None:
    """The version is in a comment on the same line."""
    pages = [*OURS, *WRITTEN, ACTION, ROOT / "docs/ci.md"]
    used = [
        line
        for page in pages
        for line in re.findall(r"^\s*(?:- )?uses: (\S+@\S.*)", page.read_text("utf-8"), re.MULTILINE)
        if not line.startswith("iterata/")
    ]
    pinned = [re.fullmatch(r"(\S+)@([0-9a-f]{40}) # (v[0-9.]+)", line) for line in used]
    assert all(pinned), used
    versions = {match.groups() for match in pinned if match}
    assert len(versions) == len({name for name, *_ in versions})


@pytest.mark.parametrize("path", [*OURS, *WRITTEN], ids=lambda path: path.name)
def test_jobs_with_write_permission_run_no_code_of_the_repository(path: Path) -> None:
    """Such a job checks out nothing, installs nothing, and does not run for pull requests from forks."""
    assert yaml.safe_load(path.read_text("utf-8"))["permissions"] == {}
    for job in jobs(path).values():
        if "write" not in job.get("permissions", {}).values():
            continue
        steps = job["steps"]
        assert not [step for step in steps if "checkout" in step.get("uses", "")]
        scripts = "\n".join(step.get("run", "") for step in steps)
        assert not re.search(r"\b(pip|python|iterata|mkdocs|make)\s", scripts.replace("<!-- iterata", ""))
        assert "${{" not in scripts
        if "pull_request" in path.read_text("utf-8"):
            assert "head.repo.full_name == github.repository" in job["if"]


def commands() -> Iterator[str]:
    """Every `iterata` command in a workflow or in docs/ci.md."""
    texts = [script for path in WRITTEN for job in jobs(path).values() for script in _scripts(job)]
    texts += fenced(ROOT / "docs/ci.md", "(?:yaml|console)")
    texts = [re.sub(r'"?\S+/iterata/bin/python"? -I -m iterata_cli', "iterata", text) for text in texts]
    for text in texts:
        plain = re.sub(r'\$\{PULL_REQUEST:\+(.*?)"\$PULL_REQUEST"\}', r"\1o/r#1", text)
        plain = re.sub(r'"\$(?:since|until)"', "2026-11-23", plain)
        yield from re.findall(r"^(?:\$ | *(?:- )?)(iterata [a-z][^|>\n]*)", plain, re.MULTILINE)


def _scripts(job: dict[str, Any]) -> list[str]:
    return [step["run"] for step in job["steps"] if "run" in step]


@pytest.mark.parametrize("line", sorted(set(commands())))
def test_commands_in_workflows_are_valid(line: str) -> None:
    _, name, *words = line.split()
    command = cli.get_command(click.Context(cli), name)
    assert command is not None, f"there is no iterata {name}"
    command.make_context(name, [word.strip('"') for word in words])


def test_ci_page_lists_every_workflow() -> None:
    page = (ROOT / "docs/ci.md").read_text("utf-8")
    assert not [path for file in GITHUB for path in (file.path, file.monorepo_path) if path not in page]


def test_ci_page_names_what_init_writes_for_other_hosts() -> None:
    page = (ROOT / "docs/ci.md").read_text("utf-8")
    others = {file.path for host in ("gitlab", "forgejo") for file in BY_HOST[host]}
    assert not [path for path in others if "pull_request_template" not in path and path not in page]


def test_pre_commit_configuration_on_the_page_is_the_template() -> None:
    template = (TEMPLATES / "pre-commit-config.yaml").read_text("utf-8")
    assert yaml.safe_load(template) in [
        yaml.safe_load(block) for block in fenced(ROOT / "docs/ci.md", "yaml")
    ]


def test_steps_with_the_action_on_the_page_have_no_lint_errors(tmp_path: Path) -> None:
    (shown,) = [block for block in fenced(ROOT / "docs/ci.md", "yaml") if "actions/check@" in block]
    indented = "".join(f"    {line}\n" for line in shown.replace("<commit>", "0" * 40).splitlines())
    workflow = tmp_path / "check.yml"
    workflow.write_text(f"on: pull_request\njobs:\n  check:\n    runs-on: ubuntu-latest\n{indented}", "utf-8")
    code, output = lint("actionlint", workflow)
    assert code == 0, output
    steps = jobs(workflow)["check"]["steps"]
    inputs = yaml.safe_load(ACTION.read_text("utf-8"))["inputs"]
    assert set(steps[-1].get("with", {})) <= set(inputs)


def test_iterata_is_installed_from_a_named_version_or_commit_only(tracked: tuple[Path, ...]) -> None:
    """An unpinned name installs whatever a package index has under it."""
    unpinned = re.compile(
        r"pip install [^\n`]*?(?<![/.\w-])'?iterata(?:\[[\w,]+\])?'?(?=[\s`'\"]|$)", re.MULTILINE
    )
    shown = [
        path for path in tracked if path.parts[0] in {"core", "cli", "plugin", "docs", ".github", "README.md"}
    ]
    texts = {path: (ROOT / path).read_text("utf-8", "replace") for path in shown if path.suffix != ".png"}
    assert [path.as_posix() for path, text in texts.items() if unpinned.search(text)] == []
    assert unpinned.search("run: pip install --quiet iterata\n")
    assert unpinned.search("`pip install 'iterata[sql]'`")
    assert not unpinned.search("pip install iterata==1.0\npip install PATH/TO/YOUR/CLONE/OF/iterata\n")
