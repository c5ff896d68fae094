"""The digest of what a deployment declares about its split test, which a result was computed from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.documents.fingerprint import digest

if TYPE_CHECKING:
    from iterata.documents.models.deployment import Deployment

_PHASE = {"share", "hold", "requires"}
"""What an author declares of a phase; the other keys are written as it goes on."""


def digest_of_release(deployment: Deployment) -> str:
    """The digest of variant, phases, rows, metrics, reactions and level; the same for equal meanings."""
    declared = deployment.model_dump(
        mode="json", include={"variant", "split_test", "on", "alpha", "holdout"}, exclude_defaults=True
    )
    phases = [
        phase.model_dump(mode="json", include=_PHASE, exclude_defaults=True) for phase in deployment.phases
    ]
    return digest({**declared, "phases": phases})
