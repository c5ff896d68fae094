"""What the pages look like: a real browser opens them at the width of a phone, in light and in dark."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Site

READABLE = 4.5
"""The contrast that WCAG 2 asks of small text."""

PAGES = {
    "board": "projects/",
    "project": "projects/newsletter/",
    "iteration": "projects/newsletter/01-setup/",
    "report": "projects/newsletter/01-setup/report/",
    "proposal": "projects/newsletter/01-setup/proposal/",
    "findings": "findings/",
}
Look = "Callable[..., list[dict[str, Any]]]"


@pytest.mark.parametrize("scheme", ["default", "slate"])
def test_the_pages_read_well_on_a_phone(build: Callable[..., Site], look: Look, scheme: str) -> None:
    site = build(theme={"name": "material", "font": False, "palette": {"scheme": scheme}})
    seen = dict(zip(PAGES, look(site, PAGES.values()), strict=True))
    for name, page in seen.items():
        assert page["overflow"] <= 0, name
        assert page["touching"] == [], name
        assert page["outside"] == 0, name
        assert page["contrast"] >= READABLE, name
    assert [name for name, page in seen.items() if page["charts"]] == ["project", "iteration", "report"]
    assert seen["report"]["smallest"] >= 12


def test_the_library_can_be_filtered_without_a_script(build: Callable[..., Site], look: Look) -> None:
    (library,) = look(build(), [PAGES["findings"]], scripts=False)
    assert (library["cards"], library["filtered"]) == (3, 1)
