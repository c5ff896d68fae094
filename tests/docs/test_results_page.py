"""The page on results quotes the provenance of the example."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/results.md").read_text("utf-8")
RESULT = ROOT / "projects/caravan-policies/01-setup/results/experiment.json"


def matches(quoted: Any, actual: Any) -> bool:
    """Whether a quote, in which `…` replaces the rest of a block or of a text, is true."""
    if isinstance(quoted, dict):
        return all(matches(value, actual.get(key)) for key, value in quoted.items() if key != "…")
    if isinstance(quoted, str) and quoted.endswith("…"):
        return str(actual).startswith(quoted.removesuffix("…"))
    return bool(quoted == actual)


def test_results_page_quotes_the_provenance_of_the_example() -> None:
    (block,) = re.findall(r"^```json\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    quoted = json.loads(f"{{{block}}}")["provenance"]
    actual = json.loads(RESULT.read_text("utf-8"))["provenance"]
    assert set(quoted) == set(actual)
    assert matches(quoted, actual)
