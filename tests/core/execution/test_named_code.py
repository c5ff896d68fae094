"""Code that a plan names is looked for, and none of it is imported."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from iterata.execution.named_code import ProjectFileMissing, require_files, require_function, require_package
from iterata.execution.refusals import ModuleMissing, ProjectFunctionMissing, ProjectModuleMissing

if TYPE_CHECKING:
    from pathlib import Path

CODE = "raise SystemExit\nfrom copy import copy as twin\nif True:\n    def build(): ...\nmade = build\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "model.py").write_text(CODE, "utf-8")
    (tmp_path / "broken.py").write_text("def (", "utf-8")
    return tmp_path


@pytest.mark.parametrize("module", ["sklearn.linear_model.Ridge", "tabnanny.x", "model.Ours"])
def test_a_package_that_is_there_is_not_imported(project: Path, module: str) -> None:
    before = set(sys.modules)
    require_package(project, module)
    assert module.partition(".")[0] in before or set(sys.modules) == before


def test_a_package_that_is_missing_is_refused_with_its_command(project: Path) -> None:
    with pytest.raises(ModuleMissing) as refusal:
        require_package(project, "imblearn.over_sampling.SMOTE")
    assert "`pip install imbalanced-learn`" in str(refusal.value.remedy)


@pytest.mark.parametrize("estimator", ["xgbost.XGBClassifier", "qwxz.Model"])
def test_a_package_that_may_be_anybodys_is_not_to_be_installed(project: Path, estimator: str) -> None:
    with pytest.raises(ModuleMissing) as refusal:
        require_package(project, estimator)
    assert "pip" not in str(refusal.value.remedy)


@pytest.mark.parametrize("name", ["build", "made", "twin"])
def test_a_function_that_is_there_is_found_without_running_its_file(project: Path, name: str) -> None:
    require_function(project, f"model:{name}")
    require_function(project, "broken:anything")


@pytest.mark.parametrize(
    ("reference", "refusal"),
    [("model:bild", ProjectFunctionMissing), ("modle:build", ProjectModuleMissing)],
)
def test_a_function_that_is_missing_is_refused(
    project: Path, reference: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        require_function(project, reference)


@pytest.mark.parametrize(
    ("reads", "command"),
    [(["weights.txt"], ["python", "model.py"]), ([], ["python", "train.py"]), ([], ["Rscript", "fit.R"])],
)
def test_files_that_are_missing_are_refused(project: Path, reads: list[str], command: list[str]) -> None:
    require_files(project, ["model.py"], ["python", "model.py", "--depth", "3"])
    with pytest.raises(ProjectFileMissing):
        require_files(project, reads, command)
