"""The block `experiment-log` of an experiment: exactly what was run, from the result alone."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from iterata.render.experiment import uplift
from iterata.render.experiment.classes import decisions
from iterata.render.experiment.leaks import leak_notices
from iterata.render.markdown import escape, markdown_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from iterata.results import ExperimentResult, VariantResult

MAX_COLUMNS = 12
"""How many columns of a feature set are listed."""


def render(result: ExperimentResult) -> str:
    """Exactly what was run: variants, plan, data, commit and versions."""
    provenance = result.provenance
    commit = f"commit `{escape(provenance.commit[:12])}`" if provenance.commit else "no commit"
    versions = ", ".join(f"{escape(name)} {escape(version)}" for name, version in provenance.packages.items())
    facts = [
        f"Plan `{escape(result.plan_digest[:19])}`, {escape(result.split)}, seed {result.seed}.",
        *(f"Data `{escape(path)}`, `{escape(digest[:19])}`." for path, digest in provenance.data.items()),
        f"On {commit}{' with uncommitted changes' if provenance.dirty else ''}; "
        f"Python {escape(provenance.python)}, {versions}.",
        *(f"Features {escape(key)}: {_listed(columns)}." for key, columns in sorted(result.features.items())),
        *left_out(result),
        *([f"Categories among these: {_listed(result.categories)}."] if result.categories else []),
        *([f"Text among these: {_listed(result.texts)}."] if result.texts else []),
        *decisions(result),
        *leak_notices(result),
        *(note for variant in result.variants for note in _training_notes(variant, result.tuned_by)),
    ]
    rows = [
        (
            escape(variant.name),
            f"`{escape(variant.estimator)}`{uplift.method(variant)}",
            _parameters({**variant.params, **{f"text {key}": value for key, value in variant.text.items()}}),
            f"{escape(variant.features)} ({variant.columns})",
        )
        for variant in result.variants
    ]
    headers = ("variant", "estimator", "parameters", "features (columns)")
    variants = markdown_table(headers, rows, text_columns=len(headers))
    return f"{variants}\n\n" + "\n".join(f"- {fact}" for fact in facts)


def left_out(result: ExperimentResult) -> Iterator[str]:
    """The columns that patterns match and that are no features."""
    if result.left_out:
        listed = _listed([f"{column} ({reason})" for column, reason in result.left_out.items()])
        yield f"Not used as features: {listed}."


def _listed(columns: Sequence[str]) -> str:
    more = f" and {len(columns) - MAX_COLUMNS:,} more" if len(columns) > MAX_COLUMNS else ""
    return ", ".join(escape(name) for name in columns[:MAX_COLUMNS]) + more


def _training_notes(variant: VariantResult, tuned_by: str) -> Iterator[str]:
    """What tuning chose, and what the estimator warned of."""
    name, folds = escape(variant.name), len(variant.tuned)
    for parameter in variant.tuned[0] if variant.tuned else ():
        chosen = Counter(_value_text(parameters[parameter]) for parameters in variant.tuned)
        counts = ", ".join(f"{value} in {count} of {folds} folds" for value, count in chosen.most_common())
        tuning = f"tuning by {escape(tuned_by)} within the training rows"
        yield f"{name}: {tuning} chose {escape(parameter)} {counts}."
    yield from warnings(variant)


def predictions(variant: VariantResult) -> Iterator[str]:
    """What an estimator without probabilities predicts."""
    name = escape(variant.name)
    if variant.predictions == "decision":
        yield f"{name} gives decisions, those of its `predict`: no other threshold is applied to it."
    elif variant.predictions == "score":
        yield f"{name} gives scores, not probabilities: metrics of decisions cut them at 0."


def warnings(variant: VariantResult) -> Iterator[str]:
    """The warnings of an estimator, which readers of its figures must know."""
    for warning, count in variant.warnings.items():
        folds = f"{count} folds" if count > 1 else "1 fold"
        yield f"{escape(variant.name)} warned in {folds}: {escape(warning)}"


def _parameters(params: Mapping[str, object]) -> str:
    return ", ".join(f"{escape(name)} {_value_text(value)}" for name, value in params.items()) or "defaults"


def _value_text(value: object) -> str:
    if isinstance(value, dict):
        entries = (f"{escape(str(key))}: {_value_text(entry)}" for key, entry in value.items())
        return f"{{{', '.join(entries)}}}"
    return escape(f"{value:g}" if isinstance(value, float) else str(value))
