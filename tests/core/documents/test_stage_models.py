"""CommandResult access to the valid front matter of a document."""

from __future__ import annotations

import pytest

from iterata.documents import model_of, parse
from iterata.documents.stage_models import iteration_block, valid_model
from iterata.stages import Stage

from ...helpers import samples


@pytest.mark.parametrize("stage", list(Stage))
def test_valid_document_has_the_model_of_its_stage_only(stage: Stage) -> None:
    document = parse("x.md", stage, samples.document(stage).encode())
    for other in Stage:
        model = valid_model(document, other)  # type: ignore[call-overload]  # of any stage
        assert isinstance(model, model_of(stage)) if other is stage else model is None


def test_invalid_or_missing_document_has_no_model() -> None:
    document = parse("x.md", Stage.REPORT, b"---\nstage: report\n---\n")
    assert document.problems
    assert valid_model(document, Stage.REPORT) is None
    assert valid_model(None, Stage.REPORT) is None


def test_iteration_block_is_in_assessments_and_proposals_only() -> None:
    blocks = {
        stage: iteration_block(parse("x.md", stage, samples.document(stage).encode())) for stage in Stage
    }
    assert {stage for stage, block in blocks.items() if block} <= {Stage.ASSESSMENT, Stage.PROPOSAL}
    assert blocks[Stage.ASSESSMENT] is not None
