"""An approved result stays valid if a newer version only adds keys."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from iterata import results
from iterata.results.comparison import compare
from iterata.stages import Stage

from ...helpers import samples

EXAMPLE = Path(__file__).parents[3] / "projects/caravan-policies/01-setup/results"


def read(kind: str, data: dict[str, Any]) -> Any:
    return results.parse(kind, json.dumps(data), "result.json")


@pytest.fixture(params=["lift", "experiment"])
def kind_and_data(request: pytest.FixtureRequest) -> tuple[str, dict[str, Any]]:
    return request.param, json.loads((EXAMPLE / f"{request.param}.json").read_text("utf-8"))


ADDED_KEYS = ("good_model", "split_test", "by_depth", "expected")


def test_result_with_added_keys_extends_the_old_one(kind_and_data: tuple[str, dict[str, Any]]) -> None:
    kind, data = kind_and_data
    earlier = {key: value for key, value in data.items() if key not in ADDED_KEYS}
    assert len(earlier) < len(data)
    assert results.extends(read(kind, earlier), read(kind, data))


def test_result_of_another_commit_extends_the_old_one(kind_and_data: tuple[str, dict[str, Any]]) -> None:
    kind, data = kind_and_data
    other_commit = {**data, "provenance": {**data["provenance"], "commit": "0" * 40}}
    assert results.extends(read(kind, data), read(kind, other_commit))


def test_result_with_another_figure_does_not_extend(kind_and_data: tuple[str, dict[str, Any]]) -> None:
    kind, data = kind_and_data
    changed = json.loads(json.dumps(data))
    changed["scale"]["perfect"]["high"] += 0.001
    assert not results.extends(read(kind, data), read(kind, changed))


def test_result_with_fewer_variants_does_not_extend() -> None:
    data = json.loads((EXAMPLE / "experiment.json").read_text("utf-8"))
    fewer = {**data, "variants": data["variants"][:-1]}
    assert not results.extends(read("experiment", data), read("experiment", fewer))


def experiment(**provenance: Any) -> results.ExperimentResult:
    """The result of a small plan."""
    result = samples.experiment(samples.data(Stage.PROPOSAL)["plan"])
    return result.model_copy(update={"provenance": result.provenance.model_copy(update=provenance)})


def with_kpi(value: float) -> results.ExperimentResult:
    """The same result with another KPI of its first variant."""
    result = experiment()
    first, *others = result.variants
    kpi = first.kpi.model_copy(update={"value": value})
    return result.model_copy(update={"variants": [first.model_copy(update={"kpi": kpi}), *others]})


def test_verification_lists_differences_by_their_place() -> None:
    committed = experiment()
    verification = compare(committed, with_kpi(101), 0)
    name = committed.variants[0].name
    assert verification.differences == [(f"variants[0 {name}].kpi.value", 100, 101)]
    assert verification.compared > len(verification.differences)


@pytest.mark.parametrize(("tolerance", "differences"), [(0.005, 1), (0.02, 0)])
def test_tolerance_is_relative(tolerance: float, differences: int) -> None:
    assert len(compare(experiment(), with_kpi(101), tolerance).differences) == differences


def test_integers_are_compared_exactly_whatever_the_tolerance() -> None:
    committed = experiment()
    repeated = committed.model_copy(update={"seed": committed.seed + 1})
    assert [difference.place for difference in compare(committed, repeated, 1).differences] == ["seed"]


def test_verification_names_packages_of_other_versions() -> None:
    committed = experiment(packages={"numpy": "1.0", "pandas": "2.0"})
    verification = compare(committed, experiment(packages={"numpy": "2.0", "pandas": "2.0"}), 0)
    (note,) = verification.versions
    assert note.startswith("numpy: ")
    assert verification.differences == []


def test_keys_that_an_earlier_version_did_not_write_are_not_compared() -> None:
    data = json.loads((EXAMPLE / "experiment.json").read_text("utf-8"))
    assessed = {"value": 1.0, "period_rows": 1}
    added = {**data, "override_reason": "x", "assessed_status_quo": assessed}
    added["sample"] = {**data["sample"], "weights": {"base_rate": 0.1}}
    for key in ("override_reason", "assessed_status_quo"):
        data.pop(key, None)
    data["sample"].pop("weights", None)
    assert compare(read("experiment", data), read("experiment", added), 0).differences == []
    places = {
        found.place for found in compare(read("experiment", added), read("experiment", data), 0).differences
    }
    assert (
        places
        == {"override_reason", "assessed_status_quo.value", "assessed_status_quo.period_rows"}
        | {"assessed_status_quo", "sample.weights", "sample.weights.base_rate", "sample.weights.column"}
        & places
    )
    fewer = {**data, "variants": data["variants"][:-1]}
    assert compare(read("experiment", data), read("experiment", fewer), 0).differences
    assert compare(read("experiment", fewer), read("experiment", data), 0).differences
