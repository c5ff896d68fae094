"""Factories of the project and files of predictions: the same code evaluates all of them."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from iterata.data.sources import data_file
from iterata.errors import IterataError, Location, RunError
from iterata.execution.refusals import ProjectFunctionMissing, ProjectImportFailed, ProjectModuleMissing
from iterata.experiment.variants.refusals import (
    EstimatorNotCreated,
    EstimatorUnusable,
    FactoryReturnedClass,
    FactoryReturnedOther,
    UnknownParameter,
    WrongEstimatorType,
)

from ..shop import HELD_OUT, LOGISTIC, ONCE, program
from .conftest import MODEL

if TYPE_CHECKING:
    import pandas as pd

    from ....helpers.golden import Golden
    from ..shop import Shop


def from_factory(factory: str, **more: Any) -> dict[str, Any]:
    return {"name": "ours", "factory": factory, "features": "income", **more}


@pytest.mark.parametrize("jobs", [1, 2])
def test_class_of_the_project_is_fitted_in_any_process(shop: Shop, jobs: int) -> None:
    """Its module is not on the path of other processes: they load it themselves."""
    result = shop.run(from_factory("model:own"), LOGISTIC, jobs=jobs)
    ours, theirs = result.variants
    assert (ours.kpi, ours.difference) == (theirs.kpi, theirs.difference)
    assert (ours.estimator, ours.warnings) == ("model:own", {})


def test_factory_gets_params_and_its_estimator_is_tuned(shop: Shop) -> None:
    weak = shop.run(from_factory("model:own", params={"C": 1e-6}), split=HELD_OUT)
    assert weak.variants[0].params == {"C": 1e-6}
    tuned = shop.run(from_factory("model:own", tune={"C": [1e-6, 1.0]}), split=HELD_OUT)
    assert [set(best_params) for best_params in tuned.variants[0].tuned] == [{"C"}]


def test_estimator_may_get_columns_without_preprocessing(shop: Shop) -> None:
    raw = from_factory("model:tree", preprocess=False, features="all")
    result = shop.run(raw, split=HELD_OUT, features={"all": ["town", "income"]})
    assert result.variants[0].columns == 2


def test_changed_code_of_the_project_is_fitted_again(shop: Shop) -> None:
    before = shop.run(from_factory("model:own"), split=HELD_OUT)
    shop.run(from_factory("model:own"), split=HELD_OUT)
    assert shop.cached == 1
    shop.write("model.py", MODEL.replace("C=C or strength", "C=1e-9"))
    after = shop.run(from_factory("model:own"), split=HELD_OUT)
    assert (shop.cached, after.variants[0].estimator) == (2, before.variants[0].estimator)


REFUSED: list[tuple[dict[str, Any], type[RunError]]] = [
    ({"factory": "modell:own"}, ProjectModuleMissing),
    ({"factory": "model:owm"}, ProjectFunctionMissing),
    ({"factory": "model:VALUE"}, ProjectFunctionMissing),
    ({"factory": "model:raises"}, EstimatorNotCreated),
    ({"factory": "model:leaves"}, EstimatorNotCreated),
    ({"factory": "model:a_class"}, FactoryReturnedClass),
    ({"factory": "model:looks"}, EstimatorUnusable),
    ({"factory": "model:forgets"}, EstimatorUnusable),
    ({"factory": "model:nothing"}, FactoryReturnedOther),
    ({"factory": "model:number"}, WrongEstimatorType),
    ({"factory": "broken:own"}, ProjectImportFailed),
    ({"factory": "syntax:own"}, ProjectImportFailed),
    ({"factory": "quits:own"}, ProjectImportFailed),
    ({"factory": "model:own", "params": {"c": 1}}, UnknownParameter),
    ({"factory": "model:own", "tune": {"c": [1]}}, UnknownParameter),
]


def refused_factory(shop: Shop, description: dict[str, Any]) -> IterataError:
    shop.write("broken.py", "import a_library_nobody_has\n")
    shop.write("syntax.py", "def own(:\n")
    shop.write("quits.py", "import sys\nsys.exit(3)\n")
    return shop.refused(LOGISTIC, {"name": "ours", "features": "income", **description})


@pytest.mark.parametrize(("description", "kind"), REFUSED)
def test_unusable_factory_is_refused_before_training(
    shop: Shop, description: dict[str, Any], kind: type[RunError]
) -> None:
    error = refused_factory(shop, description)
    assert type(error) is kind
    assert (error.location, shop.cached) == (Location(variant="ours"), 0)


def test_wording_of_refused_factories(shop: Shop, golden: Golden) -> None:
    """Without `model:looks`, whose message is scikit-learn's and differs between versions."""
    descriptions = [description for description, _ in REFUSED if description["factory"] != "model:looks"]
    errors = [str(refused_factory(shop, description)) for description in descriptions]
    golden.check("factories", "\n".join(errors))


def test_every_failing_variant_is_reported_once_in_the_order_of_the_plan(shop: Shop, golden: Golden) -> None:
    wrong = {**LOGISTIC, "name": "wrong", "params": {"C": -1}}
    error = shop.refused(wrong | {"name": "a third"}, from_factory("model:stumbles"), wrong, LOGISTIC)
    assert isinstance(error, RunError)
    locations = [failure.location for failure in (error, *error.also)]
    assert locations == [Location(variant=name, fold=1, repeat=1) for name in ("a third", "ours", "wrong")]
    golden.check("failing_variants", "\n".join(map(str, (error, *error.also))))


# Files of predictions


@pytest.fixture
def scores(customers: pd.DataFrame) -> pd.DataFrame:
    """Predictions of scikit-learn with the folds of the plan."""
    model = make_pipeline(StandardScaler(), LogisticRegression())
    buys = (customers["buys"] == "yes").astype(int)
    folds = StratifiedKFold(3, shuffle=True, random_state=1)
    probabilities = cross_val_predict(model, customers[["income"]], buys, cv=folds, method="predict_proba")[
        :, 1
    ]
    number = np.zeros(300, dtype=int)
    for count, (_, test) in enumerate(folds.split(buys, buys), 1):
        number[test] = count
    return (
        customers[["customer"]].assign(prediction=probabilities, fold=number).sample(frac=1, random_state=0)
    )


def recorded(**more: Any) -> dict[str, Any]:
    description = {"source": "data/theirs.csv", "learned_from": "the other folds", "key": "customer"}
    return {"name": "theirs", "producer": "file", **description, **more}


def test_file_with_the_same_predictions_gets_the_same_figures(shop: Shop, scores: pd.DataFrame) -> None:
    scores.to_csv(shop.project / "data/theirs.csv", index=False)
    result = shop.run(recorded(), LOGISTIC, split=ONCE)
    theirs, ours = result.variants
    assert (theirs.kpi, theirs.difference) == (ours.kpi, ours.difference)
    assert (theirs.estimator, theirs.features, theirs.columns) == ("data/theirs.csv", "made elsewhere", 0)
    path = shop.project / "data/theirs.csv"
    assert result.provenance.data["projects/shop/data/theirs.csv"] == data_file.digest(path)


def test_file_may_be_parquet_with_repeats_and_row_numbers(shop: Shop, scores: pd.DataFrame) -> None:
    pytest.importorskip("pyarrow")
    by_number = scores.rename(columns={"customer": "row_id", "prediction": "p"}).drop(columns="fold")
    twice = [by_number.assign(repeat=1), by_number.assign(repeat=2, p=1 - by_number["p"])]
    import pandas as pd  # noqa: PLC0415

    pd.concat(twice).to_parquet(shop.project / "data/theirs.parquet")
    variant = recorded(source="data/theirs.parquet", key=None, score="p")
    result = shop.run(variant, LOGISTIC, split={**ONCE, "repeats": 2})
    assert result.variants[0].kpi.value < result.variants[1].kpi.value  # half of it is upside down


def test_columns_of_a_file_say_how_its_numbers_are_written(shop: Shop, scores: pd.DataFrame) -> None:
    with_commas = scores["prediction"].map(lambda score: str(score).replace(".", ","))
    scores.assign(prediction=with_commas).to_csv(shop.project / "data/theirs.csv", index=False)
    columns = {"customer": "id", "prediction": {"number": {"decimal": ","}}}
    theirs, ours = shop.run(recorded(columns=columns), LOGISTIC, split=ONCE).variants
    assert (theirs.kpi, theirs.difference) == (ours.kpi, ours.difference)


def test_file_needs_predictions_of_held_out_rows_only(shop: Shop, scores: pd.DataFrame) -> None:
    scores[scores["customer"] >= 200].drop(columns="fold").to_csv(
        shop.project / "data/theirs.csv", index=False
    )
    split = {"kind": "hold_out", "rows": "customer >= 200"}
    result = shop.run(recorded(), LOGISTIC, split=split)
    assert result.sample.rows == 100
    assert "100 rows" not in result.split
    assert result.split == "a hold-out of the rows where customer >= 200"


def with_flaw(scores: pd.DataFrame, flaw: str) -> pd.DataFrame:
    first = scores[scores["fold"] == 1]["customer"].iloc[0]
    is_first = scores["customer"] == first
    import pandas as pd  # noqa: PLC0415

    return {
        "missing": lambda: scores[~is_first],
        "twice": lambda: pd.concat([scores, scores[is_first]]),
        "no number": lambda: scores.assign(prediction=scores["prediction"].where(~is_first)),
        "other fold": lambda: scores.assign(fold=scores["fold"].where(~is_first, 2)),
    }[flaw]()


FLAWS = ("missing", "twice", "no number", "other fold")


def refused_scores(shop: Shop, scores: pd.DataFrame, flaw: str) -> IterataError:
    with_flaw(scores, flaw).to_csv(shop.project / "data/theirs.csv", index=False)
    return shop.refused(recorded(), LOGISTIC, split=ONCE)


@pytest.mark.parametrize("flaw", FLAWS)
def test_file_that_does_not_fit_is_refused_at_its_fold_and_other_variants_are_cached(
    shop: Shop, scores: pd.DataFrame, flaw: str
) -> None:
    error = refused_scores(shop, scores, flaw)
    assert error.location == Location(variant="theirs", fold=1, repeat=1, data="data/theirs.csv")
    assert shop.cached == 5


def test_wording_of_refused_scores(shop: Shop, scores: pd.DataFrame, golden: Golden) -> None:
    golden.check("scores", "\n".join(str(refused_scores(shop, scores, flaw)) for flaw in FLAWS))


UNREADABLE: list[dict[str, Any]] = [
    {"source": "data/nothing.csv"},
    {"score": "predicted"},
    {"key": None},
    {"key": None, "source": "data/more.csv"},
    {"digest": f"sha256:{'0' * 64}"},
    {"key": "household"},
]


@pytest.mark.parametrize("changes", UNREADABLE, ids=str)
def test_unreadable_file_is_refused_before_training(
    shop: Shop, scores: pd.DataFrame, changes: dict[str, Any]
) -> None:
    scores.assign(household=0).to_csv(shop.project / "data/theirs.csv", index=False)
    scores.rename(columns={"customer": "row_id"}).assign(row_id=range(1, 301)).to_csv(
        shop.project / "data/more.csv", index=False
    )
    error = shop.refused(recorded(**changes), LOGISTIC, split=ONCE)
    assert error.location.variant == "theirs"
    assert error.location.data.startswith("projects/shop/data/") or "key" in changes
    assert shop.cached == 0


def test_key_that_the_data_lack_is_refused_before_training(shop: Shop, scores: pd.DataFrame) -> None:
    scores.to_csv(shop.project / "data/theirs.csv", index=False)
    error = shop.refused(recorded(key="client"), LOGISTIC, split=ONCE)
    assert error.location.source == "projects/shop/data/customers.csv"
    assert shop.cached == 0


# A full disk


def test_full_disk_ends_programs_and_no_run_and_finished_folds_stay_cached(
    shop: Shop, golden: Golden
) -> None:
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    import subprocess  # noqa: PLC0415

    disk = shop.root / ".iterata"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("this machine mounts no disks")
    try:
        shop.run(*({**LOGISTIC, "name": f"logistic {n}", "params": {"C": n / 10}} for n in range(1, 9)))
        cached = shop.cached
        assert 0 < cached < 48
        shop.write("program.py", "")
        error = shop.refused(program(), split=HELD_OUT)
        assert error.location == Location(variant="program", fold=1, repeat=1)
        assert shop.cached == cached
        larger = ["mount", "-o", "remount,size=400k", str(disk)]
        subprocess.run(larger, check=True)
        shop.write("program.py", "import sys; open(sys.argv[-1] + '/big', 'wb').write(bytes(10**6))")
        golden.check("full_disk", str(shop.refused(program(), split=HELD_OUT)))
    finally:
        subprocess.run(["umount", str(disk)], check=True)
