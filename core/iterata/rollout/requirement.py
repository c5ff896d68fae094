"""What each phase of a rollout must show before the next one begins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.documents.models.enums import Requirement

if TYPE_CHECKING:
    from iterata.documents.models.deployment import Deployment, Phase

EVERYBODY = 1.0
"""The share of the phase without a control group of the plan."""


def required(deployment: Deployment, phase: Phase) -> Requirement:
    """What a phase must show: by default a gain in the last one with a control group, else no harm."""
    if phase.requires is not None:
        return phase.requires
    compared = [other.share for other in deployment.phases if other.share < EVERYBODY]
    return Requirement.GAIN if phase.share in compared[-1:] else Requirement.NO_HARM
