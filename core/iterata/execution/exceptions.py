"""Exceptions of other people's code, in one line."""

from __future__ import annotations

import traceback
from pathlib import Path


def exception_summary(error: BaseException, project: Path | None = None) -> str:
    """The exception's class, the first line of its message, and the last line of the project's code.

    >>> exception_summary(ValueError("no rows"))
    'ValueError: no rows'
    """
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    summary = f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
    frame = project_frame(error, project) if project else ""
    return f"{summary} ({frame})" if frame else summary


def project_frame(error: BaseException, project: Path) -> str:
    """The innermost line of the project's code in the traceback (`model.py:5`), or an empty string."""
    frames = ((Path(frame.filename), frame.lineno) for frame in traceback.extract_tb(error.__traceback__))
    own = [f"{path.name}:{line}" for path, line in frames if path.parent == project]
    return own[-1] if own else ""
