"""Expected lift: what a project can win and lose, before a model is trained. Public for notebooks.

The functions load pandas and numpy when they are first used, because `check` and the site build import rooms
of this package without computing anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from iterata.lift.api import expected_lift, lift_from_assumptions
    from iterata.lift.inputs import query

__all__ = ["expected_lift", "lift_from_assumptions", "query"]


def __getattr__(name: str) -> object:
    """Import a public function when it is first used."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from iterata.lift import api, inputs  # noqa: PLC0415

    return inputs.query if name == "query" else getattr(api, name)
