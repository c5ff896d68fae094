"""`iterata rollout --simulate`: what the declared phases and looks would do. Writes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.actions.rollout import deployment_of, expectations
from iterata.documents.error_location import located_in

if TYPE_CHECKING:
    from iterata.repository.projects import IterationFolder
    from iterata.results.rollout_simulation import RolloutSimulation


def simulate_rollout(folder: IterationFolder, *, seed: int = 0) -> RolloutSimulation:
    """Simulate the rollout that the iteration's deployment declares. It needs no data of the release.

    Raises:
        NotFoundError: the iteration has no deployment.
        ProblemsError: the deployment has problems.
        DataError: the expected lift does not tell how much rows vary, or how many come in a day.
    """
    from iterata.rollout.simulation import simulated_rollout  # noqa: PLC0415  # brings numpy and scipy

    document, deployment = deployment_of(folder)
    before = expectations(folder, deployment.variant)
    metrics = folder.proposal.plan.metrics if folder.proposal else None
    with located_in(document):
        return simulated_rollout(deployment, before, metrics, seed=seed)
