"""Result files: what a command computed, typed, versioned and canonical.

A result file is committed and reviewed, so it must not change unless what it says changes: keys are sorted,
numbers have seven significant digits, and whatever differs between two equal runs (when, where, how
long) lives in `provenance`; an earlier file that says the same is kept.
"""

from __future__ import annotations

from iterata.results.comparison import equal_apart_from_provenance, extends
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
from iterata.results.store import MODELS, AnyResult, canonical, parse, stored

__all__ = [
    "MODELS",
    "Amended",
    "AnyResult",
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
    "equal_apart_from_provenance",
    "extends",
    "parse",
    "stored",
]
