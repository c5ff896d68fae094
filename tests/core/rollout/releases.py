"""Small releases for tests of reading: a deployment, and the sums of its table."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from iterata.documents.models.deployment import Deployment, Phase
from iterata.documents.models.split_test import SplitTestSpec
from iterata.rollout.read import read_release

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from iterata.rollout.read import ReleaseData

TODAY = date(2026, 6, 1)

RELEASE = Deployment.model_validate(
    {
        "stage": "deployment",
        "status": "planned",
        "title": "Release",
        "owners": ["product"],
        "variant": "b",
        "checklist": {
            name: {"state": "done"}
            for name in ("quality_assurance", "split_test", "phased_rollout", "simulation")
        },
        "phases": [{"share": 0.1}],
        "monitors": [{"name": "sales", "source": "a dashboard", "lower": 1}],
    }
)


def release(spec: dict[str, Any], phases: Sequence[Phase]) -> Deployment:
    """A deployment with a split test and phases."""
    test = SplitTestSpec.model_validate(spec)
    return RELEASE.model_copy(update={"split_test": test, "phases": list(phases)})


def phases(*starts: str | None, ended: str | None = None) -> list[Phase]:
    """Phases of 10, 25, 50 and 100 % that began on these days; the last one ended on a day."""
    days = [None if day is None else date.fromisoformat(day) for day in starts]
    listed = [Phase(share=share, started=day) for share, day in zip((0.1, 0.25, 0.5, 1), days, strict=False)]
    if ended:
        listed[-1] = listed[-1].model_copy(update={"ended": date.fromisoformat(ended)})
    return listed


def read_text(folder: Path, text: str, begun: Sequence[Phase] = (), **spec: Any) -> ReleaseData:
    """The sums of a CSV file: units in `user`, arms A and B, `spend` per unit."""
    (folder / "data").mkdir(exist_ok=True)
    (folder / "data/rows.csv").write_text(text.replace(" ", ""), "utf-8")
    described = {
        "source": "data/rows.csv",
        "arm": {"column": "arm", "control": "A", "treatment": "B"},
        "unit_id": "user",
        "date": "day",
        "metrics": {"spend": {"of": "spend"}},
        **spec,
    }
    given = {key: value for key, value in described.items() if value is not None}
    return read_release(release(given, begun or phases("2026-03-01")), folder, folder, TODAY)
