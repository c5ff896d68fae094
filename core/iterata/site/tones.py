"""The tone of each word of the method, so a word looks the same on every page."""

from __future__ import annotations

TONES: dict[str, tuple[str, ...]] = {
    "good": (
        "approved",
        "completed",
        "deployed",
        "supported",
        "go",
        "chosen",
        "done",
        "deploy",
        "better",
        "advance",
        "fine",
    ),
    "bad": (
        "rejected",
        "reverted",
        "stopped",
        "worse",
        "guardrail_not_kept",
        "possible_leak",
        "revert",
        "regression",
    ),
    "busy": (
        "in_review",
        "running",
        "rolling_out",
        "hold",
        "uncertain",
        "too_few_rows",
        "stale",
        "unknown",
        "inconclusive",
        "too_few",
        "iterate",
        "revisit_requirements",
    ),
    "idle": ("draft", "planned", "superseded", "todo", "later", "not_needed", "status_quo"),
}
"""Tones by name, with their words. Every other word is plain, as a learned no is: `refuted`, `stop`."""

_TONE_OF = {word: tone for tone, words in TONES.items() for word in words}


def tone_of(word: object) -> str:
    """The tone of a word."""
    return _TONE_OF.get(str(word).replace(" ", "_"), "plain")
