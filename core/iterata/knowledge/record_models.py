"""The models of findings, decisions and iterations as they leave a knowledge base.

Exports, feeds and assistants read these models. A key may be added in any version of iterata. If one
disappears or changes its meaning, `RECORDS_VERSION` rises. The same tree and history give the same records.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from iterata.documents.models.enums import Direction, FindingKind, Verdict
from iterata.knowledge.decisions import DecisionKind
from iterata.knowledge.finding_status import FindingStatus
from iterata.results import Estimate
from iterata.stages import IterationKind, Outcome, Stage, Status

RECORDS_VERSION = 1
"""The version of the format of records."""

_DAY = (
    "YYYY-MM-DD, of the decision, the abandonment or the approval, else of the last commit; null if unknown."
)
_PROVISIONAL = "Whether the document is not approved, or its figures changed since, so that this may change."
_ALGORITHMS = (
    "The estimators, programs and files that were compared, as the result or else the plan names them."
)
_DATA_SETS = "The paths of the data, relative to the repository."


Day: TypeAlias = Annotated[str | None, Field(json_schema_extra={"format": "date"})]


class Record(BaseModel):
    """What every record has in common."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class DocumentRecord(Record):
    """What records of one document begin with."""

    key: str = Field(description="The reference to it from anywhere, such as project/01-setup#F1.")
    project: str = Field(description="The name of the project's folder.")
    project_title: str
    iteration: str | None = Field(description="The name of the iteration's folder; null beside requirements.")
    iteration_title: str | None
    day: Day = Field(description=_DAY)
    provisional: bool = Field(description=_PROVISIONAL)
    document: str = Field(description="The path of the document, relative to the repository.")
    document_title: str
    stage: Stage
    document_status: Status | None = Field(description="Null if it is invalid.")


class FindingRecord(DocumentRecord):
    """Something that was learned."""

    statement: str
    kind: FindingKind
    verdict: Verdict | None = Field(
        description="Of the hypothesis that the evidence names; null without one."
    )
    status: FindingStatus = Field(description="What other findings and releases have made of it since.")
    holds_as_of: Day = Field(description="The latest day on which something showed that it holds.")
    used: int = Field(description="How many findings, documents and decisions refer to it.")
    tags: list[str]
    evidence: str
    kpi_kind: str | None
    algorithms: list[str] = Field(description=_ALGORITHMS)
    data_sets: list[str] = Field(description=_DATA_SETS)
    supports: list[str] = Field(description="Keys of the findings that it confirms.")
    contradicts: list[str] = Field(description="Keys of the findings that it contradicts.")
    supported_by: list[str] = Field(description="Keys of the findings that confirm it.")
    contradicted_by: list[str] = Field(description="Keys of the findings that contradict it.")


class RecommendationRecord(Record):
    """What the report recommended."""

    outcome: Outcome
    kind: IterationKind | None
    why: str


class DecisionRecord(DocumentRecord):
    """A decision on a report, or another event that changes what a team does."""

    kind: DecisionKind
    outcome: Outcome | None = Field(description="Of a decision on a report; null for the other kinds.")
    subject: str | None = Field(
        description="The variant, the phase or the hypothesis; null for the whole iteration."
    )
    why: str
    by: list[str] = Field(description="The roles that decided.")
    recommendation: RecommendationRecord | None = Field(
        description="What the report recommended; null for the other kinds."
    )
    led_to: list[str] = Field(description="The paths of the documents that followed from it.")
    findings: list[str] = Field(description="Keys of the findings of the same document.")


class HypothesisRecord(Record):
    """A hypothesis of a plan, with its answer."""

    id: str
    claim: str
    variant: str
    over: str
    by: float
    verdict: Verdict | None = Field(description="The author's verdict, else the computed one; null before.")
    interpretation: str
    provisional: bool = Field(description="Whether the report with the verdict is not approved yet.")


class StageRecord(Record):
    """The document of a stage."""

    stage: Stage
    title: str
    document: str
    status: Status | None
    day: Day = Field(description=_DAY)


class ScaleRecord(Record):
    """The figures of an iteration on the scale of its KPI."""

    kpi: str
    kind: str
    unit: str
    direction: Direction
    random: Estimate
    status_quo: Estimate
    perfect: Estimate
    best_variant: str | None
    best: Estimate | None
    realised: Estimate | None


class WaitsFor(Record):
    """What an iteration waits for."""

    stage: Stage | None
    what: str
    who: str


class IterationRecord(Record):
    """One iteration of a project."""

    key: str = Field(description="Its name on the command line: project/01-setup.")
    project: str
    project_title: str
    iteration: str
    title: str
    kind: IterationKind | None
    follows: str | None
    day: Day = Field(description="The latest day of its documents.")
    stages: list[StageRecord]
    hypotheses: list[HypothesisRecord]
    findings: list[str] = Field(description="Keys of its findings.")
    algorithms: list[str] = Field(description=_ALGORITHMS)
    data_sets: list[str] = Field(description=_DATA_SETS)
    scale: ScaleRecord | None
    provisional: bool = Field(
        description="Whether its report is missing or not approved yet: verdicts and figures may change."
    )
    outcome: Outcome | None = Field(description="Of the decision on its report; null before.")
    outcome_provisional: bool | None = Field(description="Whether that report is not approved yet.")
    waits_for: WaitsFor | None = Field(description="Null if everything is done.")


class FindingRecords(Record):
    """All findings of a knowledge base."""

    schema_version: Literal[1] = 1
    kind: Literal["findings"] = "findings"
    findings: list[FindingRecord]


class DecisionRecords(Record):
    """All decisions of a knowledge base."""

    schema_version: Literal[1] = 1
    kind: Literal["decisions"] = "decisions"
    decisions: list[DecisionRecord]


class IterationRecords(Record):
    """All iterations of a knowledge base."""

    schema_version: Literal[1] = 1
    kind: Literal["iterations"] = "iterations"
    iterations: list[IterationRecord]
