"""Releases on the site: phases, gains expected, seen offline and realised, and reverts."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pytest
from mkdocs.commands.build import build as mkdocs_build
from mkdocs.config import load_config

from iterata.documents.models.enums import Advice, Direction
from iterata.knowledge import ReleaseView, read
from iterata.repository.config import load
from iterata.repository.projects import Repository
from iterata.results.rollout import Comparison, Health
from iterata.site.charts.axis import CHARACTER, Axis, spaced
from iterata.site.charts.forest import NARROWEST
from iterata.site.charts.release import release_chart
from iterata.site.charts.release_titles import conclusion
from iterata.site.charts.trajectory import trajectories
from iterata.site.release_facts import still_needed
from iterata.site.search_text import placeholder

from .conftest import Site as BuiltSite
from .conftest import copy_base
from .release_base import (
    EARLIER,
    FIRST,
    OVERRIDE,
    PLACE,
    REVERT,
    SECOND,
    edit,
    effect,
    entry,
    record,
    release,
    release_in,
    rollout,
)
from .test_trust import BREAKOUT, active_content

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from iterata.results import RolloutResult
    from iterata.site.charts.forest import Forest

    from ..helpers.golden import Golden
    from .conftest import Html, Site

PAGE = f"{PLACE}/deployment"
HARM = Health(
    problem="guardrail", reaction=Advice.REVERT, message="unsubscribed is worse by more than 0.2 % points."
)
WORSE = rollout(
    [(0.1, 0.002, 0.014), (0.25, -0.012, 0.0065)], (-0.0095, 0.0075), advice=Advice.REVERT, health=[HARM]
)


def chart_of(view: ReleaseView, *, phases: bool = True) -> Forest:
    """The drawing of a release."""
    chart = release_chart(view, phases=phases)
    assert chart is not None
    return chart


def words(page: Html) -> str:
    """The text of a page on one line, with ordinary spaces."""
    return " ".join(page.text.split())


class TestChart:
    def test_phases_stand_between_what_was_expected_and_the_total(self, base: Path) -> None:
        release(base, FIRST, SECOND)
        chart = chart_of(release_in(base))
        assert [(row.name, row.figure, row.interval, row.tone, row.is_total) for row in chart.rows] == [
            ("Expected", "+84.0", "", "expected", False),
            ("Offline", "+60.0", "+40.0 to +80.0", "offline", False),
            ("Offline, corrected", "+52.0", "+28.0 to +76.0", "selected", False),
            ("Phase 10 %", "+60", "−10 to +130", "open", False),
            ("Phase 25 %", "+42.5", "+10.0 to +75.0", "better", False),
            ("Realised", "+47.5", "+10.0 to +85.0", "better", True),
        ]
        assert [row.verdict for row in chart.rows] == ["", "", "", "not shown", "better", "better"]
        assert [row.note for row in chart.rows[3:]] == [
            "14 days, 6,012 units",
            "14 days, 10,012 units",
            "all phases up to 25 %",
        ]

    def test_positions_follow_the_figures_in_the_unit_of_the_kpi(self, base: Path) -> None:
        release(base, FIRST, SECOND)
        chart = chart_of(release_in(base))
        at = chart.axis.at
        assert "issues per issue" in chart.label
        assert chart.zero == at(0)
        assert chart.band == (at(40), pytest.approx(at(80) - at(40), abs=0.02))
        for row, (value, low, high) in zip(
            chart.rows[3:], [(60, -10, 130), (42.5, 10, 75), (47.5, 10, 85)], strict=True
        ):
            assert (row.x, row.left, row.right) == pytest.approx((at(value), at(low), at(high)), abs=0.02)

    def test_iteration_shows_three_kinds_of_gain_without_phases(self, base: Path) -> None:
        release(base, FIRST, SECOND)
        chart = chart_of(release_in(base), phases=False)
        assert [row.name for row in chart.rows] == ["Expected", "Offline", "Offline, corrected", "Realised"]

    def test_fewer_is_better_turns_the_effects(self, base: Path) -> None:
        fewer = rollout([(0.1, 0.012, 0.004)], (0.012, 0.005), better="lower")
        release(base, fewer)
        view = release_in(base)
        assert view.primary is not None
        assert view.primary.total is not None
        assert view.primary.total.difference.value < 0
        assert [(row.name, row.figure, row.tone) for row in chart_of(view).rows[3:]] == [
            ("Phase 10 %", "+60.0", "better"),
            ("Realised", "+60.0", "better"),
        ]

    def test_before_the_split_test_there_is_the_expectation_only(self, base: Path) -> None:
        release(base, status="planned")
        view = release_in(base)
        chart = chart_of(view)
        assert [(row.name, row.figure) for row in chart.rows] == [("Offline", "+60.0")]
        assert chart.band_name == "expected: the report's interval"
        assert (view.newest, view.current is None, view.gains.realised) == (None, False, None)

    def test_another_period_gives_no_offline_figure(self, base: Path) -> None:
        release(base, status="planned")
        path = base / PLACE / "results/experiment.json"
        path.write_text(
            path.read_text("utf-8").replace('"period_rows": 10000', '"period_rows": 999'), "utf-8"
        )
        assert release_in(base).gains.offline is None

    def test_without_an_assessment_the_metric_is_drawn(self, base: Path) -> None:
        release(base, FIRST.model_copy(update={"kpi": None, "realised": None}))
        view = release_in(base)
        assert (view.kpi, view.unit) == (None, "issues opened")
        assert [(row.name, row.figure) for row in chart_of(view).rows] == [
            ("Phase 10 %", "+0.0120"),
            ("Realised", "+0.0120"),
        ]

    @pytest.mark.parametrize(
        ("kind", "tone", "verdict"), [("holdout", "better", "better"), ("before_and_after", "compared", "")]
    )
    def test_before_and_after_claims_nothing(self, base: Path, kind: str, tone: str, verdict: str) -> None:
        compared = Comparison(kind=kind, note="A note.", effect=effect(0.012, 0.002))
        release(base, SECOND.model_copy(update={"comparison": compared}))
        (row,) = [row for row in chart_of(release_in(base)).rows if row.name == "At 100 %"]
        assert (row.figure, row.tone, row.verdict) == ("+60.0", tone, verdict)

    def test_too_few_units_have_no_interval_and_no_verdict(self, base: Path) -> None:
        realised = FIRST.realised
        assert realised is not None
        bare = realised.gain.model_copy(update={"low": None, "high": None})
        release(base, FIRST.model_copy(update={"realised": realised.model_copy(update={"gain": bare})}))
        row = chart_of(release_in(base)).rows[-1]
        assert (row.interval, row.verdict, row.tone) == ("", "not shown", "open")

    @pytest.mark.parametrize("spread", [0.4, 7.0, 12345.0, 3e6])
    def test_ticks_keep_zero_and_do_not_touch(self, spread: float) -> None:
        ticks = spaced(Axis.over([-spread, 0.3 * spread], Direction.MAXIMISE).ticks, NARROWEST)
        assert any(set(tick.text) <= set("0.") for tick in ticks)
        longest = max(len(tick.text) for tick in ticks)
        for left, right in itertools.pairwise(ticks):
            assert right.x - left.x >= 100 * CHARACTER * longest / NARROWEST


TITLES: dict[str, tuple[list[RolloutResult], dict[str, str]]] = {
    "planned": ([], {"status": "planned"}),
    "arrived": ([SECOND], {}),
    "in part": ([rollout([(0.1, 0.004, 0.003)], (0.004, 0.003))], {}),
    "more": ([rollout([(0.1, 0.03, 0.01)], (0.03, 0.01))], {}),
    "not shown yet": ([FIRST], {}),
    "never shown": ([FIRST], {"status": "deployed"}),
    "reverted": ([WORSE], {"status": "reverted", "more": REVERT}),
}


def test_titles_say_the_conclusion(base: Path, golden: Golden) -> None:
    lines = []
    for name, (results, options) in TITLES.items():
        for path in (base / PLACE / "results").glob("rollout-*.json"):
            path.unlink()
        release(base, *results, **options)
        lines.append(f"{name}: {conclusion(release_in(base))}".replace("\N{NO-BREAK SPACE}", " "))
    golden.check("release-titles", "\n".join(lines))


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Html:
    """The page of a release that rolls out, with an override and an earlier release."""
    folder = copy_base(tmp_path_factory.mktemp("release") / "base")
    release(folder, FIRST, SECOND, override=OVERRIDE, more=EARLIER)
    mkdocs_build(load_config(str(folder / "mkdocs.yml")))
    return BuiltSite(folder / "site").page(PAGE)


class TestPages:
    def test_head_says_phase_advice_and_who_acts(self, page: Html) -> None:
        terms = [term.text for term in page.all("dt")]
        assert terms[:5] == ["Variant", "Realised", "Advice", "Decided", "Next"]
        text = words(page)
        assert "25 % of users since 2026-04-15, evaluated on 2026-04-29" in text
        assert "hold 14 days are not over yet" in text
        assert "data until 2026-04-28" in text
        assert "+47.5 (+10.0 to +85.0) issues per issue, 18.3 % (3.8 to 32.7 %) of what is possible" in text

    def test_table_has_the_figures_of_the_chart(self, page: Html) -> None:
        (chart,) = page.all("div", class_="it-forest", role="img")
        ids = {element.attributes.get("id"): element.text for element in page.elements}
        title, about = chart.attributes["aria-labelledby"], chart.attributes["aria-describedby"]
        assert "report saw +60.0" in ids[title]
        assert "Phase 25 % (14 days, 10,012 units) +42.5, +10.0 to +75.0: better" in ids[about]
        cells = [" ".join(cell.text.split()) for cell in page.all("td")]
        first = cells.index("2026-04-01 to 2026-04-15")
        assert cells[first : first + 4] == [
            "2026-04-01 to 2026-04-15",
            "3,000 : 3,012 ratio as planned (p = 0.27)",
            "+0.0120 −0.0020 to +0.0260",
            "+60 −10 to +130",
        ]
        assert "+47.5 +10.0 to +85.0" in cells

    def test_overrides_and_earlier_releases_are_told(self, page: Html) -> None:
        text = words(page)
        assert "25 % ended on 2026-04-29 although the result advised hold; decided by product" in text
        assert "The summer issue cannot wait." in text
        earlier = text[text.index("Earlier releases", text.index("cannot wait")) :]
        assert "boosted reverted on 2026-02-20, from 10 % Letters arrived twice." in earlier
        assert earlier.count("Letters arrived twice.") == 1

    def test_problems_of_the_split_test_are_told(self, base: Path, build: Callable[..., Site]) -> None:
        release(base, FIRST, WORSE)
        text = words(build().page(PAGE))
        assert "guardrail revert unsubscribed is worse by more than 0.2 % points." in text

    def test_three_gains_are_on_the_iteration_the_project_and_the_board(
        self, base: Path, build: Callable[..., Site]
    ) -> None:
        release(base, FIRST, SECOND)
        site = build()
        for path in (PLACE, "projects/newsletter"):
            page = site.page(path)
            row = next(
                " ".join(row.text.split())
                for row in page.all("tr")
                if "rolling out" in row.text and "+84.0" in row.text
            )
            for figure in (
                "rolling out",
                "+60.0 +40.0 to +80.0",
                "+47.5 +10.0 to +85.0",
                "18.3 %",
                "issues per",
            ):
                assert figure in row, path
        assert "realised +47.5 (+10.0 to +85.0) issues per issue" in words(site.page("projects"))
        assert "188 (150 to 225)" in words(site.page("projects/newsletter"))  # 140 with +47.5

    def test_after_a_revert_every_page_says_so(self, base: Path, build: Callable[..., Site]) -> None:
        release(base, FIRST, WORSE, status="reverted", more=REVERT)
        site = build()
        page = words(site.page(PAGE))
        assert "Reverted on 2026-04-25, from 25 % of users" in page
        assert "all phases up to 25 %, then reverted" in page
        assert "Rolling out" not in page
        board = words(site.page("projects"))
        assert "reverted from 25 % on 2026-04-25" in board
        assert "post-mortem" in board
        assert "reverted" in words(site.page(PLACE))
        assert "92 (55 to 130), reverted" in words(site.page("projects/newsletter"))

    def test_damaged_result_hides_nothing_else(self, base: Path, build: Callable[..., Site]) -> None:
        release(base, FIRST, SECOND)
        damaged = base / PLACE / "results/rollout-25.json"
        damaged.write_text('{"kind": "rollout"', "utf-8")
        site = build()
        page = words(site.page(PAGE))
        assert "The figures of this page are not shown." in page
        assert "Phase 10 % 14 days, 6,012 units" in page  # of the other result
        assert "Habits tell who reads" in words(site.page(f"{PLACE}/report"))

    def test_deployment_with_problems_still_has_its_pages(
        self, base: Path, build: Callable[..., Site]
    ) -> None:
        release(base, FIRST, WORSE, status="reverted", more=REVERT + EARLIER)
        edit(base, "phases:\n", "phases: none\nunread:\n")
        edit(base, "variant: logistic", "variant: [1, 2]")
        edit(base, "earlier:\n", "earlier:\n  - nothing\n")
        site = build()
        assert "This document has problems." in words(site.page(PAGE))
        assert "−47.5" in words(site.page(PLACE))
        assert "Letters arrived twice." in words(site.page(PAGE))  # in the front matter


def test_valid_parts_of_a_deployment_are_read(base: Path) -> None:
    release(base, FIRST, WORSE, status="reverted", more=REVERT + EARLIER)
    edit(base, "    started: 2026-04-15\n", "    started: someday\n")
    edit(base, "revert: {on: 2026-04-25", "revert: {since: 2026-04-25")
    view = release_in(base)
    assert [entry.phase.share for entry in view.phases] == [0.1, 0.5, 1]
    assert (view.revert, len(view.earlier), view.is_reverted) == (None, 1, True)
    assert conclusion(view).endswith("; reverted")
    edit(base, "status: reverted", "status: live")
    assert not release_in(base).is_reverted


def test_descriptions_of_charts_are_not_searched() -> None:
    assert placeholder("card", '<p hidden id="x">Right is better.</p><p>Who</p>').count("better") == 0


def test_only_what_the_phase_still_needs_is_told(base: Path) -> None:
    release(base, FIRST, SECOND)
    assert still_needed(release_in(base)).startswith("9 of 14 days; 10,012 of 20,000 units;")
    done = {"days": 20, "units": 20_000, "until": None, "approval_needed": "product"}
    held = SECOND.hold.model_copy(update=done)
    release(base, FIRST, SECOND.model_copy(update={"hold": held}))
    assert still_needed(release_in(base)) == "the agreement of product"
    release(base, FIRST)  # the newest result is of the phase before
    (base / PLACE / "results/rollout-25.json").unlink()
    assert still_needed(release_in(base)) == ""


def test_share_with_many_digits_has_its_result(base: Path) -> None:
    release(base, FIRST, SECOND)
    edit(base, "share: 0.25", "share: 0.25000001")
    view = release_in(base)
    assert view.phases[1].gain is not None
    assert view.phases[1].result is not None
    assert still_needed(view).startswith("9 of 14 days")


def test_result_of_another_specification_is_marked(base: Path) -> None:
    from iterata.documents.release_digest import digest_of_release  # noqa: PLC0415

    release(base, FIRST)
    view = release_in(base)
    assert view.is_outdated
    model = view.document.model
    digest = digest_of_release(model)  # type: ignore[arg-type]
    release(base, FIRST.model_copy(update={"spec_digest": digest}))
    assert not release_in(base).is_outdated


def test_trajectory_draws_the_realised_gain_on_the_status_quo(base: Path) -> None:
    release(base, FIRST, WORSE, status="reverted", more=REVERT)
    (chart,) = trajectories(read(Repository.on_disk(load(base))).projects[0].trajectory)
    (row,) = [row for row in chart.forest.rows if row.is_total]
    assert (row.x, row.tone) == (chart.forest.axis.at(-47.5), "worse")
    assert "reverted" in row.note
    assert "92 (55 to 130), reverted" in [step.realised for step in chart.steps]


def test_hostile_texts_of_a_release_are_escaped(base: Path, build: Callable[..., Site]) -> None:
    health = [HARM.model_copy(update={"message": BREAKOUT})]
    primary = SECOND.metrics[0].model_copy(update={"name": BREAKOUT})
    hostile = {"reason": BREAKOUT, "variant": BREAKOUT, "health": health, "metrics": [primary]}
    quoted = f"'{BREAKOUT.replace(chr(39), chr(39) * 2)}'"
    release(
        base,
        FIRST,
        SECOND.model_copy(update=hostile),
        override=OVERRIDE.replace("The summer issue cannot wait.", quoted),
        more=EARLIER.replace("Letters arrived twice.", quoted).replace("Fewer opened than before.", quoted),
    )
    site = build()
    assert site.page(PAGE).text.count("window.pwned=1") >= 6
    for path, page in site.pages.items():
        assert not [active for active in active_content(page) if "pwned" in "".join(active)], path


RELEASED: dict[str, tuple[list[RolloutResult], dict[str, str], str]] = {
    "default": ([FIRST, WORSE], {"status": "reverted", "more": REVERT + EARLIER}, f"{PLACE}/"),
    "slate": ([FIRST, SECOND], {"override": OVERRIDE}, "projects/newsletter/"),
}


@pytest.mark.parametrize("scheme", RELEASED)
def test_release_fits_a_phone(
    base: Path, build: Callable[..., Site], look: Callable[..., list[dict[str, Any]]], scheme: str
) -> None:
    results, options, summary = RELEASED[scheme]
    release(base, *results, **options)
    record(base, {day: entry(None if day == 9 else 5000.0, spread=400) for day in range(60)}, "letters")
    site = build(theme={"name": "material", "font": False, "palette": {"scheme": scheme}})
    for page in look(site, [f"{PAGE}/", summary]):
        assert page["overflow"] <= 0, page["path"]
        assert page["touching"] == [], page["path"]
        assert page["outside"] == 0, page["path"]
        assert page["contrast"] >= 4.5, page["path"]
