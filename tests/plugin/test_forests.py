"""The sentences of charts claim only what is shown; the forest plots of a report."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iterata.documents.models.enums import Direction
from iterata.results import Estimate
from iterata.results.best import best_variant
from iterata.results.experiment import GuardrailResult, MetricValue, SegmentResult, SegmentVariant
from iterata.site.charts.conclusions import of_headroom, of_variants
from iterata.site.charts.report_forests import MOST_ROWS, guardrails, hypotheses, metrics, segments
from iterata.site.charts.scale import scale

from .conftest import EXPERIMENT

if TYPE_CHECKING:
    from iterata.results import ExperimentResult, LiftResult


def estimate(value: float) -> Estimate:
    return Estimate(value=value, low=value - 5, high=value + 5)


def with_differences(result: ExperimentResult, *differences: Estimate) -> ExperimentResult:
    variants = [
        result.variants[0].model_copy(update={"name": f"variant {number}", "difference": difference})
        for number, difference in enumerate(differences, 1)
    ]
    return result.model_copy(update={"variants": variants})


def between(low: float, high: float) -> Estimate:
    return Estimate(value=(low + high) / 2, low=low, high=high)


CLAIM = re.compile(r"\d|(?<!shown to be )\b(better|worse|brings|saves)\b")


class TestConclusion:
    @given(st.lists(st.tuples(st.floats(-90, 90), st.floats(0, 90)), min_size=1, max_size=4))
    def test_no_title_claims_a_gain_whose_interval_includes_zero(
        self, ends: list[tuple[float, float]]
    ) -> None:
        result = with_differences(EXPERIMENT, *(between(low, low + width) for low, width in ends))
        title, aside = of_variants(result)
        is_shown = any(low > 0 for low, _ in ends)
        assert not ("brings" in title and not is_shown)
        assert bool(re.search("brings|may be luck", title)) == is_shown
        assert bool(aside) == is_shown
        if not is_shown and any(low + width >= 0 for low, width in ends):
            assert CLAIM.search(title.replace("variant 1", "")) is None or "No variant" in title

    def test_title_names_the_best_of_those_that_are_shown(self, experiment: ExperimentResult) -> None:
        title, aside = of_variants(
            with_differences(experiment, between(-100, 900), between(10, 30), between(20, 60))
        )
        assert "variant 3" in title
        assert "best of 3 tried" in title
        assert aside == "+20.0\N{NO-BREAK SPACE}to\N{NO-BREAK SPACE}+60.0"

    def test_best_of_many_is_not_claimed_if_it_may_be_luck(self, experiment: ExperimentResult) -> None:
        """One of twenty intervals of 95 % lies above zero by chance alone."""
        alone, _ = of_variants(with_differences(experiment, between(1, 41)))
        assert "brings" in alone
        title, aside = of_variants(with_differences(experiment, between(1, 41), *[between(-20, 20)] * 19))
        assert CLAIM.search(title.replace("variant 1", "").replace("best of 20", "")) is None
        assert ("may be luck" in title, bool(aside)) == (True, True)
        certain, _ = of_variants(with_differences(experiment, between(30, 50), *[between(-20, 20)] * 19))
        assert "brings" in certain

    def test_variant_that_keeps_its_guardrails_is_named_first(self, experiment: ExperimentResult) -> None:
        result = with_differences(experiment, between(10, 30), between(20, 60))
        broken = guardrail("older people", "variant 2", 3, 5)
        title, _ = of_variants(result.model_copy(update={"guardrails": [broken]}))
        assert "variant 1" in title
        both = [broken, guardrail("older people", "variant 1", 3, 5)]
        title, _ = of_variants(result.model_copy(update={"guardrails": both}))
        assert "variant 2" in title
        assert "older people" in title

    def test_title_and_answer_name_the_same_variant(self, experiment: ExperimentResult) -> None:
        """Also if the only gain that is shown breaks a guardrail, and if a larger gain may be chance."""
        chance = with_differences(experiment, between(-100, 900), between(10, 30), between(20, 60))
        assert best(chance) == "variant 3"
        result = with_differences(experiment, between(-5, 15), between(20, 60))
        broken = guardrail("older people", "variant 2", 3, 5)
        result = result.model_copy(update={"guardrails": [broken]})
        assert best(result) == "variant 1"
        title, _ = of_variants(result)
        released, _, larger = title.partition("; ")
        assert released == "No variant that keeps the guardrails is shown to be better"
        assert ("variant 2" in larger, "breaks" in larger, "older people" in larger) == (True, True, True)
        assert (way := scale(result).way) is None or way.name == "variant 1"

    @pytest.mark.parametrize(
        ("kind", "direction", "verb"),
        [
            ("targeting", Direction.MAXIMISE, "more"),
            ("forecast_cost", Direction.MINIMISE, "saves"),
            ("metric", Direction.MAXIMISE, "better"),
        ],
    )
    def test_verb_fits_the_kpi(
        self, experiment: ExperimentResult, kind: str, direction: Direction, verb: str
    ) -> None:
        kpi = experiment.kpi.model_copy(update={"kind": kind, "direction": direction})
        title, _ = of_variants(experiment.model_copy(update={"kpi": kpi}))
        assert verb in title
        assert experiment.kpi.scaled_unit in title

    def test_headroom_that_may_be_nothing_is_not_claimed(self, lift: LiftResult) -> None:
        title, aside = of_headroom(lift.model_copy(update={"potential_lift": between(-1, 3)}))
        assert (CLAIM.search(title), aside) == (None, "")
        assert "260" in of_headroom(lift)[0]


def best(result: ExperimentResult) -> str:
    """The variant that the answers, the exports and the documents of the next step name."""
    found = best_variant(result)
    return found.name if found else ""


def guardrail(name: str, variant: str, worsening: float, most: float, margin: float = 2) -> GuardrailResult:
    return GuardrailResult(
        name=name,
        variant=variant,
        status_quo=10,
        value=10 - worsening,
        worsening=worsening,
        worsening_at_most=most,
        margin=margin,
        holds=most <= margin,
    )


def segment(value: str, difference: Estimate | None, p_adjusted: float | None) -> SegmentResult:
    inside = SegmentVariant(name="logistic", kpi=estimate(5), difference=difference, p_adjusted=p_adjusted)
    return SegmentResult(
        column="region", value=value, rows=100, positives=5, status_quo=estimate(4), variants=[inside]
    )


class TestReportForests:
    def test_guardrail_has_its_margin_as_a_limit(self, experiment: ExperimentResult) -> None:
        kept = [guardrail("roc_auc", "logistic", -1, 1), guardrail("roc_auc", "boosted", 1, 4)]
        (chart,) = guardrails(experiment.model_copy(update={"guardrails": kept}))
        at = chart.axis.at
        assert [(row.x, row.left, row.limit) for row in chart.rows] == [
            (at(1), at(-1), at(-2)),
            (at(-1), at(-4), at(-2)),
        ]
        assert [row.verdict for row in chart.rows] == ["kept", "not kept"]
        assert "boosted" in chart.title

    def test_guardrail_without_a_figure_is_not_kept_and_not_drawn(self, experiment: ExperimentResult) -> None:
        unknown = guardrail("roc_auc", "boosted", 1, 4).model_copy(
            update={"worsening": None, "worsening_at_most": None, "needed": "at least one row"}
        )
        assert guardrails(experiment.model_copy(update={"guardrails": [unknown]})) == ()
        kept = [guardrail("roc_auc", "logistic", -1, 1), unknown]
        (chart,) = guardrails(experiment.model_copy(update={"guardrails": kept}))
        assert (chart.rows[1].shape, chart.rows[1].verdict) == ("none", "not kept")

    def test_segments_claim_nothing_that_one_of_many_would_show_by_chance(
        self, experiment: ExperimentResult
    ) -> None:
        parts = [
            segment("north", between(1, 9), 0.01),
            segment("south", between(1, 9), 0.4),
            segment("east", between(-9, 9), 0.9),
            segment("west", None, None),
        ]
        (chart,) = segments(experiment.model_copy(update={"segments": parts}))
        assert [row.tone for row in chart.rows] == ["better", "open", "open", "better"]
        assert chart.rows[-1].is_total

    def test_many_segments_are_cut(self, experiment: ExperimentResult) -> None:
        parts = [segment(str(number), between(1, 9), 0.01) for number in range(80)]
        (chart,) = segments(experiment.model_copy(update={"segments": parts}))
        assert len(chart.rows) == MOST_ROWS + 1
        assert "80" in chart.note

    def test_hypotheses_have_what_they_require_as_a_limit(self, experiment: ExperimentResult) -> None:
        (chart,) = hypotheses(experiment)
        assert [row.limit for row in chart.rows] == [chart.axis.at(10)] * 2
        assert [row.verdict for row in chart.rows] == ["supported", "refuted"]

    def test_metrics_of_a_ranking_without_a_value_are_left_out(self, experiment: ExperimentResult) -> None:
        known = MetricValue(name="roc_auc", value=estimate(8), difference=between(1, 3))
        unknown = MetricValue(name="log_loss", value=None)
        variant = experiment.variants[0].model_copy(update={"metrics": [known, unknown]})
        (chart,) = metrics(experiment.model_copy(update={"variants": [variant]}))
        assert [(row.name, row.verdict) for row in chart.rows] == [("logistic", "better")]
