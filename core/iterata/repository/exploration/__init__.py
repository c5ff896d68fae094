"""The exploration beside documents: images, notebooks and exports, which decide nothing."""

from __future__ import annotations

FOLDER = "exploration"
"""The name of the folder, in an iteration or in a project."""
