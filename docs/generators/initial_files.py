"""The digests of what `init` writes, and ever wrote: those of this version are added to the others."""

from __future__ import annotations

from pathlib import Path

from iterata.actions.init import TEMPLATES
from iterata.actions.init.written import DIGESTS, SETTINGS, digest, digests


def page() -> str:
    """The table: a digest and a template on each line, by template."""
    root = Path(str(TEMPLATES))
    known = digests()
    for path in root.rglob("*"):
        name = path.relative_to(root).as_posix()
        if path.is_file() and name not in {DIGESTS, *SETTINGS}:
            known.setdefault(digest(path.read_text("utf-8")), name)
    lines = sorted((template, key) for key, template in known.items())
    return "".join(f"{key} {template}\n" for template, key in lines)
