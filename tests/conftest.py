"""How every room is tested."""

from __future__ import annotations

import os

from hypothesis import settings

if not os.environ.get("CI"):  # there hypothesis chooses the same examples every time, and takes its time
    settings.register_profile("unhurried", deadline=None)
    settings.load_profile("unhurried")
