"""What models answer where each class is true: what costs most first, then each class by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from iterata.render.confusion import confusion_headers, confusion_rows
from iterata.render.estimates import interval, percent_interval, status_quo_row
from iterata.render.markdown import escape, markdown_table
from iterata.text import number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from iterata.results import Estimate, ExperimentResult
    from iterata.results.classes import ClassFigure, ConfusionTable

SHOWN_PAIRS = 10
"""How many pairs of answer and truth of a model are shown; the others are added up."""

SHOWN_CLASSES = 30
"""Of how many classes the figures are shown: of those with most rows."""

NO_FIGURE = "-"


class Answers(NamedTuple):
    """The answers of one model."""

    name: str
    """Ready for a table."""
    confusion: ConfusionTable
    classes: Sequence[ClassFigure]
    to_person: Estimate | None


def sections(result: ExperimentResult) -> Iterator[str]:
    """The tables of a target with classes; nothing for any other."""
    models = list(_models(result))
    if not models:
        return
    yield "\n".join(f"- {line}" for line in unlearned(result))
    yield _confusion(result, models)
    yield _handed_over(models)
    yield from _classes(result, models)


def unlearned(result: ExperimentResult) -> Iterator[str]:
    """The classes that no model could answer with in some fold."""
    for missing in result.unlearned:
        folds = "1 fold has" if missing.folds == 1 else f"{missing.folds} folds have"
        yield (
            f"{folds} no row of the class {escape(missing.name)} to learn from, and {missing.rows:,} to "
            "predict: no model could answer with it there."
        )


def decisions(result: ExperimentResult) -> Iterator[str]:
    """How variants turn probabilities of classes into answers."""
    for variant in result.variants:
        if variant.decides:
            yield f"{escape(variant.name)} answers: {escape(variant.decides)}."


def costliest(result: ExperimentResult, named: Callable[[str], str] = escape) -> Iterator[str]:
    """The pair that costs each model most, or its most frequent error; `named` makes names harmless."""
    unit = named(result.kpi.scaled_unit)
    for model in _models(result, named):
        pairs = model.confusion.pairs
        worst = next((pair for pair in pairs if pair.answer != pair.truth and pair.cost != 0), None)
        if worst is None:
            continue
        rows = number(worst.rows, 0 if worst.rows == int(worst.rows) else 1)
        costs = "" if worst.cost is None else f", which costs {number(worst.cost)} {unit}"
        yield (
            f"{model.name} answers {named(worst.answer)} where {named(worst.truth)} is true in {rows} "
            f"rows{costs}"
        )


def _models(result: ExperimentResult, named: Callable[[str], str] = escape) -> Iterator[Answers]:
    label = result.scale.status_quo_label
    if result.status_quo_confusion is not None:
        yield Answers(
            status_quo_row(label) if named is escape else "status quo",
            result.status_quo_confusion,
            result.status_quo_classes,
            result.status_quo_to_person,
        )
    for variant in result.variants:
        if variant.confusion is not None:
            name = named(variant.name)
            yield Answers(name, variant.confusion, variant.classes, variant.to_person)


def _confusion(result: ExperimentResult, models: Sequence[Answers]) -> str:
    """A row for each of the costliest pairs of each model, and one for all other pairs together."""
    valued = models[0].confusion.pairs[0].cost is not None
    unit = escape(result.kpi.scaled_unit)
    headers = confusion_headers(unit, valued=valued)
    rows: list[list[str]] = []
    for model in models:
        rows.append([f"**{model.name}**", *[""] * (len(headers) - 1)])
        rows += confusion_rows(model.confusion, SHOWN_PAIRS, valued=valued)
    title = "What is confused with what, and what it costs against the best answer:"
    if not valued:
        title = "What is confused with what, the most frequent errors first:"
    return f"{title}\n\n{markdown_table(headers, rows, text_columns=2)}"


def _handed_over(models: Sequence[Answers]) -> str:
    shares = [
        f"{model.name} {percent_interval(model.to_person)}"
        for model in models
        if model.to_person is not None and model.to_person.value > 0
    ]
    return f"Rows handed to a person: {', '.join(shares)}." if shares else ""


def _classes(result: ExperimentResult, models: Sequence[Answers]) -> Iterator[str]:
    """The figures of each class, of all models under each other."""
    names = [figure.name for figure in sorted(models[0].classes, key=lambda figure: -figure.rows)]
    shown = set(names[:SHOWN_CLASSES])
    valued = models[0].classes[0].value is not None
    worth = [f"worth ({escape(result.kpi.scaled_unit)})"] if valued else []
    headers = ["class", "rows", "precision", "recall", "F1", *worth]
    rows: list[list[str]] = []
    for place, figure in enumerate(models[0].classes):
        if figure.name in shown:
            rows.append([f"**{escape(figure.name)}**", f"{figure.rows:,}", *[""] * (len(headers) - 2)])
            rows += [_class(model.name, model.classes[place], valued=valued) for model in models]
    more = len(names) - len(shown)
    note = f": the {SHOWN_CLASSES} with most rows; {more:,} more are in the result file" if more else ""
    yield f"Each class by itself{note}."
    yield markdown_table(headers, rows)


def _class(model: str, figure: ClassFigure, *, valued: bool) -> list[str]:
    shares = [
        NO_FIGURE if share is None else percent_interval(share)
        for share in (figure.precision, figure.recall, figure.f1)
    ]
    worth = [NO_FIGURE if figure.value is None else interval(figure.value)] if valued else []
    return [model, "", *shares, *worth]
