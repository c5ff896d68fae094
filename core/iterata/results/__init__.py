"""Result files: what a command computed, typed, versioned and canonical.

A result file is committed and reviewed, so it must not change unless what it says changes: keys are sorted,
numbers have seven significant digits, and whatever differs between two equal runs (when, where, how
long) lives in `provenance`; an earlier file that says the same is kept.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from iterata.errors import DataError
from iterata.results.experiment import (
    Amended,
    ExperimentResult,
    GuardrailResult,
    HypothesisResult,
    LearnerResult,
    MetricValue,
    SegmentResult,
    SegmentVariant,
    VariantResult,
)
from iterata.results.lift import (
    Assumed,
    Assumption,
    BreakEven,
    DepthPoint,
    GoodModel,
    LiftResult,
    Sensitivity,
    SplitTest,
)
from iterata.results.parts import Estimate, Interval, Kpi, Number, Provenance, Random, Sample, Scale

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "RESULTS",
    "Amended",
    "Assumed",
    "Assumption",
    "BreakEven",
    "DepthPoint",
    "Estimate",
    "ExperimentResult",
    "GoodModel",
    "GuardrailResult",
    "HypothesisResult",
    "Interval",
    "Kpi",
    "LearnerResult",
    "LiftResult",
    "MetricValue",
    "Number",
    "Provenance",
    "Random",
    "Sample",
    "Scale",
    "SegmentResult",
    "SegmentVariant",
    "Sensitivity",
    "SplitTest",
    "VariantResult",
    "canonical",
    "parse",
    "say_the_same",
    "still_holds",
    "stored",
]

RESULTS: dict[str, type[LiftResult | ExperimentResult]] = {"lift": LiftResult, "experiment": ExperimentResult}
"""Result kinds by the stem of their file's name."""


def parse(kind: str, text: str | bytes, where: str) -> LiftResult | ExperimentResult:
    """Read a result file's text.

    Raises:
        DataError: the text is not a result of that kind; `where` names the file.
    """
    remedy = f"run `iterata {'lift' if kind == 'lift' else 'run'}` again; result files are not edited by hand"
    try:
        return RESULTS[kind].model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise DataError(
            f"not a valid {kind} result: {place} {first['msg']}".replace("  ", " "),
            remedy=remedy,
            where=where,
        ) from None


def canonical(result: LiftResult | ExperimentResult) -> str:
    """The one text a result has on disk: sorted keys, two-space indent, a final newline."""
    data = result.model_dump(mode="json")
    return json.dumps(data, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"


def stored(kind: str, path: Path) -> LiftResult | ExperimentResult | None:
    """The result kept at `path`; none where there is no such file, or it cannot be read."""
    try:
        return parse(kind, path.read_bytes(), str(path)) if path.exists() else None
    except (DataError, OSError):
        return None


def say_the_same(one: LiftResult | ExperimentResult | None, other: LiftResult | ExperimentResult) -> bool:
    """Whether two results differ in nothing but where they come from."""
    return one is not None and one.model_copy(update={"provenance": other.provenance}) == other


def still_holds(old: LiftResult | ExperimentResult, new: LiftResult | ExperimentResult) -> bool:
    """Whether all that an earlier result says is so; a newer version may have more to say."""
    return _holds(
        old.model_dump(exclude_unset=True, exclude={"provenance"}), new.model_dump(exclude={"provenance"})
    )


def _holds(old: Any, new: Any) -> bool:
    if isinstance(old, dict) and isinstance(new, dict):
        return all(key in new and _holds(value, new[key]) for key, value in old.items())
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(map(_holds, old, new))
    return bool(old == new)
