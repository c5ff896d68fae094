"""Stage 4: the log of what was run."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from iterata.documents.models.base import Day, Header, Part, Text
from iterata.documents.models.enums import WorkKind
from iterata.stages import Stage

Hours = Annotated[float, Field(ge=0)]


class Deviation(Part):
    """A departure from the proposal."""

    what: Text = Field(description="What was done differently.")
    why: Text = Field(description="Why it was necessary.")
    amendment: Text | None = Field(
        None, description="The approved amendment that covers it, if it changed the plan."
    )


class Experiment(Header):
    """The front matter of `experiment.md`."""

    stage: Literal[Stage.EXPERIMENT] = Field(description="Always experiment.")
    started: Day | None = Field(None, description="The day the work began, as YYYY-MM-DD.")
    ended: Day | None = Field(None, description="The day it ended, as YYYY-MM-DD.")
    deviations: list[Deviation] = Field(
        default_factory=list, description="Departures from the proposal; ideally none."
    )
    hours: dict[WorkKind, Hours] = Field(default_factory=dict, description="Hours spent, by kind of work.")
    stopped_because: Text | None = Field(None, description="Why it ended early, if it did.")
