"""Beginning projects, iterations and documents: what is already known is filled in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from iterata.documents import scaffold
from iterata.documents.models.enums import FindingKind, OutcomeKind, Verdict
from iterata.documents.models.kpi import RankingSpec, outcome_of
from iterata.errors import IterataError, NotFoundError
from iterata.lifecycle.conditions import TODO
from iterata.render.estimates import parts
from iterata.render.experiment.verdicts import ASKS
from iterata.repository.files import write_within
from iterata.repository.projects import ITERATION_NAME, PROJECT_NAME
from iterata.stages import ENTRY, STAGES, IterationKind, Stage

if TYPE_CHECKING:
    from pathlib import Path

    from iterata.documents.models.kpi import KpiSpec
    from iterata.repository.projects import IterationFolder, Project, Repository
    from iterata.results import HypothesisResult


def project(repository: Repository, root: Path, name: str, title: str | None) -> str:
    """Begin a project with its requirements; return their path.

    Raises:
        IterataError: the name is not a project's name, or is taken.
    """
    if not PROJECT_NAME.match(name):
        raise IterataError(
            "not a project's name", remedy="use lower-case words joined by hyphens, such as churn", where=name
        )
    values = {"title": title or name.replace("-", " ").capitalize()}
    return _write(
        root, f"{repository.projects_dir}/{name}/{Stage.REQUIREMENTS.filename}", Stage.REQUIREMENTS, values
    )


def iteration(
    owner: Project, root: Path, kind: IterationKind, slug: str | None, follows: str | None, title: str | None
) -> str:
    """Begin an iteration with the document its kind enters at; return the document's path.

    Raises:
        IterataError: the name does not fit, or there is nothing to follow or to inherit.
    """
    number = max((folder.number for folder in owner.iterations), default=0) + 1
    name = f"{number:02}-{slug or kind.value}"
    if not ITERATION_NAME.match(name):
        raise IterataError(
            "not an iteration's name", remedy="use lower-case words joined by hyphens", where=slug or name
        )
    said: dict[str, Any] = {"kind": kind.value, "requirements_revision": _revision(owner)}
    if kind is not IterationKind.SETUP:
        followed = _followed(owner, follows)
        said["follows"] = followed.name
        if ENTRY[kind] is Stage.PROPOSAL:
            said["inherits_assessment"] = _assessed(followed).name
    stage = ENTRY[kind]
    heading = title or f"{(slug or kind.value).replace('-', ' ').capitalize()}: {STAGES[stage].title.lower()}"
    values = {"title": heading, "iteration": said}
    if stage is Stage.PROPOSAL:
        values = {**_from_assessment(_assessed(followed)), **values}
    return _write(root, f"{owner.path}/{name}/{stage.filename}", stage, values)


def document(folder: IterationFolder, root: Path, stage: Stage) -> str:
    """Begin a document of an iteration; return its path.

    Raises:
        IterataError: the iteration has that document.
    """
    values: dict[str, Any] = {"title": _title(folder, stage)}
    if stage is Stage.ASSESSMENT:
        kind = IterationKind.SETUP if folder.number == 1 else IterationKind.ALGORITHM
        values["iteration"] = {"kind": kind.value, "requirements_revision": _revision(folder.project)}
        if kind is IterationKind.ALGORITHM:
            values["iteration"]["follows"] = _followed(folder.project, None, below=folder.number).name
    elif stage is Stage.PROPOSAL:
        values |= _from_assessment(folder)
    elif stage is Stage.REPORT:
        values |= _from_results(folder)
    return _write(root, f"{folder.path}/{stage.filename}", stage, values)


def _title(folder: IterationFolder, stage: Stage) -> str:
    subject = folder.name.split("-", 1)[1].replace("-", " ").capitalize()
    return f"{subject}: {STAGES[stage].title.lower()}"


def _revision(owner: Project) -> int:
    requirements = owner.requirements_model
    return requirements.revision if requirements else 1


def _followed(owner: Project, name: str | None, *, below: int | None = None) -> IterationFolder:
    earlier = [folder for folder in owner.iterations if below is None or folder.number < below]
    found = owner.iteration(name) if name else (earlier[-1] if earlier else None)
    if found is None:
        listed = ", ".join(folder.name for folder in earlier) or "none yet: begin with --kind setup"
        raise NotFoundError(
            "there is no iteration to follow", remedy=f"name one of: {listed}", where=name or owner.name
        )
    return found


def _assessed(folder: IterationFolder) -> IterationFolder:
    found = folder.assessment_folder
    if found is None or found.document(Stage.ASSESSMENT) is None:
        remedy = "begin it with an assessment: --kind algorithm"
        raise NotFoundError("there is no assessment to inherit", remedy=remedy, where=folder.ref)
    return found


def _from_assessment(folder: IterationFolder) -> dict[str, Any]:
    """What the assessment already says of the data, the target, the status quo and the KPI."""
    assessment = folder.assessment
    if assessment is None:
        return {}
    lift = assessment.lift.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    data = lift.get("data")
    suited = _suited(assessment.lift.kpi)
    metrics = {"metrics": {"primary": lift["kpi"]["name"], **suited.pop("metrics", {})}, **suited}
    if data is None:  # the lift rests on assumptions
        return {"plan": metrics}
    rows = {key: data[key] for key in ("source", "made_by", "unit_id") if key in data}
    of_numbers = outcome_of(assessment.lift.kpi) is OutcomeKind.NUMBER
    target = {"column": data["target"], "positive": None if of_numbers else data.get("positive", 1)}
    plan = {
        "data": [{"name": "rows", **rows}],
        "target": target,
        "status_quo": data["status_quo"],
        **metrics,
    }
    return {"plan": plan}


_REGRESSORS = [
    {"name": "linear", "estimator": "sklearn.linear_model.Ridge", "features": "all"},
    {"name": "boosted", "estimator": "sklearn.ensemble.HistGradientBoostingRegressor", "features": "all"},
]


def _suited(kpi: KpiSpec) -> dict[str, Any]:
    """What of the template's plan gives way to what suits the KPI: the template's is one of yes or no."""
    outcome = outcome_of(kpi)
    if outcome is OutcomeKind.YES_NO:
        return {}
    split = {"kind": "group_folds", **({"column": kpi.group} if isinstance(kpi, RankingSpec) else {})}
    ranked = isinstance(kpi, RankingSpec)
    metrics = [{"metric": "roc_auc" if outcome is OutcomeKind.RELEVANCE else "r2"}]
    suited: dict[str, Any] = {"split": split, "metrics": {"secondary": metrics}}
    if not ranked:
        asked = [{"id": "H1", "supported_if": {"variant": "linear", "over": "status quo", "by": 0}}]
        suited |= {"variants": _REGRESSORS, "hypotheses": asked}
    return suited


def _from_results(folder: IterationFolder) -> dict[str, Any]:
    """For every hypothesis its verdict, what to make of it, and a finding with its evidence."""
    proposal, result = folder.proposal, folder.experiment_result
    if proposal is None:
        return {}
    if result is None:
        open_ = Verdict.INCONCLUSIVE.value
        return {"hypotheses": [{"id": each.id, "verdict": open_} for each in proposal.plan.hypotheses]}
    answers = [
        {"id": each.id, "verdict": each.verdict.value, "interpretation": f"{TODO}: {ASKS[each.verdict]}"}
        for each in result.hypotheses
    ]
    findings = [
        {
            "id": f"F{number}",
            "kind": (FindingKind.NEGATIVE if each.verdict is Verdict.REFUTED else FindingKind.INSIGHT).value,
            "evidence": _evidence(each, result.kpi.scaled_unit),
            "tags": [],
        }
        for number, each in enumerate(result.hypotheses, 1)
    ]
    return {"hypotheses": answers, "findings": findings}


def _evidence(tested: HypothesisResult, unit: str) -> str:
    figure, span = parts(tested.difference, sign=True)
    return f"results/experiment.json, {tested.id}: {figure} {unit}, 95 % interval {span}"


def _write(root: Path, path: str, stage: Stage, values: dict[str, Any]) -> str:
    if (root / path).exists():
        raise IterataError(
            "is already there; nothing was written", remedy="open it, or choose another name", where=path
        )
    write_within(root, path, scaffold.new(stage, values))
    return path
