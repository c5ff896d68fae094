"""Expected lift: what a project can win and lose, before a line of training code is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from iterata.lift.api import expected_lift, lift_from_assumptions
    from iterata.lift.inputs import query

__all__ = ["expected_lift", "lift_from_assumptions", "query"]


def __getattr__(name: str) -> Any:
    """What computes is loaded when asked for: `check` and a site build read documents and results only."""
    if name in __all__:
        from iterata.lift import api, inputs  # noqa: PLC0415

        return inputs.query if name == "query" else getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
