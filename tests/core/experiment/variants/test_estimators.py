"""From the name in a plan to an estimator, or to one clear error."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from iterata.errors import RunError
from iterata.execution.refusals import ModuleBroken, ModuleMissing
from iterata.experiment.variants.estimators import build_estimator
from iterata.experiment.variants.refusals import (
    EstimatorMissing,
    EstimatorNotCreated,
    NotAnEstimator,
    NothingToTune,
    ParameterSetTwice,
    UnknownParameter,
    WrongEstimatorType,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from iterata.documents.models.variants import SklearnVariant

    from ....helpers.golden import Golden

    MakeVariant = Callable[..., SklearnVariant]


PROJECT = Path(__file__).parent
"""A project without code of its own."""

REFUSED: list[tuple[dict[str, Any], type[RunError]]] = [
    ({"estimator": "sklearn.linear_models.Ridge"}, ModuleMissing),
    ({"estimator": "sklearn.zebra.Zebra"}, ModuleMissing),
    ({"estimator": "sklear.linear_model.Ridge"}, ModuleMissing),
    ({"estimator": "nowhere_to_be_found.Model"}, ModuleMissing),
    ({"estimator": "sklearn.svm.LinearSVM"}, EstimatorMissing),
    ({"estimator": "sklearn.svm.Zebra"}, EstimatorMissing),
    ({"estimator": "os.system"}, NotAnEstimator),
    ({"estimator": "subprocess.Popen"}, NotAnEstimator),
    ({"estimator": "sklearn.linear_model.LinearRegression"}, WrongEstimatorType),
    ({"estimator": "sklearn.preprocessing.StandardScaler"}, WrongEstimatorType),
    ({"estimator": "sklearn.ensemble.VotingClassifier"}, EstimatorNotCreated),
    ({"params": {"c": 1}}, UnknownParameter),
    ({"estimator": "sklearn.naive_bayes.GaussianNB", "params": {"depth": 1}}, UnknownParameter),
    ({"tune": {"maxiter": [1]}}, UnknownParameter),
    ({"tune": {"C": [1]}, "params": {"C": 1}}, ParameterSetTwice),
    ({"tune": {"C": []}}, NothingToTune),
]


def refusal(variant: SklearnVariant) -> RunError:
    with pytest.raises(RunError) as raised:
        build_estimator(variant, seed=0, project=PROJECT)
    return raised.value


def test_estimator_has_the_parameters_of_the_plan(variant: MakeVariant) -> None:
    model: Any = build_estimator(variant(params={"C": 0.1, "max_iter": 50}), seed=5, project=PROJECT)
    assert (type(model).__name__, model.C, model.max_iter) == ("LogisticRegression", 0.1, 50)


def test_random_state_is_the_seed_unless_the_plan_sets_it(variant: MakeVariant) -> None:
    forest = "sklearn.ensemble.RandomForestClassifier"
    seeded = build_estimator(variant(forest), seed=5, project=PROJECT)
    fixed = build_estimator(variant(forest, params={"random_state": 9}), seed=5, project=PROJECT)
    without = build_estimator(variant("sklearn.naive_bayes.GaussianNB"), seed=5, project=PROJECT)
    assert (seeded.random_state, fixed.random_state) == (5, 9)
    assert not hasattr(without, "random_state")


@pytest.mark.parametrize(("description", "kind"), REFUSED)
def test_variant_without_usable_estimator_is_refused(
    variant: MakeVariant, description: dict[str, Any], kind: type[RunError]
) -> None:
    assert type(refusal(variant(**description))) is kind


def test_wording_of_refused_estimators(variant: MakeVariant, golden: Golden) -> None:
    golden.check("estimators", "\n".join(str(refusal(variant(**each))) for each, _ in REFUSED))


def test_module_that_breaks_on_import_is_not_reported_as_missing(
    variant: MakeVariant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, golden: Golden
) -> None:
    (tmp_path / "half_installed.py").write_text("import a_library_nobody_has\n")
    (tmp_path / "broken_module.py").write_text("raise OSError('libgomp.so.1: cannot open')\n")
    monkeypatch.syspath_prepend(tmp_path)
    errors = [refusal(variant(f"{module}.Model")) for module in ("half_installed", "broken_module")]
    assert [type(error) for error in errors] == [ModuleBroken, ModuleBroken]
    golden.check("broken_modules", "\n".join(map(str, errors)))
