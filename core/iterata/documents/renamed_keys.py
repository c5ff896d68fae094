"""Front matter keys that were renamed before 1.0, so that an old document gets one clear message.

Remove this module with 1.0.
"""

from __future__ import annotations

RENAMED_KEYS = {"despite": "override_reason", "times_random": "lift_over_random", "acted": "action_rate"}
"""The new name of each key, by the old one."""
