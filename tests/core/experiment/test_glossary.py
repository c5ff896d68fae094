"""Every metric that can be asked for is explained."""

from __future__ import annotations

import pytest
from sklearn.metrics import get_scorer_names

from iterata.documents.models.enums import RankingMeasure
from iterata.experiment import glossary
from iterata.measure.metrics import METRICS


@pytest.mark.parametrize("name", [*METRICS, *(f"{measure}_at_3" for measure in RankingMeasure)])
def test_it_says_what_it_measures(name: str) -> None:
    assert glossary.gloss(name)


def test_it_explains_nothing_that_does_not_exist() -> None:
    assert set(glossary._GLOSSES) <= set(get_scorer_names())
    assert set(glossary._DEPTHS) == set(RankingMeasure)
    assert glossary.gloss("no_such_metric") == glossary.gloss("<b>_at_3") == ""
