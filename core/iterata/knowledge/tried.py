"""What was tried: each variant of each plan, what it changes against what, and what came of it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from iterata.documents.models.enums import STATUS_QUO
from iterata.knowledge.agreed import agreed_on, block, entries, is_provisional, text
from iterata.lifecycle.conditions import TODO
from iterata.stages import Stage, Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from iterata.documents import Document
    from iterata.documents.models.enums import Verdict
    from iterata.knowledge.views import HypothesisView, IterationView, Knowledge, ProjectView
    from iterata.results import Estimate
    from iterata.stages import IterationKind

    Raw = Mapping[str, object]
    """A block of front matter."""


class Changed(StrEnum):
    """What differs between a variant and what it is compared with."""

    MODEL = "model"
    """A model instead of the status quo."""
    ALGORITHM = "algorithm"
    FEATURES = "features"
    SETTINGS = "settings"
    """The parameters, or how text and answers are made."""
    DATA = "data"
    """Other rows than those of the iteration that it follows."""


class Change(NamedTuple):
    """One difference, in the words of the plan."""

    what: Changed
    before: str
    after: str


class Tried(NamedTuple):
    """A variant, or a hypothesis about one, with its outcome."""

    iteration: IterationView
    kind: IterationKind | None
    hypothesis: str
    """The id of the hypothesis; empty for a variant that no hypothesis is about."""
    claim: str
    variant: str
    over: str
    """The variant that it is compared with, or `status quo`."""
    changes: tuple[Change, ...]
    algorithm: str
    features: str
    """The name of its feature set."""
    data: str
    """The source of its rows; empty if it is not known."""
    verdict: Verdict | None
    difference: Estimate | None
    """None before the experiment."""
    unit: str
    """The unit of the difference; empty before the experiment."""
    day: date | None
    """The day on which its report was agreed."""
    is_provisional: bool
    is_abandoned: bool
    """Whether its plan was abandoned."""


def tried(knowledge: Knowledge) -> tuple[Tried, ...]:
    """Everything that a plan compares, in the order of the read model."""
    return tuple(entry for project in knowledge.projects for entry in tried_in(project))


def tried_in(project: ProjectView) -> tuple[Tried, ...]:
    """Everything that the plans of a project compare."""
    by_name = {iteration.name: iteration for iteration in project.iterations}
    return tuple(entry for iteration in project.iterations for entry in _of_iteration(iteration, by_name))


def algorithms(iteration: IterationView) -> tuple[str, ...]:
    """The algorithms that the plan of an iteration compares, without repetition."""
    return tuple(dict.fromkeys(map(_algorithm, _variants(iteration).values())))


def data_set(iteration: IterationView, by_name: Mapping[str, IterationView]) -> str:
    """The source of the rows of a plan, or of the assessment that it inherits; empty if it is not known.

    Args:
        iteration: the iteration of the plan.
        by_name: the iterations of its project.
    """
    plan = block(_data(iteration.document(Stage.PROPOSAL)), "plan")
    own = next(iter(entries(plan, "data")), {})
    assessed = _assessment(iteration, by_name)
    return _source(own) or _source(block(_data(assessed), "lift", "data"))


def _assessment(iteration: IterationView, by_name: Mapping[str, IterationView]) -> Document | None:
    for view in iteration.stages:
        if view.stage is Stage.ASSESSMENT:
            inherited = by_name.get(view.inherited_from or "")
            return view.document or (inherited.document(Stage.ASSESSMENT) if inherited else None)
    return None


def _data(document: Document | None) -> Raw:
    return document.data if document else {}


def _source(data: Raw) -> str:
    return text(data.get("source")) or text(data.get("query")) or text(data.get("database"))


def _of_iteration(iteration: IterationView, by_name: Mapping[str, IterationView]) -> Iterator[Tried]:
    variants, proposal = _variants(iteration), iteration.document(Stage.PROPOSAL)
    data, previous = data_set(iteration, by_name), by_name.get(iteration.follows or "")
    before = data_set(previous, by_name) if previous and previous is not iteration else data
    moved = (Change(Changed.DATA, before, data),) if data and before and data != before else ()
    experiment, report = iteration.experiment, iteration.document(Stage.REPORT)
    measured = {entry.name: entry.difference for entry in experiment.variants} if experiment else {}
    comparisons: list[HypothesisView | str] = [
        *iteration.hypotheses,
        *_without_hypothesis(iteration, variants),
    ]
    for comparison in comparisons:
        name, over, hypothesis = _names(comparison)
        variant, other = variants.get(name, {}), variants.get(over, {})
        computed = hypothesis.computed if hypothesis else None
        difference = computed.difference if computed else measured.get(name) if over == STATUS_QUO else None
        yield Tried(
            iteration=iteration,
            kind=iteration.kind,
            hypothesis=hypothesis.id if hypothesis else "",
            claim=text(hypothesis.claim) if hypothesis else "",
            variant=text(name),
            over=text(over),
            changes=(*_changes(variant, over, other), *moved),
            algorithm=_algorithm(variant),
            features=text(variant.get("features")),
            data=data,
            verdict=hypothesis.verdict if hypothesis else None,
            difference=difference,
            unit=experiment.kpi.scaled_unit if experiment and difference else "",
            day=agreed_on(report),
            is_provisional=is_provisional(report),
            is_abandoned=proposal is not None and proposal.status is Status.ABANDONED,
        )


def _names(comparison: HypothesisView | str) -> tuple[str, str, HypothesisView | None]:
    if isinstance(comparison, str):
        return comparison, STATUS_QUO, None
    return comparison.variant, comparison.over, comparison


def _without_hypothesis(iteration: IterationView, variants: Mapping[str, Raw]) -> Iterator[str]:
    """The variants that no hypothesis is about, not even as what another one is compared with."""
    named = {name for entry in iteration.hypotheses for name in (entry.variant, entry.over)}
    return (name for name in variants if name not in named)


def _variants(iteration: IterationView) -> dict[str, Raw]:
    """The variants of the plan by name; the plan may be invalid."""
    plan = block(_data(iteration.document(Stage.PROPOSAL)), "plan")
    return {name: entry for entry in entries(plan, "variants") if (name := text(entry.get("name")))}


_ORIGINS = ("estimator", "factory", "command", "source")
_SETTINGS = ("params", "tune", "text", "uplift", "decide", "person_below", "stop_below", "preprocess")


def _algorithm(variant: Raw) -> str:
    """What produces the predictions: the class without its package, the program or the file."""
    for key in _ORIGINS:
        value = variant.get(key)
        if isinstance(value, list):
            return " ".join(filter(None, map(text, value)))
        if words := text(value):
            return words.rpartition(".")[2] if key == "estimator" else words
    return ""


def _changes(variant: Raw, over: str, other: Raw) -> Iterator[Change]:
    if over == STATUS_QUO:
        yield Change(Changed.MODEL, STATUS_QUO, _algorithm(variant))
        return
    pairs = (
        (Changed.ALGORITHM, _algorithm(other), _algorithm(variant)),
        (Changed.FEATURES, text(other.get("features")), text(variant.get("features"))),
    )
    yield from (Change(*pair) for pair in pairs if pair[1] != pair[2])
    before, after = _settings(other), _settings(variant)
    keys = [key for key in dict.fromkeys((*before, *after)) if before.get(key) != after.get(key)]
    if keys and _algorithm(other) == _algorithm(variant):
        yield Change(Changed.SETTINGS, _listed(before, keys), _listed(after, keys))


def _settings(variant: Raw) -> dict[str, object]:
    """The settings of a variant, those of blocks one by one, without those that are still to be written."""
    settings: dict[str, object] = {}
    for key in _SETTINGS:
        value = variant.get(key)
        settings |= value if isinstance(value, dict) else {key: value}
    return {key: value for key, value in settings.items() if value is not None and TODO not in str(value)}


def _listed(settings: Mapping[str, object], keys: list[str]) -> str:
    return ", ".join(f"{key} {settings[key]}" for key in keys if key in settings) or "defaults"
