"""What code hosts are told to do: our workflows, those that `init` writes, those on its page."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pytest
import yaml
from jsonschema.validators import validator_for

from iterata.actions import init
from iterata_cli.main import cli

from .conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema.protocols import Validator

TEMPLATES = ROOT / "core/iterata/actions/knowledge_base"
WRITTEN = [TEMPLATES / name for name, place in init.FILES.items() if "/workflows/" in place]
OURS = sorted((ROOT / ".github/workflows").glob("*.yml"))
ACTION = ROOT / ".github/actions/check/action.yml"

TOOLS = {
    "actionlint": ("actionlint",),
    "zizmor": ("zizmor", "--offline", "--persona", "pedantic", "--quiet", "--no-progress"),
}
BIN = Path(sys.executable).parent


def of_gitlab() -> Validator:
    """What GitLab's schema says; the program that brings it wants a newer click than iterata does."""
    found = find_spec("check_jsonschema")
    assert found is not None
    package = Path(str(found.origin)).parent
    schema = json.loads((package / "builtin_schemas/vendor/gitlab-ci.json").read_text("utf-8"))
    judge: Validator = validator_for(schema)(schema)
    return judge


def judged(tool: str, *paths: Path) -> tuple[int, str]:
    """How a tool ends, and all it says."""
    program, *options = TOOLS[tool]
    done = subprocess.run(
        [BIN / program, *options, *paths],
        env={**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"},  # actionlint calls shellcheck
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def jobs(path: Path) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load(path.read_text("utf-8"))["jobs"]
    return found


def fenced(page: Path, language: str) -> list[str]:
    """The blocks of code on a page."""
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("tool", TOOLS)
def test_the_workflows_of_a_new_knowledge_base_are_sound(tool: str, tmp_path: Path) -> None:
    """`make lint` judges the templates; this is what really arrives."""
    init.init(tmp_path, "Ours: all of it")
    written = sorted((tmp_path / ".github/workflows").iterdir())
    assert len(written) == len(WRITTEN)
    code, said = judged(tool, *written)
    assert code == 0, said


@pytest.mark.parametrize(
    ("tool", "right", "wrong", "said"),
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
def test_a_spoilt_workflow_is_refused(tool: str, right: str, wrong: str, said: str, tmp_path: Path) -> None:
    text = (TEMPLATES / "check.yml").read_text("utf-8")
    spoilt = tmp_path / "iterata.yml"
    spoilt.write_text(text.replace('${PULL_REQUEST:+--pull-request "$PULL_REQUEST"} ', ""), "utf-8")
    assert judged(tool, spoilt)[0] == 0
    assert right in spoilt.read_text("utf-8")
    spoilt.write_text(spoilt.read_text("utf-8").replace(right, wrong), "utf-8")
    code, found = judged(tool, spoilt)
    assert code != 0
    assert said in found


def test_an_action_is_of_one_version_everywhere() -> None:
    """And each is pinned by commit, with its version said beside it."""
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
def test_whoever_may_write_runs_nothing_of_the_repository(path: Path) -> None:
    """A job with rights checks nothing out, installs nothing, and never runs on what a stranger proposes."""
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
    """Every `iterata ...` that a workflow or the page about code hosts tells a machine to run."""
    texts = [script for path in WRITTEN for job in jobs(path).values() for script in _scripts(job)]
    texts += fenced(ROOT / "docs/ci.md", "(?:yaml|console)")
    for text in texts:
        plain = re.sub(r'\$\{PULL_REQUEST:\+(.*?)"\$PULL_REQUEST"\}', r"\1o/r#1", text)
        yield from re.findall(r"^(?:\$ | *(?:- )?)(iterata [a-z][^|>\n]*)", plain, re.MULTILINE)


def _scripts(job: dict[str, Any]) -> list[str]:
    return [step["run"] for step in job["steps"] if "run" in step]


@pytest.mark.parametrize("line", sorted(set(commands())))
def test_a_command_that_a_machine_runs_exists(line: str) -> None:
    _, name, *words = line.split()
    command = cli.get_command(click.Context(cli), name)
    assert command is not None, f"there is no iterata {name}"
    command.make_context(name, [word.strip('"') for word in words])


def test_the_page_about_code_hosts_lists_every_workflow_that_is_written() -> None:
    page = (ROOT / "docs/ci.md").read_text("utf-8")
    assert not [place for place in init.FILES.values() if "/workflows/" in place and place not in page]


def test_the_configuration_shown_for_gitlab_is_sound() -> None:
    (shown,) = [block for block in fenced(ROOT / "docs/ci.md", "yaml") if "CI_PIPELINE_SOURCE" in block]
    judge = of_gitlab()
    assert not [error.message for error in judge.iter_errors(yaml.safe_load(shown))]
    assert not judge.is_valid(yaml.safe_load(shown.replace("script:", "scripts:")))


def test_the_configuration_shown_for_pre_commit_is_what_is_written() -> None:
    written = (TEMPLATES / "pre-commit-config.yaml").read_text("utf-8")
    assert yaml.safe_load(written) in [yaml.safe_load(block) for block in fenced(ROOT / "docs/ci.md", "yaml")]


def test_the_steps_shown_for_the_action_are_a_sound_job(tmp_path: Path) -> None:
    (shown,) = [block for block in fenced(ROOT / "docs/ci.md", "yaml") if "actions/check@" in block]
    indented = "".join(f"    {line}\n" for line in shown.replace("<commit>", "0" * 40).splitlines())
    workflow = tmp_path / "check.yml"
    workflow.write_text(f"on: pull_request\njobs:\n  check:\n    runs-on: ubuntu-latest\n{indented}", "utf-8")
    code, said = judged("actionlint", workflow)
    assert code == 0, said
    steps = jobs(workflow)["check"]["steps"]
    inputs = yaml.safe_load(ACTION.read_text("utf-8"))["inputs"]
    assert set(steps[-1].get("with", {})) <= set(inputs)
