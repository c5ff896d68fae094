"""What `iterata run` computes contradicts neither itself nor its plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from iterata.stages import Status

from ...helpers.command_line import CommandLine

if TYPE_CHECKING:
    from ...helpers.knowledge_base import KnowledgeBase

ROWS = 240


def test_result_of_folds_of_a_column_of_groups_holds_together(base: KnowledgeBase) -> None:
    """The groups are those of the split: the data name no unit."""
    random = np.random.default_rng(3)
    habit = random.normal(size=ROWS)
    table = pd.DataFrame(
        {
            "habit": habit,
            "left": (random.random(ROWS) < 0.3 + 0.1 * habit).astype(int),
            "newness": habit + random.normal(size=ROWS),
            "age": random.integers(18, 90, ROWS),
            "tariff": random.choice(["a", "b"], ROWS),
            "household": random.integers(0, ROWS // 3, ROWS),
        }
    )
    base.grow("churn\n  requirements: approved\n  01-setup\n    assessment: approved")
    base.write("projects/churn/data/customers.csv", table.to_csv(index=False))
    iterata = CommandLine(base.root)
    iterata("lift", "churn/01-setup").fine()
    split = {"kind": "group_folds", "column": "household", "folds": 3, "repeats": None}
    base.document(
        "churn/01-setup/proposal", Status.APPROVED, plan={"split": split, "features": {"all": ["habit"]}}
    )
    base.document("churn/01-setup/experiment")
    base.in_git()
    iterata("run", "churn/01-setup", "--jobs", "1").fine()
    assert base.problems("RES02") == []
