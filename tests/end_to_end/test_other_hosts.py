"""The pipelines that `init` writes for GitLab and Forgejo, run as their runners run them, in real clones.

Only the tests of the judge really install what the target branch lists: a package that stands in for iterata.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from jsonschema.validators import validator_for

from iterata.review.codehost.host import HostKind
from iterata.review.codehost.one_comment import marker
from iterata.review.codeowners import forgejo_owners, gitlab_owners

from ..helpers.code_host import Answer, ForgejoServer, GitLabServer
from ..helpers.git import HERMETIC, Git
from ..helpers.installation import offline, stand_in
from ..helpers.knowledge_base import KnowledgeBase
from .test_judge import LOOT, traps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..helpers.command_line import CommandLine

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = "teams/churn/projects/churn/requirements.md"
PROJECT = "team/data/base"
PATH = os.environ["PATH"].split(os.pathsep)


class Runner:
    """A clone with the head of a branch, and a machine that runs scripts in it."""

    def __init__(self, place: Path, origin: Git, head: str) -> None:
        self.origin, self.clone = origin, place / "clone"
        self.home, self.temp, self.loot = place / "home", place / "temp", place / "loot"
        self.programs = place / "programs"
        self.home.mkdir()
        _write_python(self.programs)
        self.temp.mkdir()
        subprocess.run(["git", "clone", "--quiet", origin.root, self.clone], check=True, capture_output=True)
        subprocess.run(["git", "checkout", "--quiet", head], cwd=self.clone, check=True, capture_output=True)

    def run(self, script: str, folder: Path | None = None, **variables: str) -> tuple[int, str]:
        """The exit code and the log of a script."""
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
            cwd=folder or self.clone,
            env=offline(
                {
                    **HERMETIC,
                    "HOME": str(self.home),
                    "TMPDIR": str(self.temp),
                    "PATH": os.pathsep.join(map(str, (self.programs, Path(sys.executable).parent, *PATH))),
                    LOOT: str(self.loot),
                    **variables,
                }
            ),
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    def job(self, name: str, **variables: str) -> tuple[int, str]:
        """Run a job of GitLab's configuration, with the variables of a merge request."""
        jobs = yaml.safe_load((self.origin.root / ".gitlab/iterata.yml").read_text("utf-8"))
        lines = [line for part in ("before_script", "script") for line in inherited(jobs, name, part)]
        defaults = {
            "CI_PROJECT_ID": "1",
            "CI_MERGE_REQUEST_PROJECT_ID": "1",
            "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "1",
            "CI_MERGE_REQUEST_PROJECT_PATH": PROJECT,
            "CI_MERGE_REQUEST_PROJECT_URL": "https://elsewhere.invalid/team/base",
            "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
            "CI_MERGE_REQUEST_IID": "7",
            "APPROVALS_OF": "",
        }
        return self.run("\n".join(lines), **{**defaults, **variables})

    def report(self) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = json.loads((self.clone / "gl-code-quality-report.json").read_text())
        return entries


def _write_python(folder: Path) -> None:
    """A python whose environments are this process's, and whose pip does nothing."""
    folder.mkdir()
    programs = {
        "python": f'[ "$3" = venv ] || exec {sys.executable} "$@"\nmkdir -p "$4/bin"\n'
        f'ln -s {folder}/of_environment "$4/bin/python"\n',
        "of_environment": f'[ "$3" != pip ] || exit 0\nshift\nexec {sys.executable} -P "$@"\n',
    }
    for name, text in programs.items():
        (folder / name).write_text(f"#!/bin/sh\n{text}", "utf-8")
        (folder / name).chmod(0o755)


def inherited(jobs: dict[str, Any], name: str, part: str) -> list[str]:
    """The lines of a job, or those of the job that it extends."""
    job = jobs[name]
    return job[part] if part in job else inherited(jobs, job["extends"], part) if "extends" in job else []


def repository(place: Path, iterata: CommandLine, host: str) -> Git:
    """A repository with a knowledge base in a folder, and branches with a right and a wrong document."""
    base = KnowledgeBase(place / "origin/teams/churn")
    origin = Git(place / "origin")
    assert iterata("init", str(base.root), "--host", host).code == 0
    base.write("requirements.txt", f"{stand_in(place / 'iterata')}\n")
    base.write("mkdocs.yml", "site_name: Ours\nplugins:\n  - iterata\n")
    origin.commit("begin")
    for branch, mistake in (("right", ""), ("wrong", "magic")):
        origin("switch", "--quiet", "--create", branch, "main")
        base.grow("churn\n  requirements: in_review\n")
        if mistake:
            base.set("churn/requirements", "model_kind", mistake)
        origin.commit("requirements")
    origin("switch", "--quiet", "main")
    return origin


@pytest.fixture
def gitlab(tmp_path: Path, iterata: CommandLine) -> Git:
    return repository(tmp_path, iterata, "gitlab")


def test_a_right_merge_request_passes(gitlab: Git, tmp_path: Path) -> None:
    runner = Runner(tmp_path, gitlab, "origin/right")
    code, log = runner.job("iterata-check")
    assert (code, runner.report()) == (0, []), log
    assert "churn" in (runner.clone / "summary.md").read_text("utf-8")


def test_no_file_of_a_merge_request_is_executed(gitlab: Git, tmp_path: Path) -> None:
    gitlab("switch", "--quiet", "wrong")
    traps(gitlab.root / "teams/churn")
    traps(gitlab.root)
    gitlab.commit("traps")
    runner = Runner(tmp_path, gitlab, "origin/wrong")
    (runner.programs / "python").unlink()  # so that pip installs what main lists
    code, log = runner.job("iterata-check")
    assert code == 1
    assert DOCUMENT in {entry["location"]["path"] for entry in runner.report()}, log
    assert not runner.loot.exists()


def test_problems_of_a_merge_request_are_a_report(gitlab: Git, tmp_path: Path) -> None:
    runner = Runner(tmp_path, gitlab, "origin/wrong")
    (runner.clone / "summary.md").symlink_to(tmp_path / "elsewhere")
    code, log = runner.job("iterata-check")
    assert code == 1
    assert {entry["location"]["path"] for entry in runner.report()} == {DOCUMENT}
    assert "DOC008" in log
    assert not (tmp_path / "elsewhere").exists()


def test_a_merge_request_without_documents_installs_nothing(gitlab: Git, tmp_path: Path) -> None:
    gitlab("switch", "--quiet", "--create", "other", "main")
    (gitlab.root / "code.py").write_text("", "utf-8")
    gitlab.commit("something else")
    runner = Runner(tmp_path, gitlab, "origin/other")
    code, log = runner.job("iterata-check")
    assert (code, log, runner.report()) == (0, "", [])


def test_a_project_without_a_knowledge_base_is_an_error(gitlab: Git, tmp_path: Path) -> None:
    gitlab("rm", "--quiet", "teams/churn/mkdocs.yml")
    gitlab.commit("no longer")
    runner = Runner(tmp_path, gitlab, "origin/main")
    assert runner.job("iterata-check")[0] == 1


@pytest.fixture
def server() -> Iterator[GitLabServer]:
    server = GitLabServer()
    notes = "/api/v4/projects/team%2Fdata%2Fbase/merge_requests/7/notes"
    server.answer("/api/v4/user", Answer(body=server.user("bot")))
    server.answer(f"{notes}?per_page=100", Answer(body=[]))
    server.answer(f"POST {notes}", Answer(201, server.note("bot", "a summary")))
    yield server
    server.close()


def test_the_summary_is_a_note(gitlab: Git, server: GitLabServer, tmp_path: Path) -> None:
    runner = Runner(tmp_path, gitlab, "origin/right")
    variables = {"CI_API_V4_URL": server.api, "GITLAB_TOKEN": "a-token"}
    assert runner.job("iterata-check", **variables)[0] == 0
    (sent,) = server.written
    assert sent.body["body"].startswith(marker("teams/churn/"))
    assert {token for _, token in server.requests} == {"a-token"}


def test_a_fork_gets_no_note_and_no_token(gitlab: Git, server: GitLabServer, tmp_path: Path) -> None:
    runner = Runner(tmp_path, gitlab, "origin/right")
    variables = {"CI_API_V4_URL": server.api, "GITLAB_TOKEN": "a-token"}
    code, _ = runner.job("iterata-check", CI_MERGE_REQUEST_SOURCE_PROJECT_ID="2", **variables)
    assert code == 0
    assert server.requests == []


def test_a_fork_is_compared_with_the_target_project(gitlab: Git, tmp_path: Path) -> None:
    """A pipeline in the fork has the fork's own main as `origin/main`."""
    runner = Runner(tmp_path, gitlab, "origin/wrong")
    (tmp_path / "target.git").symlink_to(gitlab.root)
    runner.run("git remote set-url origin /nowhere")
    url = str(tmp_path / "target")
    code, log = runner.job("iterata-check", CI_PROJECT_ID="2", CI_MERGE_REQUEST_PROJECT_URL=url)
    assert code == 1
    assert {entry["location"]["path"] for entry in runner.report()} == {DOCUMENT}, log


def test_approvals_are_held_when_they_are_turned_on(
    gitlab: Git, server: GitLabServer, tmp_path: Path
) -> None:
    gitlab("switch", "--quiet", "right")
    base = KnowledgeBase(gitlab.root / "teams/churn")
    base.set("churn/requirements", "approvals", [{"role": "product", "on": "2026-11-23", "by": "bo"}])
    gitlab.commit("approve")
    runner = Runner(tmp_path, gitlab, "origin/right")
    server.merge_request("ana", "0" * 40)
    server.approvals()
    variables = {"CI_API_V4_URL": server.api, "CI_JOB_TOKEN": "job", "APPROVALS_OF": f"{PROJECT}!7"}
    code, log = runner.job("iterata-check", **variables)
    assert code == 1
    assert f"{PROJECT}!7" in log
    assert "newest commit" in log


def test_sites_are_published_from_the_default_branch(gitlab: Git, tmp_path: Path) -> None:
    runner = Runner(tmp_path, gitlab, "origin/main")
    code, log = runner.job("pages")
    assert code == 0, log
    assert (runner.clone / "public/teams/churn/index.html").is_file()


def test_monitors_are_evaluated(gitlab: Git, tmp_path: Path) -> None:
    code, log = Runner(tmp_path, gitlab, "origin/main").job("iterata-monitors")
    assert code == 0, log


@pytest.mark.parametrize(("branch", "exit_code"), [("right", 0), ("wrong", 1)])
def test_documents_are_checked_on_the_default_branch(
    gitlab: Git, tmp_path: Path, branch: str, exit_code: int
) -> None:
    code, log = Runner(tmp_path, gitlab, f"origin/{branch}").job("iterata-documents")
    assert code == exit_code, log
    assert ("DOC008" in log) == bool(exit_code)


@pytest.mark.parametrize(("branch", "exit_code"), [("right", 0), ("wrong", 1)])
def test_workflow_of_forgejo_checks_a_pull_request(
    tmp_path: Path, iterata: CommandLine, branch: str, exit_code: int
) -> None:
    origin = repository(tmp_path, iterata, "forgejo")
    origin("update-ref", "refs/pull/7/head", branch)
    (tmp_path / "team").mkdir()
    (tmp_path / "team/base.git").symlink_to(origin.root)
    runner = Runner(tmp_path, origin, "origin/main")
    job = yaml.safe_load((origin.root / ".forgejo/workflows/iterata.yml").read_text("utf-8"))["jobs"]["check"]
    server = ForgejoServer()
    comments = "/api/v1/repos/team/base/issues/7/comments"
    written = {"id": 1, "user": {"login": "forgejo-actions"}, "body": "", "html_url": ""}
    server.answer("/api/v1/user", Answer(403, {}))
    server.answer(comments, Answer(body=[]))
    server.answer(f"POST {comments}", Answer(201, written))
    variables = {
        "REPOSITORY": "team/base", "SERVER": f"file://{tmp_path}", "TARGET": "main", "NUMBER": "7",
        "FROM_FORK": "false", "PULL_REQUEST": "", "GITHUB_TOKEN": "a-token", "GITHUB_API_URL": server.api,
    }  # fmt: skip
    folder = tmp_path / "workspace"
    folder.mkdir()
    try:
        check_out, check = (step["run"] for step in job["steps"])
        code, log = runner.run(check_out, folder, **variables)
        assert code == 0, log
        code, log = runner.run(check, folder, **variables)
    finally:
        server.close()
    assert code == exit_code, log
    assert ("DOC008" in log) == bool(exit_code)
    assert [sent.path for sent in server.written] == [comments]


@pytest.mark.parametrize("name", ["iterata.yml", "gitlab-ci.yml"])
def test_configuration_of_gitlab_is_valid(name: str) -> None:
    """By GitLab's schema, which check-jsonschema has."""
    place = "check_jsonschema/builtin_schemas/vendor/gitlab-ci.json"
    schema = json.loads(Path(str(distribution("check-jsonschema").locate_file(place))).read_text("utf-8"))
    validator = validator_for(schema)(schema)
    text = (ROOT / "core/iterata/actions/knowledge_base/gitlab" / name).read_text("utf-8")
    assert not [error.message for error in validator.iter_errors(yaml.safe_load(text))]
    assert not validator.is_valid(
        yaml.safe_load(text.replace("script:", "scripts:").replace("local:", "locals:"))
    )


@pytest.mark.parametrize("host", ["gitlab", "forgejo"])
def test_files_of_a_second_knowledge_base_are_added(tmp_path: Path, iterata: CommandLine, host: str) -> None:
    base = KnowledgeBase(tmp_path / "origin/teams/churn")
    origin = Git(tmp_path / "origin")
    (origin.root / ".gitlab-ci.yml").write_text("build:\n  script: make\n", "utf-8")
    owners = origin.root / (".gitlab/CODEOWNERS" if host == "gitlab" else "CODEOWNERS")
    for folder in (base.root, origin.root / "teams/prices", base.root):
        assert iterata("init", str(folder), "--host", host).code == 0
    text = owners.read_text("utf-8")
    kind = HostKind(host)
    for folder in ("churn", "prices"):
        path = f"teams/{folder}/projects/x/01-setup/proposal.md"
        found = gitlab_owners(text, path) if kind is HostKind.GITLAB else forgejo_owners(text, path)
        assert [name.rsplit("/", 1)[1] for name in found] == ["data-science", "product"]
    assert text.count("who reviews teams/churn") == 1
    if host == "gitlab":
        included = yaml.safe_load((origin.root / ".gitlab-ci.yml").read_text("utf-8"))
        assert included == {"build": {"script": "make"}, "include": [{"local": ".gitlab/iterata.yml"}]}


def test_scripts_of_the_pipelines_have_no_lint_errors() -> None:
    jobs = yaml.safe_load(
        (ROOT / "core/iterata/actions/knowledge_base/gitlab/iterata.yml").read_text("utf-8")
    )
    for name, job in jobs.items():
        if "script" in job:
            lines = [line for part in ("before_script", "script") for line in inherited(jobs, name, part)]
            script = "set -eo pipefail\n" + "\n".join(lines)
            program = Path(sys.executable).parent / "shellcheck"
            done = subprocess.run(
                [program, "-s", "bash", "-"], input=script, capture_output=True, text=True, check=False
            )
            assert done.stdout == ""
