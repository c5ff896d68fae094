"""What carrying out a plan executes, in words, for whoever is about to allow it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.documents.variants import CommandVariant, FileVariant

if TYPE_CHECKING:
    from iterata.documents.proposal import Plan
    from iterata.documents.variants import SklearnVariant


def in_words(plan: Plan, project: str) -> list[str]:
    """A line for each variant; `project` is the project's folder, relative to the repository."""
    return [f"{variant.name}: {_code(variant, project)}" for variant in plan.variants]


def own_code(plan: Plan) -> bool:
    """Whether any of it is not of an installed package."""
    return any(
        isinstance(each, CommandVariant) or getattr(each, "factory", None) is not None
        for each in plan.variants
    )


def _code(variant: SklearnVariant | CommandVariant | FileVariant, project: str) -> str:
    if isinstance(variant, CommandVariant):
        return f"`{variant.origin}` in {project}, at most {variant.minutes:g} minutes a fold"
    if isinstance(variant, FileVariant):
        return f"nothing; its predictions are read from {project}/{variant.source}"
    if variant.factory is not None:
        module, _, function = variant.factory.partition(":")
        return f"{function}() of {project}/{module}.py"
    return variant.origin
