"""How many values people type in a round, from requirements to the decision on the report.

Both rounds are really made: `iterata` creates every document, the authors type the values of
`typed_rounds.yaml` and no other, and every document is approved. Counted is every scalar that they type into
front matter, with every name that they give to a feature set, a column or a parameter. Not counted are values
that a command wrote and the authors left, prose, code and data.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from iterata.documents.yaml.loader import load
from iterata.stages import Status

from ..helpers.command_line import CommandLine
from ..helpers.knowledge_base import KnowledgeBase
from ..helpers.typing_author import hand_typed, type_into

if TYPE_CHECKING:
    from ..helpers.golden import Golden

ROUNDS: dict[str, dict[str, dict[str, Any]]] = load(  # type: ignore[assignment]
    Path(__file__).with_name("typed_rounds.yaml").read_text("utf-8")
)[0]
PROJECT = "projects/nurse-calls"
MOST = {"setup": 90, "feature": 25}
APPROVERS = {"proposal": ("product", "data science")}

GET_DATA = """\
from pathlib import Path

from sklearn.datasets import load_diabetes

patients = load_diabetes(as_frame=True, scaled=False).frame.rename(columns={"target": "progression"})
patients["worse"] = (patients["progression"] > patients["progression"].quantile(0.77)).astype(int)
patients["sex_and_weight"] = patients["sex"] * patients["bmi"]
(Path(__file__).parent / "data").mkdir(exist_ok=True)
patients.to_csv(Path(__file__).parent / "data" / "patients.csv", index=False)
"""


class Walk:
    """A team that walks through rounds in a new knowledge base."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.iterata = CommandLine(root)
        self.base = KnowledgeBase(root)
        self.git = self.base.in_git()

    def new(self, *arguments: str) -> None:
        self.iterata("new", *arguments).fine()

    def agree(self, path: str, typed: dict[str, Any]) -> None:
        """Type values into a document, and have it approved."""
        type_into(self.root, path, typed)
        stage = Path(path).stem
        self.iterata("move", path, "in_review").fine()
        roles = [part for role in APPROVERS.get(stage, ("product",)) for part in ("--as", role)]
        self.iterata("move", path, "approved", *roles).fine()

    def setup_round(self) -> None:
        typed, iteration = ROUNDS["setup"], f"{PROJECT}/01-setup"
        self.new("project", "nurse-calls")
        self.base.write(f"{PROJECT}/get_data.py", GET_DATA)
        subprocess.run([sys.executable, self.root / PROJECT / "get_data.py"], check=True)
        self.agree(f"{PROJECT}/requirements.md", typed["requirements"])
        self.new("iteration", "nurse-calls")
        type_into(self.root, f"{iteration}/assessment.md", typed["assessment"])
        self.iterata("lift", iteration).fine()
        self.agree(f"{iteration}/assessment.md", {})
        self.new("document", iteration, "proposal")
        self.end_of_round("setup", iteration)

    def feature_round(self) -> None:
        self.new("iteration", "nurse-calls", "--kind", "feature", "--follows", "01-setup")
        self.end_of_round("feature", f"{PROJECT}/02-feature")

    def end_of_round(self, name: str, iteration: str) -> None:
        typed = ROUNDS[name]
        self.agree(f"{iteration}/proposal.md", typed["proposal"])
        self.git.commit("plan")
        self.iterata("run", iteration, "--jobs", "1").fine()
        self.iterata("report", iteration).fine()
        type_into(self.root, f"{iteration}/report.md", typed["report"])
        self.agree(f"{iteration}/report.md", typed["decision"])
        self.git.commit("report")


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Walk:
    walk = Walk(tmp_path_factory.mktemp("walk"))
    walk.setup_round()
    walk.feature_round()
    return walk


def test_rounds_end_with_an_approved_report(walk: Walk) -> None:
    assert walk.base.problems() == []
    for iteration in ("01-setup", "02-feature"):
        assert walk.base.parsed(f"nurse-calls/{iteration}/report").status is Status.APPROVED


def test_feature_round_has_everything_of_the_plan_it_follows(walk: Walk) -> None:
    plans = [walk.base.context(f"nurse-calls/{name}/proposal").plan for name in ("01-setup", "02-feature")]
    before, after = plans
    assert after.metrics == before.metrics
    assert after.target == before.target
    assert after.segments == before.segments
    assert after.features | before.features == after.features
    assert after.data[0].known_afterwards == {"progression"}


def test_counts_are_those_of_the_docs(golden: Golden) -> None:
    counts = [
        f"{name} {document} {hand_typed(typed)}"
        for name, documents in ROUNDS.items()
        for document, typed in documents.items()
    ]
    golden.check("typed_values", "\n".join(counts))


@pytest.mark.parametrize("name", ROUNDS)
def test_few_values_are_typed(name: str) -> None:
    assert sum(hand_typed(typed) for typed in ROUNDS[name].values()) <= MOST[name]
