"""What metrics are called where people read them who have never heard of them."""

from __future__ import annotations

import re

_GLOSSES = {
    "roc_auc": "how often a positive stands above a negative; 0.5 is blind",
    "average_precision": "precision, averaged down the list",
    "neg_log_loss": "minus the mean surprise at what happened",
    "neg_brier_score": "minus the mean squared error of probabilities",
    "accuracy": "the share of right answers; yes is a probability above 0.5",
    "balanced_accuracy": "recall of positives and of negatives, averaged; yes is above 0.5",
    "precision": "the share of positives among those said to be; yes is above 0.5",
    "recall": "the share of positives that are found; yes is above 0.5",
    "f1": "the harmonic mean of precision and recall; yes is above 0.5",
    "jaccard": "positives found, of all that are or are said to be; yes is above 0.5",
    "matthews_corrcoef": "the correlation of what is said with what is; yes is above 0.5",
    "r2": "the share of the spread that is explained",
    "neg_mean_absolute_error": "minus the mean distance from what happened",
    "neg_mean_squared_error": "minus the mean squared distance from what happened",
    "neg_root_mean_squared_error": "minus the typical distance from what happened, large ones weighing more",
    "neg_median_absolute_error": "minus the distance from what happened that half the rows keep",
}

_DEPTHS = {
    "precision": "the share of relevant rows among the first {k}",
    "recall": "the share of relevant rows that are among the first {k}",
    "ndcg": "how much of the best order's gain the first {k} hold",
    "hit_rate": "how often a relevant row is among the first {k}",
    "reciprocal_rank": "one over the place of the first relevant row, among {k}",
}


def gloss(metric: str) -> str:
    """What a metric measures, in a few words; empty for one that is not known here.

    >>> gloss("ndcg_at_10")
    "how much of the best order's gain the first 10 hold"
    """
    depth = re.fullmatch(r"(\w+)_at_([0-9]+)", metric)
    if depth and depth[1] in _DEPTHS:
        return _DEPTHS[depth[1]].format(k=depth[2])
    return _GLOSSES.get(metric, "")
