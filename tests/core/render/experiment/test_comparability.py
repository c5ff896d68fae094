"""The page says what makes an experiment's figures differ from those of its assessment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iterata.render.experiment import tables
from iterata.render.experiment.comparability import override_sentence, sentences
from iterata.render.weights import weights_sentence
from iterata.results import AssessedStatusQuo, DifferenceReason, OverrideRecord, SampleWeights
from iterata.stages import Stage

from ....helpers import samples

if TYPE_CHECKING:
    from iterata.results import ExperimentResult

    from ....helpers.golden import Golden

OVERRIDES = [
    OverrideRecord(name="positive value", assessment="yes", plan="no"),
    OverrideRecord(name="unit", assessment="household", plan="row"),
]


@pytest.fixture
def result() -> ExperimentResult:
    return samples.experiment(samples.data(Stage.PROPOSAL)["plan"])


def with_weights(result: ExperimentResult, weights: SampleWeights | None) -> ExperimentResult:
    return result.model_copy(update={"sample": result.sample.model_copy(update={"weights": weights})})


def test_wording_of_differences(result: ExperimentResult, golden: Golden) -> None:
    described = [
        SampleWeights(base_rate=0.01),
        SampleWeights(column="w"),
        SampleWeights(column="w", base_rate=0.01),
    ]
    lines = [weights_sentence(with_weights(result, weights).sample) for weights in described]
    differing = result.model_copy(update={"overrides": OVERRIDES, "override_reason": "Staying is new."})
    lines.append(override_sentence(differing))
    for reason in DifferenceReason:
        assessed = AssessedStatusQuo(value=90.0, period_rows=4000, differs_because=[reason])
        lines += sentences(result.model_copy(update={"assessed_status_quo": assessed}))
    golden.check("comparability", "\n".join(lines))


def test_nothing_is_said_of_figures_that_agree(result: ExperimentResult) -> None:
    same = AssessedStatusQuo(value=80.0, period_rows=1000)
    agreeing = result.model_copy(update={"assessed_status_quo": same})
    assert [*sentences(agreeing), override_sentence(agreeing), weights_sentence(agreeing.sample)] == ["", ""]
    assert tables.render(agreeing) == tables.render(result)


def test_names_of_the_author_cannot_break_the_page(result: ExperimentResult) -> None:
    hostile = [OverrideRecord(name="unit", assessment="<b>", plan="a|b")]
    rendered = override_sentence(
        result.model_copy(update={"overrides": hostile, "override_reason": "<script>"})
    )
    assert "<b>" not in rendered
    assert "<script>" not in rendered
    weighted = weights_sentence(with_weights(result, SampleWeights(column="<i>")).sample)
    assert "<i>" not in weighted
