"""The next iteration's documents, copied from those of the iteration that it follows.

Everything is copied that the next iteration does not change. What it does change begins with TODO. The best
variant of the last result stays, because the new one has to beat it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.documents.models.enums import STATUS_QUO
from iterata.documents.models.inheritance import overrides
from iterata.lifecycle.conditions import TODO
from iterata.render.estimates import parts_in_words
from iterata.results.best import best_variant
from iterata.stages import IterationKind, Stage, Status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iterata.actions.beginnings.values import Values
    from iterata.repository.projects import IterationFolder
    from iterata.results import ExperimentResult, VariantResult

PLAN = ("target", "override_reason", "metrics", "split", "segments", "resamples", "seed", "features")
"""The keys of a plan that are copied as they are."""

BESIDES = ("infrastructure", "risks", "reusable_components", "timebox")
"""The keys of a proposal besides its plan that are copied as they are."""

ASSESSMENT = ("problem_confirmed", "stakeholders_confirmed", "success_metrics", "override_reason", "lift")
"""The keys of an assessment that are copied as they are; whether a model is needed is asked again."""

_NAME_LENGTH = 80
_NEW_SET, _NEW_NAME = "more_columns", "more columns"
_UNKNOWN_ESTIMATOR = f"{TODO}.{TODO}"
"""A text of the form of a class's name that is left to fill in."""


def assessment_values(followed: IterationFolder) -> Values:
    """What an assessment repeats of the one of the iteration that it follows."""
    document = followed.assessment_document
    return _selected(document.data, ASSESSMENT) if document is not None and followed.assessment else {}


def proposal_values(followed: IterationFolder, kind: IterationKind) -> Values | None:
    """The proposal of an iteration that follows another one; None if that one has no approved plan."""
    document, proposal = followed.document(Stage.PROPOSAL), followed.proposal
    if document is None or proposal is None or proposal.status is not Status.APPROVED:
        return None
    plan = document.data["plan"]
    assert isinstance(plan, dict)  # noqa: S101  # it is valid
    copied = _selected(plan, PLAN) | _rows(followed, plan)
    result = followed.result("experiment")
    best = best_variant(result) if result else None
    planned = [dict(variant) for variant in plan["variants"]]
    name = best.name if best else str(planned[0]["name"])
    to_beat = next((variant for variant in planned if variant["name"] == name), planned[0])
    to_beat.pop("digest", None)
    variants = [to_beat, *_new_variant(to_beat, copied, kind)]
    copied["variants"] = variants
    copied["hypotheses"] = [_hypothesis(variants, _question(followed, best, result))]
    return {**_selected(document.data, BESIDES), "plan": copied}


def _selected(data: Mapping[str, object], keys: tuple[str, ...]) -> Values:
    return {key: data[key] for key in keys if data.get(key) is not None}


def _rows(followed: IterationFolder, plan: Mapping[str, object]) -> Values:
    """The description of the rows, if the assessment does not say the same."""
    proposal, assessment = followed.proposal, followed.assessment
    assert proposal is not None and assessment is not None  # noqa: S101, PT018  # an approved plan has both
    own = proposal.plan.data[0] if proposal.plan.data else None
    differs = any(overrides(proposal.plan, assessment.lift)) or (own is not None and bool(own.columns))
    if assessment.lift.data is not None and not differs:
        target = plan.get("target")
        made_by = target.get("made_by") if isinstance(target, dict) else None
        return {"target": {"made_by": made_by}} if made_by else {}
    data = plan.get("data")
    rows = [{key: value for key, value in entry.items() if key != "digest"} for entry in _entries(data)]
    return {**({"data": rows} if rows else {}), **_selected(plan, ("status_quo",))}


def _entries(value: object) -> list[dict[str, object]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _new_variant(to_beat: Values, plan: Values, kind: IterationKind) -> list[Values]:
    """The variant that the author completes: the best one with what the kind of iteration changes."""
    sets = plan["features"]
    assert isinstance(sets, dict)  # noqa: S101  # of a valid plan
    features = to_beat.get("features", next(iter(sets)))
    if kind is IterationKind.DATA:
        return []
    if kind is IterationKind.ALGORITHM:
        return [{"name": "another algorithm", "estimator": _UNKNOWN_ESTIMATOR, "features": features}]
    name = _unused(_NEW_SET, sets)
    new_columns = f"{TODO}: the new columns, or a pattern of them"
    plan["features"] = {**sets, name: [*sets.get(features, []), new_columns]}
    label = f"{str(to_beat['name'])[: _NAME_LENGTH - len(_NEW_NAME) - 2]}, {_NEW_NAME}"
    if "features" not in to_beat:  # predictions of another system
        return [{"name": label, "estimator": _UNKNOWN_ESTIMATOR, "features": name}]
    return [{**to_beat, "name": label, "features": name}]


def _unused(name: str, sets: Mapping[str, object]) -> str:
    """The name, with a number if it is taken."""
    number, free = 2, name
    while free in sets:
        number, free = number + 1, f"{name}_{number}"
    return free


def _hypothesis(variants: list[Values], question: str) -> Values:
    variant, over = (variants[1], variants[0]["name"]) if len(variants) > 1 else (variants[0], STATUS_QUO)
    return {
        "id": "H1",
        "claim": question,
        "supported_if": {"variant": variant["name"], "over": over, "by": 0},
    }


def _question(followed: IterationFolder, best: VariantResult | None, result: ExperimentResult | None) -> str:
    """The recommendation of the last report, and the figure to beat, as a text to complete."""
    report = followed.report
    why = report.recommendation.why if report else "what is expected, and why"
    if best is None or result is None:
        return f"{TODO}: {why}"
    figure, _ = parts_in_words(best.kpi)
    return f"{TODO}: {why} (To beat: {best.name}, {figure} {result.kpi.scaled_unit}.)"
