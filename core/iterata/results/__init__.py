"""Result files: the typed, versioned and canonical outcome of a command.

A result file is committed and reviewed, so its text changes only if its content does: keys are sorted,
numbers have seven significant digits, and whatever differs between two equal runs (commit, versions,
durations) is in `provenance`. A command does not rewrite a file that differs in its provenance only.
"""

from __future__ import annotations

from iterata.results.comparison import equal_apart_from_provenance, extends
from iterata.results.experiment import (
    AmendmentRecord,
    AssessedStatusQuo,
    DifferenceReason,
    ExperimentResult,
    GuardrailResult,
    HypothesisResult,
    LeakFigure,
    LeakNotice,
    LearnerResult,
    MetricValue,
    OverrideRecord,
    SegmentResult,
    SegmentVariant,
    VariantResult,
)
from iterata.results.lift import (
    Assumption,
    AssumptionAnalysis,
    BreakEven,
    DepthPoint,
    GoodModel,
    LiftResult,
    NoGoodModel,
    Sensitivity,
    SplitTest,
)
from iterata.results.parts import (
    Contacts,
    Estimate,
    IntervalMethod,
    Kpi,
    Provenance,
    RandomModel,
    RoundedFloat,
    Sample,
    SampleWeights,
    Scale,
)
from iterata.results.store import MODELS, AnyResult, parse, read_or_none, to_json

__all__ = [
    "MODELS",
    "AmendmentRecord",
    "AnyResult",
    "AssessedStatusQuo",
    "Assumption",
    "AssumptionAnalysis",
    "BreakEven",
    "Contacts",
    "DepthPoint",
    "DifferenceReason",
    "Estimate",
    "ExperimentResult",
    "GoodModel",
    "GuardrailResult",
    "HypothesisResult",
    "IntervalMethod",
    "Kpi",
    "LeakFigure",
    "LeakNotice",
    "LearnerResult",
    "LiftResult",
    "MetricValue",
    "NoGoodModel",
    "OverrideRecord",
    "Provenance",
    "RandomModel",
    "RoundedFloat",
    "Sample",
    "SampleWeights",
    "Scale",
    "SegmentResult",
    "SegmentVariant",
    "Sensitivity",
    "SplitTest",
    "VariantResult",
    "equal_apart_from_provenance",
    "extends",
    "parse",
    "read_or_none",
    "to_json",
]
