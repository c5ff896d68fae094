"""One rule for every name in a document that stands for something in another place: it must exist there.

Names within one plan are the subject of PLAN001, iterations of LIFE004, findings of REF001 and evidence of
REF002. Columns are checked when a plan is approved, because `check` reads no data.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from iterata.documents.models.requirements_inheritance import kpi_names, stakeholder_roles
from iterata.lifecycle.conditions import TODO
from iterata.repository.iteration_results import share_of_file
from iterata.repository.roles import slug
from iterata.rules.rule import RuleSet
from iterata.stages import Stage
from iterata.text import closest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from iterata.lifecycle.context import DocumentContext
    from iterata.problems import Problem

RULES = RuleSet()

EACH = "[]"
"""Every entry of a list, in a path."""


class Reference(NamedTuple):
    """A field that names something, and what it may name."""

    stages: tuple[Stage, ...]
    path: tuple[str, ...]
    kind: str
    """What it names: `role`."""
    choices: Callable[[DocumentContext], Sequence[str] | None]
    """The names that exist; None if they are not known, such as those of an invalid document."""
    otherwise: str
    """What else mends it, besides naming one that exists."""
    normal: Callable[[str], str] = str
    """The form in which names are compared."""
    only_misspelt: bool = False
    """Whether other names are fine, unless they resemble one that exists: accounts, or further roles."""
    is_generated: Callable[[str], bool] | None = None
    """Whether a name is one that a command writes, so that no other one is meant."""


def _roles(context: DocumentContext) -> list[str] | None:
    """The roles of the stakeholders, and those that must approve documents."""
    requirements = context.requirements
    if requirements is None:
        return None
    required = context.project.repository.required_roles.values()
    return list(
        dict.fromkeys([*stakeholder_roles(requirements), *(role for roles in required for role in roles)])
    )


def _stakeholders(context: DocumentContext) -> list[str] | None:
    return stakeholder_roles(context.requirements) if context.requirements else None


def _success_metrics(context: DocumentContext) -> list[str] | None:
    """The KPIs of the requirements, and the one of the assessment, which may differ with a reason."""
    requirements, assessment = context.requirements, context.assessment
    if requirements is None or assessment is None:
        return None
    return list(dict.fromkeys([*kpi_names(requirements), assessment.lift.kpi.name]))


def _variants(context: DocumentContext) -> list[str] | None:
    """The variants of the experiment's result; without one, those of the plan."""
    if (result := context.experiment_result) is not None:
        return [variant.name for variant in result.variants]
    proposal = context.proposal
    return [variant.name for variant in proposal.plan.variants] if proposal else None


def _business_hypotheses(context: DocumentContext) -> list[str] | None:
    requirements = context.requirements
    return [hypothesis.id for hypothesis in requirements.hypotheses] if requirements else None


def _revisions(context: DocumentContext) -> list[str] | None:
    requirements = context.requirements
    return [str(number) for number in range(2, requirements.revision + 1)] if requirements else None


def _amendments(context: DocumentContext) -> list[str] | None:
    proposal = context.proposal
    return [amendment.on.isoformat() for amendment in proposal.amendments] if proposal else None


def _day(text: str) -> str:
    """The day in a text such as `the amendment of 2026-11-23`; the text itself if it has none."""
    day = re.search(r"\d{4}-\d{2}-\d{2}", text)
    return day[0] if day else text


def _project_files(context: DocumentContext) -> list[str] | None:
    """The files of the folders that the document names, relative to the project."""
    deployment = context.deployment
    if deployment is None:
        return None
    folders = {phase.result.rpartition("/")[0] for phase in deployment.phases if phase.result}
    return [
        f"{folder}/{entry.name}".lstrip("/")
        for folder in sorted(folders)
        for entry in context.project.repository.entries(f"{context.project.path}/{folder}".rstrip("/"))
        if not entry.is_dir
    ]


def _is_of_a_phase(path: str) -> bool:
    """Whether a file has the name of the result of some phase."""
    return share_of_file(path.rpartition("/")[2]) is not None


_ADD_STAKEHOLDER = "add the role to the stakeholders of requirements.md"

REFERENCES = (
    Reference(
        (Stage.ASSESSMENT,), ("stakeholders_confirmed", EACH), "stakeholder", _stakeholders,
        _ADD_STAKEHOLDER, slug,
    ),
    Reference(
        (Stage.ASSESSMENT,), ("success_metrics", EACH), "KPI", _success_metrics,
        "add the KPI to requirements.md",
    ),
    Reference(
        (Stage.REQUIREMENTS, Stage.ASSESSMENT, Stage.PROPOSAL, Stage.REPORT), ("approvals", EACH, "role"),
        "role", _roles, _ADD_STAKEHOLDER, slug, only_misspelt=True,
    ),
    Reference(tuple(Stage), ("owners", EACH), "role", _roles, _ADD_STAKEHOLDER, slug, only_misspelt=True),
    Reference((Stage.REPORT,), ("decision", "by", EACH, "role"), "role", _roles, _ADD_STAKEHOLDER, slug),
    Reference(
        (Stage.PROPOSAL,), ("plan", "hypotheses", EACH, "tests", EACH), "business hypothesis",
        _business_hypotheses, "add it to the hypotheses of requirements.md",
    ),
    Reference(
        (Stage.DEPLOYMENT,), ("variant",), "variant", _variants,
        "release a variant that the plan of this iteration compares",
    ),
    Reference(
        (Stage.DEPLOYMENT,), ("phases", EACH, "result"), "result file", _project_files,
        "remove the key until the file exists",
        is_generated=_is_of_a_phase,
    ),
    Reference(
        (Stage.REQUIREMENTS,), ("revisions", EACH, "revision"), "revision", _revisions,
        "set `revision:` to the number of the latest one",
    ),
    Reference(
        (Stage.EXPERIMENT,), ("deviations", EACH, "amendment"), "amendment", _amendments,
        "write the day of an entry under `amendments:` in proposal.md", _day,
    ),
)  # fmt: skip
"""Every such field."""

_REFERENCES_OF = {
    stage: tuple(reference for reference in REFERENCES if stage in reference.stages) for stage in Stage
}


@RULES.rule(
    "LIFE021",
    "What a document names exists: stakeholders, KPIs, roles, business hypotheses, variants, revisions, "
    "amendments, result files.",
    why="A name that stands for nothing cannot be looked up, watched or asked.",
    bad="variant: bosted  # in a deployment of the variant boosted",
    good="variant: boosted",
)
def names_exist(context: DocumentContext) -> Iterator[Problem]:
    """LIFE021."""
    document = context.document
    if document.model is None:
        return
    for reference in _REFERENCES_OF[document.stage]:
        values = _values(document.data, reference.path)
        names = reference.choices(context) if values else None
        if names is None:
            continue
        for path, value in values:
            if value not in names and not value.startswith(TODO):  # GATE001
                yield from _unknown(context, reference, names, path, value)


_Place: TypeAlias = tuple[str | int, ...]


def _values(data: object, path: tuple[str, ...]) -> list[tuple[_Place, str]]:
    """The texts and numbers at a path, as text, each with its place."""
    entries: list[tuple[_Place, object]] = [((), data)]
    for key in path:
        if key == EACH:
            entries = [
                ((*place, index), entry)
                for place, value in entries
                if isinstance(value, list)
                for index, entry in enumerate(value)
            ]
        else:
            entries = [
                ((*place, key), value[key])
                for place, value in entries
                if isinstance(value, dict) and key in value
            ]
    return [(place, str(value)) for place, value in entries if isinstance(value, str | int)]


def _unknown(
    context: DocumentContext, reference: Reference, names: Sequence[str], path: _Place, value: str
) -> Iterator[Problem]:
    if reference.normal(value) in {reference.normal(name) for name in names}:
        return
    if reference.is_generated and reference.is_generated(value):
        one_of = "restore the file"
    else:
        guess = closest(value, names)
        if reference.only_misspelt and guess is None:
            return
        one_of = f"write {guess}" if guess else f"name one of: {', '.join(names)}" if names else ""
    remedy = "; or ".join(filter(None, (one_of, reference.otherwise)))
    yield context.document.problem("LIFE021", path, f"there is no {reference.kind} {value}", remedy)
