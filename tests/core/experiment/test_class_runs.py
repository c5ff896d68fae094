"""Plans whose target has many classes: estimators, programs, files, and what is refused before training."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_wine
from sklearn.metrics import precision_recall_fscore_support

from iterata import results
from iterata.documents.models.kpi import ClassValueSpec, MetricSpec
from iterata.documents.models.proposal import Plan
from iterata.errors import IterataError
from iterata.experiment.analysis.answer_shares import AnswerNotNamed
from iterata.experiment.run import PlanRevision, execute
from iterata.experiment.splitters import RareClass
from iterata.experiment.variants.named_answers import ProbabilitiesNeeded, UnknownAnswer
from iterata.experiment.variants.refusals import ProbabilitiesMissing

if TYPE_CHECKING:
    from pathlib import Path

    from iterata.results import ExperimentResult

    from ...helpers.golden import Golden

REVISION = PlanRevision("projects/wine/01-setup/proposal.md", f"sha256:{'0' * 64}", None, dirty=False)
CLASSES = ("barbera", "barolo", "grignolino")
VALUES = {"barolo": {"barolo": 5, "grignolino": -4, "barbera": -10}, "barbera": {"barbera": 8}}
KPI = ClassValueSpec(
    kind="class_value", name="kept", unit="wines", values=VALUES, right=3, wrong=-2, person={"value": 1}
)
ACCURACY = MetricSpec(kind="metric", name="kept", unit="points", metric="accuracy", outcome="classes")
BAYES = {"name": "bayes", "estimator": "sklearn.naive_bayes.GaussianNB", "features": "all"}
FOLDS = {"kind": "stratified_folds", "folds": 5, "seed": 1}
ONCE = {"kind": "hold_out", "share": 0.3, "seed": 1}
"""A program is started once."""
PROGRAM = """
import csv, json, pathlib, sys
folder = pathlib.Path(sys.argv[-1])
task = json.loads((folder / "fold.json").read_text())
assert task["classes"] == ["barbera", "barolo", "grignolino"], task
train = list(csv.DictReader((folder / task["train"]).open()))
test = list(csv.DictReader((folder / task["test"]).open()))
assert {row[task["target"]] for row in train} == set(task["classes"])
with (folder / task["predictions"]).open("w") as file:
    writer = csv.writer(file)
    writer.writerow(["row_id", "prediction", *COLUMNS])
    for row in test:
        answer = "barolo" if float(row["proline"]) > 755 else "grignolino"
        writer.writerow([row["row_id"], ANSWER or answer, *NUMBERS])
"""


def wines() -> pd.DataFrame:
    table = load_wine(as_frame=True).frame[["alcohol", "proline", "flavanoids", "color_intensity", "target"]]
    table = table.iloc[::2].reset_index(drop=True)
    table["kind"] = np.array(["barolo", "grignolino", "barbera"])[table.pop("target")]
    table["today"] = np.where(table["proline"] > 755, "barolo", "grignolino")
    table.loc[:4, "today"] = "to a person"
    table["shelf"] = np.arange(len(table)) // 9
    return table


class Cellar:
    """A project of wines."""

    def __init__(self, root: Path) -> None:
        self.root, self.project = root, root / "projects" / "wine"
        (self.project / "data").mkdir(parents=True)
        self.table = wines()
        self.write(self.table)

    def write(self, table: pd.DataFrame) -> None:
        table.to_csv(self.project / "data" / "wine.csv", index=False)

    def program(self, answer: str = "", **probabilities: float) -> dict[str, Any]:
        text = PROGRAM.replace("ANSWER or", f"{answer!r} or").replace("COLUMNS", repr([*probabilities]))
        text = text.replace("*NUMBERS", f"*{[*probabilities.values()]!r}")
        (self.project / "program.py").write_text(text)
        command = ["python", "program.py"]
        return {"name": "program", "producer": "command", "command": command, "features": "all"}

    def file(self, table: pd.DataFrame, **more: Any) -> dict[str, Any]:
        table.to_csv(self.project / "data" / "answers.csv", index=False)
        known = {"producer": "file", "source": "data/answers.csv", "learned_from": "other years"}
        return {"name": "file", **known, **more}

    def run(
        self, *variants: dict[str, Any], kpi: Any = KPI, jobs: int = 1, **changes: Any
    ) -> ExperimentResult:
        plan: dict[str, Any] = {
            "data": [{"name": "rows", "source": "data/wine.csv"}],
            "target": {"column": "kind", "made_by": "a chemist"},
            "split": FOLDS,
            "status_quo": {"column": "today"},
            "metrics": {"primary": kpi.name},
            "features": {"all": ["*", "!today", "!shelf"]},
            "variants": [*variants],
            "hypotheses": [
                {"id": "H1", "claim": "It tells.", "supported_if": {"variant": variants[0]["name"]}}
            ],
            "resamples": 200,
        }
        checked = Plan.model_validate(plan | changes)
        return execute(checked, kpi, None, self.project, self.root, REVISION, jobs=jobs)

    def refused(self, *variants: dict[str, Any], **changes: Any) -> IterataError:
        with pytest.raises(IterataError) as raised:
            self.run(*variants, **changes)
        return raised.value

    @property
    def fits(self) -> int:
        return len(list((self.root / ".iterata").rglob("*.npz")))


@pytest.fixture
def cellar(tmp_path: Path) -> Cellar:
    return Cellar(tmp_path)


def test_tables_of_answers_add_up_to_the_kpi(cellar: Cellar) -> None:
    result = cellar.run(BAYES)
    (bayes,) = result.variants
    figures = [
        (result.status_quo_confusion, result.status_quo_classes, result.scale.status_quo),
        (bayes.confusion, bayes.classes, bayes.kpi),
    ]
    for confusion, classes, kpi in figures:
        assert confusion is not None
        assert confusion.others is None
        costs = [pair.cost for pair in confusion.pairs if pair.cost is not None]
        assert sum(pair.rows for pair in confusion.pairs) == result.sample.rows
        assert sum(pair.value or 0 for pair in confusion.pairs) == pytest.approx(kpi.value)
        assert sum(costs) == pytest.approx(result.scale.perfect.value - kpi.value)
        assert costs == sorted(costs, reverse=True)
        assert sum(figure.value.value for figure in classes if figure.value) == pytest.approx(kpi.value)
    truth, answers = cellar.table["kind"], cellar.table["today"]
    expected = precision_recall_fscore_support(truth, answers, labels=CLASSES, zero_division=np.nan)
    for place, figure in enumerate(result.status_quo_classes):
        assert (figure.name, figure.rows) == (CLASSES[place], (truth == CLASSES[place]).sum())
        found = [share and share.value for share in (figure.precision, figure.recall, figure.f1)]
        assert found == pytest.approx(
            [None if np.isnan(line[place]) else line[place] for line in expected[:3]]
        )
    assert result.status_quo_to_person is not None
    assert result.status_quo_to_person.value == pytest.approx(5 / len(truth))
    assert results.parse("experiment", results.to_json(result), "") == result


def test_answers_follow_the_values_and_the_limit_without_a_new_fit(cellar: Cellar) -> None:
    first = cellar.run(BAYES)
    fits = cellar.fits
    careful = BAYES | {"name": "careful", "decide": "most_valuable", "person_below": 0.7}
    second = cellar.run(BAYES, careful, kpi=KPI.model_copy(update={"right": 4.0}))
    assert cellar.fits == fits
    plain, valued = second.variants
    assert plain.confusion is not None
    assert first.variants[0].confusion is not None
    rows = [
        {(pair.answer, pair.truth): pair.rows for pair in one.confusion.pairs}
        for one in (plain, first.variants[0])
        if one.confusion
    ]
    assert rows[0] == rows[1]
    assert (plain.to_person, valued.to_person) != (None, None)
    assert valued.to_person is not None
    assert valued.to_person.value > 0
    assert valued.decides
    assert valued.kpi.value != plain.kpi.value


def test_programs_and_files_name_their_answers(cellar: Cellar) -> None:
    program = cellar.program()
    of_file = cellar.table[["today"]].rename(columns={"today": "prediction"})
    recorded = cellar.file(of_file.rename_axis("row_id").reset_index())
    result = cellar.run(program, recorded, split=ONCE)
    by_program, by_file = result.variants
    assert by_file.kpi == result.scale.status_quo
    assert by_file.to_person == result.status_quo_to_person
    assert by_program.to_person is not None
    assert by_program.to_person.value == 0
    assert by_program.metrics == []


def test_probabilities_of_a_program_decide_if_the_plan_says_so(cellar: Cellar) -> None:
    unsure = cellar.program("barolo", probability_barolo=0.6, probability_barbera=0.4)
    sure, valued, handed = cellar.run(
        unsure,
        unsure | {"name": "valued", "decide": "most_valuable"},
        unsure | {"name": "handed", "person_below": 0.7},
        metrics={"primary": "kept", "secondary": [{"metric": "neg_log_loss"}]},
        split=ONCE,
    ).variants
    answers = [variant.confusion.pairs[0].answer for variant in (sure, valued, handed) if variant.confusion]
    assert answers == ["barolo", "barbera", "to a person"]  # 0.4 x 8 - 0.6 x 2 > 1 > 0.6 x 5 - 0.4 x 10
    assert sure.metrics[0].value is not None


WRONG: dict[str, dict[str, Any]] = {
    "barbara": {},
    "barolo": {"probability_barbara": 1.0},
    "barbera": {"probability_barolo": 0.7, "probability_barbera": 0.1},
    "grignolino": {},
}
"""The answers of programs and their probabilities: an unknown class, twice; a sum below 1; and none."""


def test_wording_of_wrong_answers(cellar: Cellar, golden: Golden) -> None:
    errors = []
    for answer, probabilities in WRONG.items():
        decide = {"decide": "most_valuable"} if answer == "grignolino" else {}
        error = cellar.refused(cellar.program(answer, **probabilities) | decide, split=ONCE)
        assert (error.location.variant, error.location.fold) == ("program", 1)
        errors.append(str(error))
    golden.check("wrong_answers", "\n".join(errors))


def test_kept_answers_without_probabilities_decide_nothing(cellar: Cellar) -> None:
    program = cellar.program()
    cellar.run(program, split=ONCE)
    error = cellar.refused(program | {"person_below": 0.5}, split=ONCE)
    assert isinstance(error, ProbabilitiesNeeded)
    assert error.location.variant == "program"


def test_unknown_answer_in_a_file_is_refused_with_its_row(cellar: Cellar) -> None:
    rows = pd.DataFrame({"row_id": range(len(cellar.table)), "prediction": "barolo"})
    rows.loc[7, "prediction"] = "barbara"
    error = cellar.refused(cellar.file(rows))
    assert isinstance(error, UnknownAnswer)
    assert "7" in error.message
    assert "barbera" in error.remedy


def test_guardrail_watches_the_answers(cellar: Cellar) -> None:
    watched = {"name": "people", "share_of": 'answer == "to a person"', "better": "lower", "margin": 0.05}
    strong = {"name": "strong", "share_of": 'answer == "barolo" and alcohol > 13', "margin": 0.5}
    careful = BAYES | {"person_below": 0.95}
    result = cellar.run(careful, metrics={"primary": "kept", "guardrail": [watched, strong]})
    people, barolos = result.guardrails
    assert people.status_quo == pytest.approx(5 / len(cellar.table))
    assert result.variants[0].to_person is not None
    assert people.value == result.variants[0].to_person.value
    today = (cellar.table["today"] == "barolo") & (cellar.table["alcohol"] > 13)
    assert barolos.status_quo == pytest.approx(today.mean())
    error = cellar.refused(
        BAYES, metrics={"primary": "kept", "guardrail": [strong | {"share_of": "alcohol > 13"}]}
    )
    assert isinstance(error, AnswerNotNamed)
    assert error.location.field == ("plan", "metrics", "guardrail", 0, "share_of")
    assert cellar.fits == 5


def test_rare_class_is_refused_before_training(cellar: Cellar) -> None:
    table = cellar.table.assign(kind=cellar.table["kind"].where(cellar.table.index > 2, "dolcetto"))
    cellar.write(table)
    error = cellar.refused(BAYES)
    assert isinstance(error, RareClass)
    assert (error.location.field, cellar.fits) == (("plan", "split"), 0)
    assert "3 folds" in error.remedy


def test_class_that_a_window_cannot_learn_is_told(cellar: Cellar, caplog: pytest.LogCaptureFixture) -> None:
    table = cellar.table.sort_values("kind", key=lambda kind: kind == "barbera", kind="stable")
    cellar.write(table.assign(day=range(len(table))))
    split = {"kind": "time_ordered", "column": "day", "folds": 2, "learn_first": 0.5}
    result = cellar.run(BAYES, split=split)
    (missing,) = result.unlearned
    assert (missing.name, missing.folds) == ("barbera", 1)
    assert any("barbera" in record.getMessage() for record in caplog.records)
    assert result.variants[0].classes[0].recall is not None


def test_metric_of_classes_is_the_kpi_and_tunes(cellar: Cellar) -> None:
    tree = {
        "name": "tree",
        "estimator": "sklearn.tree.DecisionTreeClassifier",
        "features": "all",
        "tune": {"max_depth": [1, 3]},
    }
    machine = {"name": "machine", "estimator": "sklearn.svm.LinearSVC", "features": "all"}
    cellar.write(cellar.table.replace("to a person", "barolo"))
    result = cellar.run(tree, machine, kpi=ACCURACY)
    assert result.tuned_by == "accuracy"
    assert {chosen["max_depth"] for chosen in result.variants[0].tuned} == {3}
    confusion = result.variants[1].confusion
    assert confusion is not None
    right = sum(pair.rows for pair in confusion.pairs if pair.answer == pair.truth)
    assert result.variants[1].kpi.value == pytest.approx(right / result.sample.rows)
    assert {pair.cost for pair in confusion.pairs} == {None}
    error = cellar.refused(machine | {"decide": "most_valuable"})
    assert isinstance(error, ProbabilitiesMissing)


def test_whole_units_are_divided_into_folds(cellar: Cellar) -> None:
    data = [{"name": "rows", "source": "data/wine.csv", "unit_id": "shelf"}]
    split = {"kind": "group_folds", "folds": 3, "seed": 2}
    first = cellar.run(BAYES, data=data, split=split)
    assert first.interval.unit == "shelf"
    assert first.unlearned == []


@pytest.mark.parametrize(
    ("weighted", "log_loss"),
    [(False, -0.08053315383), (True, -0.08083982948)],
)
def test_wine_of_odd_rows_by_a_model_of_even_rows(cellar: Cellar, log_loss: float, weighted: bool) -> None:
    """Reference numbers that were computed with scikit-learn alone."""
    table = load_wine(as_frame=True).frame.rename(columns=lambda name: name.replace("/", "_"))
    odd = np.arange(len(table)) % 2
    weight = np.where(odd == 1, 1 + (np.cumsum(odd == 1) - 1) % 3, 1)
    cellar.write(table.assign(kind=table.pop("target"), today=1, part=odd, w=weight))
    logistic = {
        "name": "logistic",
        "estimator": "sklearn.linear_model.LogisticRegression",
        "params": {"tol": 1e-10, "max_iter": 5000},
        "features": "all",
        "person_below": 0.9,
    }
    values = [[5, -4, -10], [-2, 3, -6], [-3, -1, 8]]
    kpi = ClassValueSpec(
        kind="class_value",
        name="kept",
        unit="wines",
        values={answer: dict(enumerate(row)) for answer, row in enumerate(values)},
        person={"value": 1},
    )
    result = cellar.run(
        logistic,
        kpi=kpi,
        data=[
            {"name": "rows", "source": "data/wine.csv"} | ({"weights": {"column": "w"}} if weighted else {})
        ],
        split={"kind": "hold_out", "rows": "part == 1"},
        features={"all": ["*", "!today", "!part", "!w"]},
        metrics={"primary": "kept", "secondary": [{"metric": "neg_log_loss"}]},
    )
    (variant,) = result.variants
    assert variant.metrics[0].value is not None
    assert variant.metrics[0].value.value == pytest.approx(log_loss, rel=1e-4)
    if weighted:
        return
    assert variant.to_person is not None
    assert variant.to_person.value == pytest.approx(15 / 89)
    assert variant.kpi.value / 89 == pytest.approx(4.460674157)
    assert result.scale.perfect.value / 89 == pytest.approx(5)
    assert [figure.rows for figure in variant.classes] == [29, 36, 24]
