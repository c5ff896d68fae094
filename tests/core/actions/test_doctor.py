"""`doctor` says what is broken, and what would change figures; every finding has a fix."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from iterata.actions.doctor import Finding, State, knowledge_base
from iterata.execution.dependencies import constraints, known_good
from iterata.repository.files import locked

from ...helpers.command_line import CommandLine
from ...helpers.git import Git
from ...helpers.knowledge_base import KnowledgeBase

PROJECT = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text("utf-8"))["project"]
TREE = "churn\n  requirements: approved\n  01-setup\n    assessment: approved\n    lift.json"
RESULT = "projects/churn/01-setup/results/lift.json"
COMPUTING = ("numpy", "pandas", "scikit-learn", "scipy")


def found(root: Path) -> dict[str, Finding]:
    """What is found about the knowledge base at a folder, by name; each that is not fine has a fix."""
    findings = list(knowledge_base.findings(root))
    assert not [finding for finding in findings if finding.state is not State.OK and not finding.fix]
    return {finding.name: finding for finding in findings}


def states(root: Path) -> dict[str, State]:
    return {name: finding.state for name, finding in found(root).items() if finding.state is not State.OK}


def recorded(base: KnowledgeBase, **packages: str) -> None:
    """Write other versions into the result."""
    result = json.loads(base.read(RESULT))
    result["provenance"]["packages"] = {name.replace("_", "-"): number for name, number in packages.items()}
    base.write(RESULT, json.dumps(result))


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeBase:
    base = KnowledgeBase(tmp_path_factory.mktemp("doctor") / "base")
    base.grow(TREE)
    base.in_git()
    return base


# The installation


def test_everything_declared_is_looked_at_and_nothing_is_written(base: KnowledgeBase) -> None:
    base.grow(TREE)
    before = base.files()
    done = CommandLine(base.root)("doctor", "--format", "json").fine()
    assert base.files() == before
    output = json.loads(done.out)
    assert (output["kind"], output["schema_version"], output["works"]) == ("doctor", 1, True)
    schema = json.loads(CommandLine(base.root)("schema", "output", "doctor").fine().out)
    Draft202012Validator(schema).validate(output)
    names: dict[str, set[str]] = {}
    for finding in output["findings"]:
        names.setdefault(finding["part"], set()).add(finding["name"])
        assert finding["state"] == "ok" or finding["fix"]
    assert names["extras"] == set(PROJECT["optional-dependencies"])
    assert {"numpy", "scikit-learn", "pydantic"} <= names["dependencies"]
    assert names["iterata"] == {"iterata", "Python", "Git"}


@pytest.fixture
def broken(tmp_path: Path) -> dict[str, str]:
    """An environment with an old NumPy, two broken packages, and a broken extra."""
    folder = tmp_path / "packages"
    for name, number in {"numpy": "1.20", "duckdb": "0.1"}.items():
        record = folder / f"{name}-{number}.dist-info"
        record.mkdir(parents=True)
        (record / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {number}\n", "utf-8")
    (folder / "nh3.py").write_text("raise OSError('wrong architecture')", "utf-8")
    (folder / "pydantic.py").write_text("import os; os._exit(7)", "utf-8")
    path = [str(folder), *filter(None, [os.environ.get("PYTHONPATH")])]
    return CommandLine.environment({"PYTHONPATH": os.pathsep.join(path)})


def test_broken_packages_are_named_even_those_that_iterata_cannot_work_without(
    base: KnowledgeBase, broken: dict[str, str]
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "iterata_cli", "doctor", "--format", "json"],
        cwd=base.root, env=broken, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    output = json.loads(done.stdout)
    unwell = {finding["name"]: finding for finding in output["findings"] if finding["state"] != "ok"}
    problems = {name for name, finding in unwell.items() if finding["state"] == "problem"}
    assert not output["works"]
    assert problems == {"numpy", "nh3", "pydantic"}
    assert unwell["numpy"]["fix"] == "`pip install 'numpy>=2.0'`"
    assert "--force-reinstall" in unwell["nh3"]["fix"]
    assert unwell["duckdb"]["state"] == "note"


def test_a_package_that_is_broken_is_no_bug_of_iterata(base: KnowledgeBase, broken: dict[str, str]) -> None:
    Path(broken["PYTHONPATH"].split(os.pathsep)[0], "pydantic.py").write_text("import certainly_missing")
    done = subprocess.run(
        [sys.executable, "-m", "iterata_cli", "check"],
        cwd=base.root, env=broken, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert done.stderr.startswith("certainly_missing: error: ")
    assert "`iterata doctor`" in done.stderr.splitlines()[-1]


def test_the_table_has_every_part(grown: KnowledgeBase) -> None:
    lines = CommandLine(grown.root)("doctor").fine().out.splitlines()
    assert {line.split("  ")[0] for line in lines} >= {
        "iterata",
        "dependencies",
        "extras",
        "checkout",
        "figures",
    }


# Figures


def untested(*names: str) -> set[str]:
    """The packages that are installed in another version than the one this iterata was tested with."""
    return {name for name in names if version(name) != known_good()[name]}


def test_versions_of_the_installation_are_fine_if_results_have_them(base: KnowledgeBase) -> None:
    base.grow(TREE)
    recorded(base, **{name.replace("-", "_"): version(name) for name in COMPUTING})
    assert states(base.root).keys() & {*COMPUTING} == untested(*COMPUTING)


def test_other_versions_of_results_are_noted(base: KnowledgeBase) -> None:
    base.grow(TREE)
    recorded(base, numpy="1.26.4", lightgbm="0.1", certainly_missing="3.0", iterata="0.0.1", joblib="1.0")
    findings = found(base.root)
    notes = {name for name, state in states(base.root).items() if state is State.NOTE}
    assert {"numpy", "lightgbm", "certainly-missing"} <= notes
    assert not {"iterata", "joblib"} & notes
    assert {"pandas"} & notes == untested("pandas")
    assert "churn/01-setup" in findings["numpy"].message
    assert "1.26.4" in findings["numpy"].message


def test_a_damaged_result_is_noted_with_its_own_fix(base: KnowledgeBase) -> None:
    base.grow(TREE)
    base.write(RESULT, "{")
    assert found(base.root)[RESULT].state is State.NOTE


# The knowledge base


def test_outside_of_a_knowledge_base_the_installation_alone_counts(tmp_path: Path) -> None:
    assert states(tmp_path)["mkdocs.yml"] is State.ABSENT


def test_wrong_settings_are_a_problem(base: KnowledgeBase) -> None:
    base.write("mkdocs.yml", "plugins:\n  - iterata: {projekts_dir: x}\n")
    assert states(base.root)["mkdocs.yml"] is State.PROBLEM


@pytest.mark.parametrize(
    ("requires", "name", "state"),
    [
        ("iterata>=0.0.1", "requires", State.OK),
        ("iterata>=999", "mkdocs.yml", State.PROBLEM),
    ],
)
def test_the_required_version_is_compared(
    base: KnowledgeBase, requires: str, name: str, state: State
) -> None:
    base.write("mkdocs.yml", f"plugins:\n  - iterata: {{requires: '{requires}'}}\n")
    assert found(base.root)[name].state is state


def test_commands_at_work_are_named(base: KnowledgeBase) -> None:
    base.grow(TREE)
    with locked(base.root, "churn/01-setup"):
        finding = found(base.root)["lock"]
        assert (finding.state, finding.found) == (State.NOTE, "churn/01-setup")
        assert str(os.getpid()) in finding.message
    assert "lock" not in found(base.root)


@pytest.mark.parametrize(
    ("url", "state"),
    [
        ("file:///nowhere/at/all", State.OK),
        ("memory://cache", State.OK),
        ("nonsense://cache", State.PROBLEM),
    ],
)
def test_a_shared_cache_needs_its_driver(base: KnowledgeBase, url: str, state: State) -> None:
    base.write("mkdocs.yml", f"plugins:\n  - iterata: {{cache: '{url}'}}\n")
    assert found(base.root)["cache"].state is state


# The checkout


def test_a_complete_clone_is_fine(grown: KnowledgeBase) -> None:
    assert not states(grown.root).keys() & {"history", "files", "owner", "repository"}


def test_a_folder_outside_git_is_noted(base: KnowledgeBase) -> None:
    assert states(base.root)["repository"] is State.NOTE


@pytest.mark.parametrize(
    ("options", "name", "value"),
    [(["--depth", "1"], "history", "shallow"), (["--filter=blob:none"], "history", "partial")],
)
def test_an_incomplete_clone_is_noted(
    grown: KnowledgeBase, tmp_path: Path, options: list[str], name: str, value: str
) -> None:
    git = Git(grown.root)
    git("config", "uploadpack.allowFilter", "true")
    git("clone", "-q", *options, f"file://{grown.root}", str(tmp_path / "clone"))
    finding = found(tmp_path / "clone")[name]
    assert (finding.state, finding.found) == (State.NOTE, value)


def test_a_sparse_checkout_is_noted(base: KnowledgeBase) -> None:
    base.grow(TREE)
    base.in_git()("sparse-checkout", "set", "--no-cone", "/*", "!projects/churn/01-setup")
    assert found(base.root)["files"].found == "sparse"


# Constraints


def test_constraints_are_printed_as_published(base: KnowledgeBase) -> None:
    done = CommandLine(base.root)("doctor", "--constraints").fine()
    assert done.out == constraints()
    assert known_good().keys() >= {"numpy", "pandas", "scikit-learn", "scipy", "pydantic", "pyarrow"}
