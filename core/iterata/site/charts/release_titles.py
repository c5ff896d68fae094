"""What a release shows, in one sentence."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from iterata.render.estimates import interval
from iterata.site.charts.conclusions import unbroken
from iterata.site.charts.forest import tone_of
from iterata.stages import Status
from iterata.text import signed

if TYPE_CHECKING:
    from iterata.knowledge import ReleaseView
    from iterata.results import Estimate


def share_text(share: float) -> str:
    """A share of users: `2.5 %`."""
    return f"{100 * share:.4g} %"


def conclusion(release: ReleaseView) -> str:
    """The title of the chart: what was realised of what was expected."""
    end = f"; reverted on {release.revert.on}" if release.is_reverted and release.revert else ""
    end = end or ("; reverted" if release.is_reverted else "")
    realised, offline = release.gains.realised, release.gains.offline
    if realised is None:
        return f"{_foretold(release)}{end}"
    figure = f"{unbroken(interval(realised, sign=True))} {release.unit}"
    against = f" where the report saw {signed(offline.value)}" if offline else ""
    has_ended = release.document.status in (Status.REVERTED, Status.DEPLOYED)
    verdict = _verdict(realised, offline) or ("No gain was shown" if has_ended else "No gain is shown yet")
    return f"{verdict}: {figure}{against}{end}"


def _verdict(realised: Estimate, offline: Estimate | None) -> str:
    """Empty if nothing is shown."""
    tone = tone_of(realised)
    if tone == "worse":
        return "Worse than the status quo"
    if tone == "open":
        return ""
    low, high = offline.interval if offline and offline.interval else (-inf, inf)
    ends = realised.interval or (-inf, inf)
    if ends[1] < low:
        return "The lift arrived in part"
    return "The lift arrived, and more" if ends[0] > high else "The lift arrived"


def _foretold(release: ReleaseView) -> str:
    gains = release.gains
    if gains.offline is not None:
        return f"Not measured yet; the report saw {signed(gains.offline.value)} {release.unit}"
    if gains.expected is not None:
        return f"Not measured yet; a good model usually gains {signed(gains.expected.value)} {release.unit}"
    return "Not measured yet"
