"""What each `--format json` prints, as models; their JSON Schemas are published by `iterata schema output`.

A key may be added in any version. If one disappears or changes its meaning, `schema_version` rises.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from iterata.experiment.cache.entry import EntryHeader
from iterata.knowledge.records import DecisionRecords, FindingRecords, IterationRecords
from iterata.problems import Severity
from iterata.results import ExperimentResult, LiftResult, RolloutResult
from iterata.results.monitors import MonitorVerdict
from iterata.results.rollout_simulation import RolloutSimulation
from iterata.stages import Status


class Output(BaseModel):
    """What every output begins with."""

    schema_version: Literal[1]
    kind: str


class ProblemPosition(BaseModel):
    """A place in a text file; both count from 1."""

    line: int
    column: int


class ProblemFields(BaseModel):
    """A violation of a rule."""

    code: str
    severity: Severity
    path: str
    position: ProblemPosition
    field: str = Field(description="The dotted path into the front matter, or empty.")
    message: str
    remedy: str
    data: str = Field(description="The place in the data, such as `data/rows.csv, row 5`, or empty.")


class CheckOutput(Output):
    """`iterata check --format json`."""

    kind: Literal["check"]
    problems: list[ProblemFields]


class IterationRow(BaseModel):
    """What an iteration waits for."""

    ref: str
    kind: str = Field(description="The kind of the iteration; empty for a project without iterations.")
    stage: str
    waits_for: str
    who: str
    command: str = Field(description="The command to type, or empty.")
    remedy: str = Field(description="What to do if there is no command to type, or empty.")


class StatusOutput(Output):
    """`iterata status --format json`."""

    kind: Literal["status"]
    iterations: list[IterationRow]


class FindingRow(BaseModel):
    """A finding."""

    key: str
    kind: str
    statement: str
    decided_on: str | None


class BaseError(BaseModel):
    """Why a knowledge base cannot be read."""

    where: str
    message: str
    remedy: str


class BaseBoard(BaseModel):
    """One knowledge base of a repository."""

    folder: str
    iterations: list[IterationRow]
    findings: list[FindingRow]
    error: BaseError | None


class StatusAllOutput(Output):
    """`iterata status --all --format json`."""

    kind: Literal["status_all"]
    knowledge_bases: list[BaseBoard]


class ValueDifference(BaseModel):
    """One value that differs between two results."""

    place: str
    committed: str | float | bool | None
    again: str | float | bool | None


class VerifyOutput(Output):
    """`iterata verify --format json`."""

    kind: Literal["verify"]
    differences: list[ValueDifference]
    compared: int
    tolerance: float
    versions: list[str]
    notes: list[str] = []


class MonitorSequence(BaseModel):
    """The value over all days, with the interval that stays valid at every look."""

    since: str
    days: int
    value: float
    low: float
    high: float


class MonitorRow(BaseModel):
    """One monitor."""

    iteration: str
    status: Status
    path: str
    line: int
    name: str
    source: str
    verdict: MonitorVerdict
    figure: float | None
    lower: float | None
    upper: float | None
    rows: int | None
    newest: str | None
    interval: tuple[float | None, float | None] | None = Field(
        description="Valid for all looks of a year; null at an end that is open."
    )
    interval_one_look: tuple[float | None, float | None] | None = Field(
        description="The interval of 95 % for a single look."
    )
    since: MonitorSequence | None = Field(description="The value over all days since the release.")
    units: int | None = Field(description="The number of units, with `unit_id`.")
    min_rows: int | None = Field(description="With fewer rows, or units, nothing is said.")
    note: str = Field(description="Why nothing can be said, or why there is no figure; or empty.")


class MonitorOutput(Output):
    """`iterata monitor --format json`."""

    kind: Literal["monitor"]
    monitors: list[MonitorRow]
    problems: list[ProblemFields]


class MonitorDetection(BaseModel):
    """How soon a change is found."""

    change: float = Field(description="The part of its size by which what is measured changes.")
    tried: int = Field(description="On how many days of the past it was tried.")
    found: int = Field(description="How often it was found.")
    median_days: float | None = Field(
        description="The median number of days until it is found; null if it mostly is not."
    )
    within: int = Field(description="For how many days it was looked for.")


class MonitorPast(BaseModel):
    """A monitor on its own past."""

    first: str
    last: str
    days: int = Field(description="The days with rows, at each of which there was a look.")
    fired_days: int = Field(description="The looks at which it fired.")
    fired: int = Field(description="How often it began to fire.")
    fired_per_year: float
    false_alarms_per_year: float = Field(description="The same in years that are drawn from the past.")
    years_with_alarm: float = Field(description="The share of drawn years in which it fires at all.")
    detection: MonitorDetection


class MonitorReplayRow(BaseModel):
    """One monitor, tried on its own past."""

    iteration: str
    name: str
    lower: float | None
    upper: float | None
    false_alarms: float
    replay: MonitorPast | None


class MonitorReplayOutput(Output):
    """`iterata monitor --replay --format json`."""

    kind: Literal["monitor_replay"]
    monitors: list[MonitorReplayRow]
    problems: list[ProblemFields]


class ChangedKey(BaseModel):
    """A key of `lift:` with another value."""

    key: str
    before: object
    after: object


class WhatIfOutput(Output):
    """`iterata lift --what-if --format json`."""

    kind: Literal["what_if"]
    changes: list[ChangedKey]
    before: LiftResult
    after: LiftResult
    note: str
    """What was changed along with the changes that were asked for, and why; empty if nothing was."""


class RolloutSimulationOutput(RolloutSimulation):
    """`iterata rollout --simulate --format json`."""

    schema_version: Literal[1] = 1
    kind: Literal["rollout_simulation"]


class DraftOutput(Output):
    """`iterata run --draft --format json`."""

    kind: Literal["draft"]
    draft: Literal[True]
    result: ExperimentResult


class DoctorRow(BaseModel):
    """One thing that `doctor` looked at."""

    part: str
    name: str
    state: str
    found: str
    message: str
    fix: str


class DoctorOutput(Output):
    """`iterata doctor --format json`."""

    kind: Literal["doctor"]
    works: bool
    findings: list[DoctorRow]


class UpgradeStep(BaseModel):
    """One migration of one file."""

    migration: str
    path: str
    what: str


class UpgradeOutput(Output):
    """`iterata upgrade --format json`."""

    kind: Literal["upgrade"]
    changes: list[UpgradeStep]
    kept: list[UpgradeStep]


class CachedEntries(BaseModel):
    """Entries of a cache; times are ISO 8601 in UTC."""

    entries: int
    bytes: int
    oldest: str | None = Field(description="When the entry that was not used for longest was used.")
    newest: str | None


class CachedIteration(CachedEntries):
    """The entries that the runs of an iteration wrote."""

    iteration: str = Field(description="project/iteration; empty if the entries do not tell.")


class CacheRow(CachedEntries):
    """One cache."""

    place: str
    shared: bool
    in_use: int = Field(description="How many entries running commands of this machine use.")
    iterations: list[CachedIteration]


class CacheOutput(Output):
    """`iterata cache --format json`."""

    kind: Literal["cache"]
    caches: list[CacheRow]


class CachePruneOutput(Output):
    """`iterata cache prune --format json`."""

    kind: Literal["cache_prune"]
    place: str
    removed: int
    bytes: int = Field(description="Of what was removed.")
    kept: int
    kept_bytes: int
    in_use: int
    dry_run: bool


class DigestItem(BaseModel):
    """One thing to know."""

    label: str
    text: str
    note: str = Field(description="Where it is from, and when.")
    document: str | None
    url: str | None


class DigestSection(BaseModel):
    """Items of one kind: decided, learned, surprised, changed, released or waiting."""

    key: str
    title: str
    items: list[DigestItem]
    more: int = Field(description="How many further items there are.")


class FeedItem(BaseModel):
    """An item of a JSON Feed."""

    id: str
    title: str
    content_html: str
    content_text: str
    date_published: str
    url: str | None = None


class DigestOutput(Output):
    """`iterata digest --format json`."""

    kind: Literal["digest"]
    since: str
    until: str
    role: str | None
    empty: bool = Field(description="Whether nothing happened on these days.")
    sections: list[DigestSection]
    item: FeedItem


OUTPUTS: dict[str, type[BaseModel]] = {
    "check": CheckOutput,
    "status": StatusOutput,
    "status_all": StatusAllOutput,
    "lift": LiftResult,
    "what_if": WhatIfOutput,
    "experiment": ExperimentResult,
    "rollout": RolloutResult,
    "rollout_simulation": RolloutSimulationOutput,
    "draft": DraftOutput,
    "verify": VerifyOutput,
    "monitor": MonitorOutput,
    "monitor_replay": MonitorReplayOutput,
    "doctor": DoctorOutput,
    "upgrade": UpgradeOutput,
    "findings": FindingRecords,
    "decisions": DecisionRecords,
    "iterations": IterationRecords,
    "digest": DigestOutput,
    "cache": CacheOutput,
    "cache_prune": CachePruneOutput,
    "cache_entry": EntryHeader,  # not printed: `entry.json` in a file of the cache
}
"""The model of each kind of output; `kind` in the output is its name here."""
