"""The values that a new document begins with."""

from __future__ import annotations

from typing import TypeAlias

Values: TypeAlias = dict[str, object]
"""Front matter, which may be incomplete."""
