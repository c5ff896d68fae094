"""From a name in the plan to a classifier, or to one clear sentence why not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from iterata.errors import RunError
from iterata.experiment.variants.estimators import build_estimator

if TYPE_CHECKING:
    from collections.abc import Callable

    from iterata.documents.models.variants import SklearnVariant


HERE = Path(__file__).parent
"""A project without code of its own."""


def test_a_plan_gets_the_estimator_it_names_with_its_parameters(
    variant: Callable[..., SklearnVariant],
) -> None:
    model: Any = build_estimator(variant(params={"C": 0.1, "max_iter": 50}), seed=5, project=HERE)
    assert (type(model).__name__, model.C, model.max_iter) == ("LogisticRegression", 0.1, 50)


def test_chance_comes_from_the_plans_seed_unless_the_plan_sets_another(
    variant: Callable[..., SklearnVariant],
) -> None:
    forest = "sklearn.ensemble.RandomForestClassifier"
    assert build_estimator(variant(forest), seed=5, project=HERE).random_state == 5
    assert (
        build_estimator(variant(forest, params={"random_state": 9}), seed=5, project=HERE).random_state == 9
    )
    assert not hasattr(
        build_estimator(variant("sklearn.naive_bayes.GaussianNB"), seed=5, project=HERE), "random_state"
    )


@pytest.mark.parametrize(
    ("described", "message", "remedy"),
    [
        ({"estimator": "sklearn.linear_models.Ridge"}, "no module sklearn.linear_models", "linear_model?"),
        ({"estimator": "sklear.linear_model.Ridge"}, "no module sklear", "did you mean sklearn?"),
        ({"estimator": "nowhere_to_be_found.Model"}, "no module nowhere_to_be_found", "install the package"),
        ({"estimator": "sklearn.svm.LinearSVM"}, "sklearn.svm has no LinearSVM", "mean sklearn.svm.Linear"),
        ({"estimator": "sklearn.svm.Zebra"}, "sklearn.svm has no Zebra", "look up what sklearn.svm offers"),
        ({"estimator": "os.system"}, "not a scikit-learn estimator", "an estimator's class"),
        ({"estimator": "subprocess.Popen"}, "not a scikit-learn estimator", "an estimator's class"),
        ({"estimator": "sklearn.linear_model.LinearRegression"}, "not a classifier", "a classifier"),
        ({"estimator": "sklearn.preprocessing.StandardScaler"}, "not a classifier", "a classifier"),
        ({"estimator": "sklearn.ensemble.VotingClassifier"}, "missing 1 required", "numbers, texts"),
        ({"params": {"c": 1}}, "has no parameter c", "did you mean C?"),
        ({"params": {"depth": 1}}, "has no parameter depth", "it takes "),
        ({"tune": {"maxiter": [1]}}, "has no parameter maxiter", "did you mean max_iter?"),
        ({"tune": {"C": [1]}, "params": {"C": 1}}, "C stands under params and under tune", "keep one"),
        ({"tune": {"C": []}}, "tune names no values for C", "list the values"),
    ],
)  # fmt: skip
def test_what_cannot_be_run_is_refused_in_one_message(
    variant: Callable[..., SklearnVariant], described: dict[str, Any], message: str, remedy: str
) -> None:
    with pytest.raises(RunError) as refused:
        build_estimator(variant(**{"name": "our model", **described}), seed=0, project=HERE)
    assert message in refused.value.message
    assert remedy in refused.value.remedy
    assert refused.value.where == "variant our model"


def test_a_module_that_breaks_on_import_is_told_from_one_that_is_missing(
    variant: Callable[..., SklearnVariant], tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "half_installed.py").write_text("import a_library_nobody_has\n")
    (tmp_path / "broken_module.py").write_text("raise OSError('libgomp.so.1: cannot open')\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(RunError, match=r"half_installed cannot be imported.*a_library_nobody_has") as refused:
        build_estimator(variant("half_installed.Model"), seed=0, project=HERE)
    assert "install a_library_nobody_has" in refused.value.remedy
    with pytest.raises(RunError, match="broken_module cannot be imported: OSError: libgomp"):
        build_estimator(variant("broken_module.Model"), seed=0, project=HERE)
