"""What an assessment takes from the requirements: the KPI, the success metrics and the stakeholders.

The requirements name them once. An assessment may repeat a value, leave it out, or say something else;
then it gives an `override_reason`.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from iterata.documents.models.enums import Direction

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.documents.models.assessment import Assessment
    from iterata.documents.models.kpi import KpiBase
    from iterata.documents.models.requirements import KpiGoal, Requirements
    from iterata.errors import FieldPath

KPI: FieldPath = ("lift", "kpi")
"""The place of the KPI in an assessment."""

TAKEN_FROM, DIFFERS_FROM = "taken_from_the_requirements", "differs_from_the_requirements"
"""The keys under which readers see both."""


class Override(NamedTuple):
    """A value of the assessment that differs from the requirements', both in words."""

    field: FieldPath
    name: str
    """What differs: `KPI's unit`."""
    requirements: str
    assessment: str


def complete_assessment(assessment: Assessment, requirements: Requirements | None) -> Assessment:
    """The assessment with everything that it takes from the requirements; as it is if there are none."""
    if requirements is None:
        return assessment
    values: dict[str, object] = dict(_inherited_names(assessment, requirements))
    if kpi := inherited_kpi(assessment, requirements):
        completed = assessment.lift.kpi.model_copy(update=kpi)
        values["lift"] = assessment.lift.model_copy(update={"kpi": completed})
    return assessment.model_copy(update=values) if values else assessment


def inherited_kpi(assessment: Assessment, requirements: Requirements) -> dict[str, str]:
    """What the KPI leaves out and the requirements say. The digest of the expected lift covers it."""
    kpi = assessment.lift.kpi
    goal = kpi_goal(kpi, requirements)
    if goal is None:
        return {}
    values = {} if kpi.name else {"name": goal.name}
    if not kpi.unit:
        values["unit"] = goal.unit
    if _inherits_direction(kpi) and goal.direction is not kpi.direction:
        values["direction"] = goal.direction
    return values


def inherited(assessment: Assessment, requirements: Requirements) -> dict[str, object]:
    """Everything that the assessment leaves out and the requirements say, for readers."""
    names: dict[str, object] = dict(_inherited_names(assessment, requirements))
    kpi = inherited_kpi(assessment, requirements)
    return {**({"kpi": kpi} if kpi else {}), **names}


def overrides(assessment: Assessment, requirements: Requirements) -> Iterator[Override]:
    """Every value of the assessment's KPI that differs from the requirements'."""
    kpi = assessment.lift.kpi
    goal = kpi_goal(kpi, requirements)
    if goal is None:
        yield Override((*KPI, "name"), "KPI", ", ".join(kpi_names(requirements)), kpi.name)
        return
    if kpi.unit and kpi.unit != goal.unit:
        yield Override((*KPI, "unit"), "KPI's unit", goal.unit, kpi.unit)
    if not _inherits_direction(kpi) and goal.direction is not kpi.direction:
        field = "direction" if "direction" in kpi.model_fields_set else "kind"
        yield Override((*KPI, field), "KPI's direction", str(goal.direction), str(kpi.direction))


def kpi_goal(kpi: KpiBase, requirements: Requirements) -> KpiGoal | None:
    """The KPI of the requirements that an assessment means: of its name, or the first if it gives none."""
    if not kpi.name:
        return requirements.kpis[0]
    return next((goal for goal in requirements.kpis if goal.name == kpi.name), None)


def kpi_names(requirements: Requirements) -> list[str]:
    """The names of the KPIs."""
    return [goal.name for goal in requirements.kpis]


def stakeholder_roles(requirements: Requirements) -> list[str]:
    """The roles of the stakeholders."""
    return [stakeholder.role for stakeholder in requirements.stakeholders]


def _inherited_names(assessment: Assessment, requirements: Requirements) -> Iterator[tuple[str, list[str]]]:
    if assessment.stakeholders_confirmed is None:
        yield "stakeholders_confirmed", stakeholder_roles(requirements)
    if assessment.success_metrics is None:
        yield "success_metrics", kpi_names(requirements)


def _inherits_direction(kpi: KpiBase) -> bool:
    """Whether the requirements say the direction: not of a kind that has only one."""
    return "direction" not in kpi.model_fields_set and _has_free_direction(type(kpi))


@cache
def _has_free_direction(kind: type[KpiBase]) -> bool:
    return kind.model_fields["direction"].annotation is Direction
