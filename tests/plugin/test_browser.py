"""The layout of the pages in a real browser, at the width of a phone, in light and in dark."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iterata import results

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Site
    from iterata.results import LiftResult

READABLE = 4.5
"""The contrast that WCAG 2 requires for small text."""

PAGES = {
    "board": "projects/",
    "project": "projects/newsletter/",
    "iteration": "projects/newsletter/01-setup/",
    "report": "projects/newsletter/01-setup/report/",
    "proposal": "projects/newsletter/01-setup/proposal/",
    "findings": "findings/",
    "finding": "findings/newsletter/01-setup-F2/",
    "tag": "findings/tag/purchases/",
}
Look = "Callable[..., list[dict[str, Any]]]"


@pytest.mark.parametrize("scheme", ["default", "slate"])
def test_pages_fit_a_phone(build: Callable[..., Site], look: Look, scheme: str) -> None:
    site = build(theme={"name": "material", "font": False, "palette": {"scheme": scheme}})
    measurements = dict(zip(PAGES, look(site, PAGES.values()), strict=True))
    for name, page in measurements.items():
        assert page["overflow"] <= 0, name
        assert page["touching"] == [], name
        assert page["outside"] == 0, name
        assert page["contrast"] >= READABLE, name
    assert [name for name, page in measurements.items() if page["charts"]] == [
        "project",
        "iteration",
        "report",
    ]
    assert measurements["report"]["smallest"] >= 12


@pytest.mark.parametrize("scheme", ["default", "slate"])
def test_budget_chart_fits_a_phone(
    base: Path, build: Callable[..., Site], look: Look, deep_lift: LiftResult, scheme: str
) -> None:
    place = base / "projects/newsletter/02-recency/results/lift.json"
    place.parent.mkdir()
    place.write_text(results.to_json(deep_lift), "utf-8")
    site = build(theme={"name": "material", "font": False, "palette": {"scheme": scheme}})
    (page,) = look(site, ["projects/newsletter/02-recency/"])
    assert (page["overflow"] <= 0, page["touching"], page["outside"], page["charts"]) == (True, [], 0, 2)
    assert page["contrast"] >= READABLE


@pytest.mark.parametrize("scheme", ["default", "slate"])
def test_tornado_chart_fits_a_phone(
    base: Path, build: Callable[..., Site], look: Look, assumed_lift: LiftResult, scheme: str
) -> None:
    place = base / "projects/newsletter/02-recency/results/lift.json"
    place.parent.mkdir()
    place.write_text(results.to_json(assumed_lift), "utf-8")
    site = build(theme={"name": "material", "font": False, "palette": {"scheme": scheme}})
    (page,) = look(site, ["projects/newsletter/02-recency/"])
    assert (page["overflow"] <= 0, page["touching"], page["outside"], page["charts"]) == (True, [], 0, 2)
    assert page["contrast"] >= READABLE
    assert "From assumptions, not data: 95 % uncertainty intervals of 10,000 draws" in " ".join(
        site.page("projects/newsletter/02-recency").text.split()
    )
