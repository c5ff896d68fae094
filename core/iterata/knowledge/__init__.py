"""The read model of a repository, for the site, the status board and the exports."""

from iterata.knowledge.build import read
from iterata.knowledge.monitors import MonitorView
from iterata.knowledge.progress import PROGRESS, Progress
from iterata.knowledge.releases import Gains, PhaseView, ReleaseView, same_share
from iterata.knowledge.several import Member, joined
from iterata.knowledge.views import (
    FindingView,
    HypothesisView,
    IterationView,
    Knowledge,
    ProjectView,
    StageView,
    TrajectoryPoint,
)

__all__ = [
    "PROGRESS",
    "FindingView",
    "Gains",
    "HypothesisView",
    "IterationView",
    "Knowledge",
    "Member",
    "MonitorView",
    "PhaseView",
    "Progress",
    "ProjectView",
    "ReleaseView",
    "StageView",
    "TrajectoryPoint",
    "joined",
    "read",
    "same_share",
]
