"""How far a stage of an iteration is."""

from __future__ import annotations

from enum import StrEnum

from iterata.stages import Status


class Progress(StrEnum):
    """The progress of a stage of an iteration."""

    AHEAD = "ahead"
    """There is no document yet."""
    INHERITED = "inherited"
    """The document of an earlier iteration applies."""
    UNDER_WAY = "under_way"
    """It is being written, reviewed, run or rolled out."""
    DONE = "done"
    """It is approved, completed or deployed."""
    ENDED = "ended"
    """It is rejected, abandoned, superseded, stopped or reverted."""


PROGRESS: dict[Status, Progress] = {
    Status.DRAFT: Progress.UNDER_WAY,
    Status.IN_REVIEW: Progress.UNDER_WAY,
    Status.APPROVED: Progress.DONE,
    Status.REJECTED: Progress.ENDED,
    Status.ABANDONED: Progress.ENDED,
    Status.SUPERSEDED: Progress.ENDED,
    Status.PLANNED: Progress.UNDER_WAY,
    Status.RUNNING: Progress.UNDER_WAY,
    Status.COMPLETED: Progress.DONE,
    Status.STOPPED: Progress.ENDED,
    Status.ROLLING_OUT: Progress.UNDER_WAY,
    Status.DEPLOYED: Progress.DONE,
    Status.REVERTED: Progress.ENDED,
}
"""The progress that each status means."""
