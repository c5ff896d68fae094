"""Every metric that can be asked for is explained."""

from __future__ import annotations

import pytest
from sklearn.metrics import get_scorer_names

from iterata.documents.models.enums import RankingMeasure
from iterata.measure.metrics import METRICS
from iterata.render.experiment import metric_glossary


@pytest.mark.parametrize("name", [*METRICS, *(f"{measure}_at_3" for measure in RankingMeasure)])
def test_it_says_what_it_measures(name: str) -> None:
    assert metric_glossary.gloss(name)


def test_it_explains_nothing_that_does_not_exist() -> None:
    assert set(metric_glossary._GLOSSES) <= set(get_scorer_names())
    assert set(metric_glossary._DEPTHS) == set(RankingMeasure)
    assert metric_glossary.gloss("no_such_metric") == metric_glossary.gloss("<b>_at_3") == ""
