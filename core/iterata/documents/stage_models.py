"""The valid front matter of a document, typed by its stage, without importing any stage's model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, overload

from iterata.stages import Stage

if TYPE_CHECKING:
    from iterata.documents.document import Document
    from iterata.documents.models.assessment import Assessment
    from iterata.documents.models.base import Header, Iteration
    from iterata.documents.models.deployment import Deployment
    from iterata.documents.models.experiment import Experiment
    from iterata.documents.models.proposal import Proposal
    from iterata.documents.models.report import Report
    from iterata.documents.models.requirements import Requirements


@overload
def valid_model(document: Document | None, stage: Literal[Stage.REQUIREMENTS]) -> Requirements | None: ...
@overload
def valid_model(document: Document | None, stage: Literal[Stage.ASSESSMENT]) -> Assessment | None: ...
@overload
def valid_model(document: Document | None, stage: Literal[Stage.PROPOSAL]) -> Proposal | None: ...
@overload
def valid_model(document: Document | None, stage: Literal[Stage.EXPERIMENT]) -> Experiment | None: ...
@overload
def valid_model(document: Document | None, stage: Literal[Stage.REPORT]) -> Report | None: ...
@overload
def valid_model(document: Document | None, stage: Literal[Stage.DEPLOYMENT]) -> Deployment | None: ...
def valid_model(document: Document | None, stage: Stage) -> Header | None:
    """The front matter of a document of `stage`; None if it is of another stage, missing or invalid.

    `parse` validates a document with the model of its stage, so the stage determines the type.
    """
    return document.model if document is not None and document.stage is stage else None


def iteration_block(document: Document | None) -> Iteration | None:
    """The `iteration:` block of a valid assessment or proposal; None if there is none."""
    if assessment := valid_model(document, Stage.ASSESSMENT):
        return assessment.iteration
    proposal = valid_model(document, Stage.PROPOSAL)
    return proposal.iteration if proposal else None
