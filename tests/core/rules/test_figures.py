"""Figures of a result that contradict each other, the plan, the assessment or the sample."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from iterata.errors import DataError
from iterata.lifecycle.context import find_context
from iterata.repository import config
from iterata.repository.projects import Repository
from iterata.results import parse
from iterata.rules import consistency

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.lifecycle.context import DocumentContext
    from iterata.rules.figures.fault import Fault

    from ...helpers.knowledge_base import KnowledgeBase

ROOT = Path(__file__).parents[3]
PAGES = {"experiment": "experiment.md", "lift": "assessment.md"}

Path_ = tuple[str | int, ...]
Change = Callable[[Any], object]

FREE = {
    "low", "high",  # of an interval: within the limits that other figures set
    "worsening_at_most",
    "engine", "python", "iterata", "joblib", "numpy", "pandas", "scikit-learn", "scipy",
    "dirty",  # of a lift, which is computed before its document is committed
}  # fmt: skip
"""Keys whose value no other figure tells, as docs/results.md lists them; `iterata verify` computes them."""


@pytest.fixture(scope="module")
def examples() -> dict[Path, DocumentContext]:
    """Every committed lift and experiment of the example projects, with the page that it belongs to."""
    repository = Repository.on_disk(config.load(ROOT))
    places = sorted(path for path in ROOT.glob("projects/*/*/results/*.json") if path.stem in PAGES)
    pages = [place.parent.parent / PAGES[place.stem] for place in places]
    return {
        place: find_context(repository, page.relative_to(ROOT).as_posix())
        for place, page in zip(places, pages, strict=True)
    }


def faults(kind: str, data: object, context: DocumentContext) -> Iterator[Fault]:
    text = json.dumps(data)
    if kind == "lift":
        return consistency.lift_faults(parse("lift", text, ""), context)
    return consistency.experiment_faults(parse("experiment", text, ""), context)


def leaves(value: object, path: Path_ = ()) -> Iterator[tuple[Path_, object]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from leaves(inner, (*path, index))
    else:
        yield path, value


def mutant(value: object) -> object:
    match value:
        case bool():
            return not value
        case int():
            return value + 1
        case float():
            return 1.001 * value if value else 0.001
        case str():
            return f"{value}x"
        case _:
            return 0.5


def is_noticed(kind: str, data: object, path: Path_, context: DocumentContext) -> bool:
    """Whether a file is refused in which one value is another."""
    changed = copy.deepcopy(data)
    holder: Any = changed
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = mutant(holder[path[-1]])
    try:
        return next(faults(kind, changed, context), None) is not None
    except DataError:
        return True


def is_free(kind: str, path: Path_) -> bool:
    last, above = path[-1], path[0]
    return (
        last in FREE
        or above == "features"
        or path[:2] in {("provenance", "seconds"), ("provenance", "data")}
        or (above == "segments" and last in {"value", "p"})
        or (above == "by_depth" and last == "status_quo")  # of effects at 1 and 2 %, which no curve has
        or last in {"plan_digest", "spec_digest"}  # RES002 and the gates compare them
        or above in {"left_out", "gain_error"}
        or path == ("sample", "units")  # of rows that have units
        or _is_free_of_effects(path)
    )


def _is_free_of_effects(path: Path_) -> bool:
    """What only the rows tell about effects."""
    return (
        path[:2] == ("balance", "largest")
        or path[-1] in {"detected_gain", "undefined_resamples"}
        or ("points" in path and path[-1] == "gain")
        or path[-2:] == ("area", "value")
    )


SHARES = {"caravan-policies": 0.74, "food-reviews": 0.67, "voter-persuasion": 0.5}
"""The least share of noticed values; a curve of gain by depth has a band that nothing else tells."""

STEP = 4
"""Every which value is tried: each takes as long as a check of the file."""


@pytest.mark.parametrize("project", SHARES)
def test_every_value_that_others_tell_is_noticed(examples: dict[Path, DocumentContext], project: str) -> None:
    unnoticed, total = [], 0
    for place, context in examples.items():
        if project not in place.parts:
            continue
        data = json.loads(place.read_text("utf-8"))
        for path, _ in list(leaves(data))[::STEP]:
            total += 1
            if not is_noticed(place.stem, data, path, context):
                unnoticed.append((place.stem, path))
    assert [entry for entry in unnoticed if not is_free(*entry)] == []
    assert 1 - len(unnoticed) / total >= SHARES[project]


def test_examples_hold_together(examples: dict[Path, DocumentContext]) -> None:
    for place, context in examples.items():
        assert list(faults(place.stem, json.loads(place.read_text("utf-8")), context)) == []


@pytest.fixture
def completed(base: KnowledgeBase) -> KnowledgeBase:
    return base.grow(
        """
        churn
          requirements: approved
          01-setup
            assessment: approved
            lift.json
            proposal: approved
            experiment: completed
            experiment.json
        """
    )


def _set(value: object, *path: str | int) -> Change:
    def change(data: Any) -> None:
        for step in path[:-1]:
            data = data[step]
        data[path[-1]] = value

    return change


def _all(*changes: Change) -> Change:
    return lambda data: [change(data) for change in changes]


FORGED: dict[str, tuple[Change, set[str]]] = {
    "a better variant": (
        _all(
            _set({"value": 900.0, "low": 890.0, "high": 910.0}, "variants", 0, "kpi"),
            _set({"value": 3.0, "low": 2.0, "high": 4.0}, "variants", 0, "difference"),
        ), {"RES020", "RES021"},
    ),
    "a sample of other rows": (
        _set({"positives": 5, "rows": 10**9, "source": "data/other.csv", "units": 3}, "sample"),
        {"RES021", "RES022", "RES025"},
    ),
    "no digest of the data": (_set({}, "provenance", "data"), {"RES025"}),
    "no commit": (_set(None, "provenance", "commit"), {"RES025"}),
    "no packages": (_set({}, "provenance", "packages"), {"RES025"}),
    "a removed variant": (lambda data: data["variants"].pop(), {"RES024"}),
    "a renamed variant": (_set("best", "variants", 0, "name"), {"RES024"}),
    "a removed guardrail": (lambda data: data["guardrails"].pop(), {"RES024"}),
    "a removed hypothesis": (_set([], "hypotheses"), {"RES024"}),
    "a removed segment": (lambda data: data["segments"].pop(), {"RES022"}),
    "a kinder margin": (_set(0.2, "guardrails", 0, "margin"), {"RES024"}),
    "a guardrail that holds although its bound does not": (
        _set(0.06, "guardrails", 0, "worsening_at_most"), {"RES023"},
    ),
    "a broken guardrail that is not named": (
        _all(_set(0.06, "guardrails", 0, "worsening_at_most"), _set(False, "guardrails", 0, "holds")),
        {"RES023"},
    ),
    "a lower bar": (_set(1.0, "hypotheses", 0, "by"), {"RES023", "RES024"}),
    "p that the interval does not have": (
        _all(_set(0.5, "hypotheses", 0, "p"), _set(0.5, "hypotheses", 0, "p_holm")), {"RES023"},
    ),
    "p that is not adjusted": (_set(1e-9, "hypotheses", 0, "p_holm"), {"RES023"}),
    "a segment's p that is not adjusted": (
        _set(0.001, "segments", 0, "variants", 0, "p_adjusted"), {"RES023"},
    ),
    "a verdict without p": (
        _all(_set(None, "hypotheses", 0, "p"), _set(None, "hypotheses", 0, "p_holm")), {"RES023"},
    ),
    "an area above 1": (
        _set({"value": 1.2, "low": 1.1, "high": 1.3}, "status_quo_metrics", 0, "value"), {"RES020", "RES021"},
    ),
    "an interval upside down": (
        _set({"value": 100.0, "low": 105.0, "high": 95.0}, "variants", 0, "kpi"), {"RES020"},
    ),
    "the best of seven seeds": (_set(7, "seed"), {"RES024"}),
    "another split": (_set("5 stratified folds, 9 times", "split"), {"RES024"}),
    "more tuned folds than there are": (
        _set([{"C": 1}] * 11, "variants", 0, "tuned"), {"RES022", "RES024"},
    ),
    "a smaller perfect model": (
        _set({"value": 120.0, "low": 120.0, "high": 120.0}, "scale", "perfect"), {"RES021"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FORGED)
def test_forged_result_is_refused(completed: KnowledgeBase, name: str) -> None:
    change, codes = FORGED[name]
    path = "projects/churn/01-setup/results/experiment.json"
    data = json.loads(completed.read(path))
    assert completed.problems("RES02") == []
    change(data)
    completed.write(path, json.dumps(data))
    problems = completed.problems("RES02")
    assert {problem.code for problem in problems} >= codes
    assert {problem.path for problem in problems} == {path}


def test_problem_is_on_the_line_of_the_figure(completed: KnowledgeBase) -> None:
    path = "projects/churn/01-setup/results/experiment.json"
    completed.change(path, '"seed": 0', '"seed": 7')
    (problem,) = completed.problems("RES024")
    assert (problem.field, completed.read(path).splitlines()[problem.position.line - 1]) == (
        "seed",
        '  "seed": 7,',
    )


@pytest.mark.parametrize(
    ("change", "noticed"),
    [({"verdict": "supported"}, False), ({"verdict": "refuted"}, True), ({"verdict": "inconclusive"}, False)],
)
def test_verdict_of_an_earlier_version_has_no_p(
    completed: KnowledgeBase, change: dict[str, str], noticed: bool
) -> None:
    path = "projects/churn/01-setup/results/experiment.json"
    data = json.loads(completed.read(path))
    for key in ("p", "p_holm", "method"):
        del data["hypotheses"][0][key]
    data["hypotheses"][0].update(change)
    completed.write(path, json.dumps(data))
    assert bool(completed.problems("RES023")) == noticed


def test_renamed_folder_of_projects_keeps_its_results(completed: KnowledgeBase) -> None:
    (completed.root / "projects").rename(completed.root / "work")
    completed.change("mkdocs.yml", "  - iterata\n", "  - iterata: {projects_dir: work}\n")
    assert completed.problems("RES02") == []
