"""Charts and tables of KPIs of effects and of classes, and their pages in a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from iterata import results
from iterata.knowledge import TrajectoryPoint, read
from iterata.repository.config import load
from iterata.repository.projects import Repository
from iterata.results import Estimate, Identified
from iterata.results.classes import ClassFigure, ConfusedPair, ConfusionTable, OtherPairs
from iterata.results.parts import ConstantAnswer
from iterata.results.uplift import Arm, AssignmentTest, Balance, ColumnDifference, CurvePoint, UpliftCurve
from iterata.site.charts.answers import SHOWN_PAIRS, answers
from iterata.site.charts.depth import depth
from iterata.site.charts.scale import scale
from iterata.site.charts.trajectory import trajectories
from iterata.site.charts.uplift import uplift_chart

from .conftest import EXPERIMENT, KPI, LIFT, SCALE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Site

PAGE = "projects/newsletter/01-setup"
HOSTILE = "<script>window.pwned=1</script>"
NAMES = ["billing", "שירות לקוחות", "🔥 outage", HOSTILE, "x" * 200, *(f"class {n:02}" for n in range(55))]


def estimate(value: float, spread: float = 0.0) -> Estimate:
    return Estimate(value=value, low=value - spread, high=value + spread)


def curve(power: float, area: float, *, band: bool = True) -> UpliftCurve:
    """A curve to an effect of .06."""
    points = []
    for step in range(1, 21):
        gain = 0.06 * (step / 20) ** power
        ends = {"low": gain - 0.02, "high": gain + 0.02} if band and step > 2 else {}
        points.append(CurvePoint(depth=step / 20, gain=gain, **ends))
    return UpliftCurve(points=points, area=estimate(area, 0.003))


PERFECT = Identified(lower=estimate(520, 120), upper=estimate(1800, 100))
BALANCE = Balance(
    treated=Arm(rows=5000, units=5000, positives=2012, mean=0.4024),
    control=Arm(rows=5012, units=5012, positives=1722, mean=0.3436),
    declared=True,
    probability=0.5,
    sample_ratio=AssignmentTest(test="chi2", statistic=0.1, freedom=1, p=0.9, expected=5006, off=False),
    columns=66,
    largest=ColumnDifference(name=HOSTILE, difference=0.0568),
    chance=0.0674,
)
EFFECTS = {
    "kpi": KPI.model_copy(update={"kind": "uplift"}),
    "scale": SCALE.model_copy(update={"perfect": PERFECT.upper, "perfect_identified": PERFECT}),
    "balance": BALANCE,
}
LIFT_OF_EFFECTS = LIFT.model_copy(
    update={
        **EFFECTS,
        "curve": curve(0.8, 0.0017),
        "by_depth": [
            results.DepthPoint(
                depth=depth_, random=580 * depth_, status_quo=600 * depth_, perfect=4000 * depth_,
                perfect_lower=min(580, 3000 * depth_),
            )
            for depth_ in (0.1, 0.2, 0.5, 1)
        ],
    }
)  # fmt: skip
CAPTURED = Identified(lower=estimate(0.03, 0.05), upper=Estimate(value=0.16, low=0.02, high=1))
RUN_OF_EFFECTS = EXPERIMENT.model_copy(
    update={
        **EFFECTS,
        "status_quo_curve": curve(0.9, 0.0004),
        "variants": [
            variant.model_copy(update={"curve": curve(power, area), "captured_share_identified": CAPTURED})
            for variant, power, area in zip(EXPERIMENT.variants, (0.6, 0.85), (0.005, 0.001), strict=True)
        ],
    }
)


def pairs(*costs: float) -> list[ConfusedPair]:
    return [
        ConfusedPair(answer=NAMES[0], truth=NAMES[1 + place % 59], rows=place + 0.5, value=-cost, cost=cost)
        for place, cost in enumerate(costs)
    ]


CONFUSION = ConfusionTable(
    pairs=[
        *pairs(*range(100, 60, -1)),
        ConfusedPair(answer=NAMES[0], truth=NAMES[0], rows=800, value=800, cost=0),
    ],
    others=OtherPairs(pairs=7, rows=3, value=-1, cost=1),
)
CLASSES = [
    ClassFigure(
        name=name, rows=100 - place, answered=90, precision=estimate(0.9, 0.05) if place else None,
        recall=Estimate(value=0.5), f1=estimate(0.97, 0.06), value=estimate(5, 1),
    )
    for place, name in enumerate(NAMES)
]  # fmt: skip
OF_CLASSES = {
    "kpi": KPI.model_copy(update={"kind": "class_value", "budget": None}),
    "scale": SCALE.model_copy(update={"best_constant": ConstantAnswer(answer=HOSTILE, value=90)}),
}
RUN_OF_CLASSES = EXPERIMENT.model_copy(
    update={
        **OF_CLASSES,
        "status_quo_confusion": CONFUSION,
        "status_quo_classes": CLASSES,
        "variants": [
            EXPERIMENT.variants[0].model_copy(
                update={"confusion": CONFUSION, "classes": CLASSES, "to_person": estimate(0.08, 0.01)}
            ),
            EXPERIMENT.variants[1],
        ],
    }
)


def test_scale_shows_where_perfect_lies() -> None:
    chart = scale(LIFT.model_copy(update={"scale": RUN_OF_EFFECTS.scale}))
    rows = {row.name: row for row in chart.forest.rows}
    at = chart.forest.axis.at
    perfect, potential = rows["Perfect"], rows["Potential lift"]
    assert (perfect.left, perfect.right, perfect.shape) == (at(520), at(1800), "hatch")
    assert (perfect.figure, perfect.interval) == ("520 to 1,800", "400 to 1,900")
    assert (potential.left, potential.right) == (at(140), at(520))
    assert chart.identification in chart.description
    assert chart.identification != ""
    assert scale(EXPERIMENT).identification == ""


def test_lower_end_below_the_status_quo_leaves_no_sure_potential() -> None:
    perfect = Identified(lower=estimate(120, 10), upper=estimate(400, 10))
    bounds = SCALE.model_copy(update={"perfect_identified": perfect})
    rows = {row.name: row for row in scale(LIFT.model_copy(update={"scale": bounds})).forest.rows}
    assert rows["Potential lift"].left == rows["Potential lift"].right


def test_uplift_chart_draws_the_best_variant_with_its_band() -> None:
    chart = uplift_chart(RUN_OF_EFFECTS)
    assert chart is not None
    assert chart.models == ("logistic", "boosted", "Opened the last issue")
    assert [(line.tone, line.name) for line in chart.lines] == [
        ("random", "Random"),
        ("status_quo", "Opened the last issue"),
        ("variant", "logistic"),
    ]
    straight, status_quo, leading = (line.points.split() for line in chart.lines)
    assert len(straight) == 2
    assert straight[-1] == leading[-1] == status_quo[-1]
    assert straight[0] == leading[0]
    assert len(chart.band.split()) == 2 * 18  # without the points that have no band
    assert chart.rows[-1].cells[0] == "60.0 (40.0 to 80.0)"
    assert chart.areas[0] == ("logistic", "+5.00 (+2.00 to +8.00)")
    everywhere = [
        float(part) for line in chart.lines for point in line.points.split() for part in point.split(",")
    ]
    assert all(0 <= part <= 100 for part in everywhere)


def test_assessment_has_the_curve_of_the_status_quo_only() -> None:
    chart = uplift_chart(LIFT_OF_EFFECTS)
    assert chart is not None
    assert [line.tone for line in chart.lines] == ["random", "status_quo"]
    assert uplift_chart(LIFT) is None
    assert uplift_chart(EXPERIMENT) is None


def test_budget_chart_has_both_ends_of_perfect() -> None:
    chart = depth(LIFT_OF_EFFECTS)
    assert chart is not None
    assert chart.lower is not None
    assert (chart.lower.text, chart.curves[0].text) == ("580", "800")
    assert [row.perfect_lower for row in chart.rows] == ["300", "580", "580", "580"]
    known = depth(LIFT_OF_EFFECTS.model_copy(update={"by_depth": [
        point.model_copy(update={"perfect_lower": None}) for point in LIFT_OF_EFFECTS.by_depth
    ]}))  # fmt: skip
    assert known is not None
    assert known.lower is None


def test_trajectory_tells_both_ends_of_perfect() -> None:
    points = [
        TrajectoryPoint(
            "01-setup", EFFECTS["kpi"], estimate(100), estimate(140), PERFECT.upper, None, PERFECT.lower
        )
    ]
    ((step,),) = (chart.steps for chart in trajectories(points))
    assert step.perfect == "520 to 1,800"


def test_costliest_pairs_come_first_with_the_longest_bar() -> None:
    first, status_quo = answers(RUN_OF_CLASSES)
    assert (first.name, status_quo.name) == ("logistic", "Opened the last issue")
    assert (len(first.pairs), first.total) == (40, 48)
    assert [pair.heat for pair in first.pairs[:3]] == [100, 99, 98]
    assert first.to_person == "8.0 % (7.0 to 9.0 %)"
    assert [row.name for row in first.classes] == NAMES
    precision, recall, f1 = first.classes[1].shares
    assert precision is not None
    assert (precision.x, precision.low, precision.high) == (90, 85, 95)
    assert recall is not None
    assert "too few to tell" in recall.text
    assert f1 is not None
    assert f1.high == 100
    assert first.classes[0].shares[0] is None
    assert answers(EXPERIMENT) == answers(LIFT) == ()
    (assessed,) = answers(LIFT.model_copy(update={"confusion": CONFUSION}))
    assert (assessed.name, len(assessed.pairs), assessed.classes) == ("Opened the last issue", 40, ())


def test_without_values_errors_are_counted() -> None:
    unvalued = ConfusionTable(
        pairs=[
            ConfusedPair(answer="a", truth="b", rows=30),
            ConfusedPair(answer="a", truth="a", rows=90),
            ConfusedPair(answer="b", truth="a", rows=15),
        ]
    )
    variant = EXPERIMENT.variants[0].model_copy(update={"confusion": unvalued})
    (model,) = answers(EXPERIMENT.model_copy(update={"variants": [variant]}))
    assert [(pair.answer, pair.cost, pair.heat) for pair in model.pairs] == [
        ("a", "30", 100),
        ("b", "15", 50),
    ]
    assert not model.has_values


def test_findings_are_filtered_by_the_kind_of_kpi(base: Path) -> None:
    for result in (LIFT_OF_EFFECTS, RUN_OF_EFFECTS):
        (base / f"{PAGE}/results/{result.kind}.json").write_text(results.to_json(result), "utf-8")
    findings = {finding.key: finding.kpi_kind for finding in read(Repository.on_disk(load(base))).findings}
    assert findings["newsletter/01-setup#F1"] == "uplift"
    assert findings["wine-labels/#F1"] == ""


@pytest.fixture(params=["effects", "classes"])
def kind(request: pytest.FixtureRequest, base: Path) -> str:
    """A knowledge base whose first iteration has a KPI of this kind."""
    runs = {"effects": (LIFT_OF_EFFECTS, RUN_OF_EFFECTS), "classes": (LIFT, RUN_OF_CLASSES)}
    for result in runs[request.param]:
        (base / f"{PAGE}/results/{result.kind}.json").write_text(results.to_json(result), "utf-8")
    return str(request.param)


def test_pages_of_the_kinds_fit_a_phone(
    kind: str, build: Callable[..., Site], look: Callable[..., list[dict[str, Any]]]
) -> None:
    site = build(theme={"name": "material", "font": False, "palette": {"scheme": "slate"}})
    pages = [f"{PAGE}/", "projects/newsletter/", f"{PAGE}/assessment/"]
    for page in look(site, pages):
        assert page["overflow"] <= 0, page["path"]
        assert page["touching"] == [], page["path"]
        assert page["outside"] == 0, page["path"]
        assert page["contrast"] >= 4.5, page["path"]
        assert not page["pwned"], page["path"]
    page = site.page(PAGE)
    if kind == "effects":
        assert [chart.attributes["role"] for chart in page.all("div", role="img")] == ["img", "img"]
        assert "3.0 to 16.0 %" in page.text
        assert HOSTILE in page.text
    else:
        assert f"Always {HOSTILE}" in page.text
        models = page.all("details", class_="it-model")
        assert len(models) == 2
        assert f"{40 - SHOWN_PAIRS} more" in models[0].text
