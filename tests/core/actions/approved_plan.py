"""An iteration with an approved plan that runs within a second, in a Git repository of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from iterata.data.sources import data_file
from iterata.stages import Status

if TYPE_CHECKING:
    from ...helpers.git import Git
    from ...helpers.knowledge_base import KnowledgeBase

FOLDER = "projects/churn/01-setup"
DATA = "projects/churn/data/customers.csv"
ROWS = "newness,age,tariff,left\n" + "".join(
    f"{n * 7 % 11},{n % 90},{('blue', 'red')[n % 2]},{(n * n + n // 7) % 5 % 2}\n" for n in range(120)
)
PLAN: dict[str, Any] = {
    "data": [{"name": "rows", "source": "data/customers.csv"}],
    "split": {"kind": "stratified_folds", "folds": 2, "repeats": 1, "seed": 1},
    "variants": [
        {"name": "logistic", "estimator": "sklearn.linear_model.LogisticRegression", "features": "all"}
    ],
    "resamples": 200,
}  # fmt: skip


def planned(base: KnowledgeBase, status: Status = Status.APPROVED, **changes: Any) -> Git:
    """Write the iteration up to its plan and commit it; the data is not committed.

    `changes` replace keys of the plan.
    """
    base.write(DATA, ROWS)
    base.write(".gitignore", "projects/*/data/\n")
    base.grow("churn\n  requirements: approved\n  01-setup")
    base.document("churn/01-setup/assessment", Status.APPROVED)
    base.result("churn/01-setup", "lift")
    plan = {**PLAN, **changes}
    if "data" in changes:
        plan["override_reason"] = "The assessment read the same rows from a file."
    if "source" in plan["data"][0]:
        plan["data"] = [{"digest": data_file.digest(base.root / DATA), **plan["data"][0]}]
    base.document("churn/01-setup/proposal", status, plan=plan)
    return base.in_git()
