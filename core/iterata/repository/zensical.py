"""Whether a team builds its site with Zensical, which ignores plugins of others without a word.

The site is then built with exit code 0, and without the knowledge base.
"""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, NamedTuple

from iterata.repository import config as configuration

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SETTINGS = "zensical.toml"
_OTHER_SETTINGS = ("zensical.yml", "zensical.yaml")
"""Settings of MkDocs for Zensical only, as our documentation advises."""
MANIFEST = ".iterata-site.json"
"""The file by which `iterata site` knows a folder as its own."""
FOLDER = "site-source"
"""The folder that the advice names."""

_BUILDS = (
    ".github/workflows/*.y*ml",
    ".forgejo/workflows/*.y*ml",
    ".gitea/workflows/*.y*ml",
    ".gitlab-ci.yml",
    ".readthedocs.y*ml",
    "Dockerfile",
    "Makefile",
    "Taskfile.y*ml",
    "azure-pipelines.yml",
    "bitbucket-pipelines.yml",
    "justfile",
    "netlify.toml",
    "noxfile.py",
    "package.json",
    "pyproject.toml",
    "requirements*.txt",
    "tox.ini",
)
"""The files that say how a site is built."""
_LARGEST = 1_000_000
_USED = re.compile(r"^[^#\n]*\bzensical\b", re.MULTILINE)
_ONLY_WITH_SETTINGS = f"if [ -f {SETTINGS} ]"
"""In the workflows of `iterata init`: without these settings they build with MkDocs."""
_PREPARED = re.compile(r"\biterata\s+(?:-\S+\s+\S+\s+)*site\b")


class Advice(NamedTuple):
    """Why the site will have no knowledge base, and what to do."""

    file: str
    """The file that tells it, relative to the knowledge base or to the top of its repository."""
    message: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.file}: {self.message}\n  fix: {self.remedy}"


def advice(root: Path) -> Advice | None:
    """What a team that builds with Zensical must do; None if it does not, or has done it."""
    own = _docs_dir_of_mkdocs(root)
    for name in (SETTINGS, *_OTHER_SETTINGS):
        if (root / name).is_file():
            chosen = _docs_dir(root / name, own)
            is_prepared = (root / chosen / MANIFEST).is_file() or not (root / chosen).is_dir()
            return None if is_prepared else _advice(name, own)
    if next(root.glob(f"*/{MANIFEST}"), None):
        return None
    used = ""
    for name, text in _texts(root):
        if _ONLY_WITH_SETTINGS in text:
            continue
        if _PREPARED.search(text):
            return None
        if not used and _USED.search(text):
            used = name
    return _advice(used, own) if used else None


def _advice(file: str, docs: str) -> Advice:
    message = "Zensical ignores the plugin iterata, so its site has no knowledge base"
    prepare = f"`iterata site --into {FOLDER} --docs {docs}` before each build"
    if file == SETTINGS:
        build = f'`docs_dir = "{FOLDER}"` in {SETTINGS}, and `zensical build`'
    elif file in _OTHER_SETTINGS:
        build = f"`docs_dir: {FOLDER}` in {file}, and `zensical build -f {file}`"
    else:
        lines = f"`INHERIT: mkdocs.yml` and `docs_dir: {FOLDER}`"
        build = f"a file zensical.yml with the lines {lines}, and `zensical build -f zensical.yml`"
    return Advice(file, message, f"{prepare}, {build}")


def _texts(root: Path) -> Iterator[tuple[str, str]]:
    """The files that say how a site is built, of the knowledge base and of the top of its repository."""
    top = next((folder for folder in (root, *root.parents) if (folder / ".git").exists()), root)
    for folder in dict.fromkeys((root, top)):
        for path in (path for pattern in _BUILDS for path in sorted(folder.glob(pattern))):
            try:
                if path.is_file() and path.stat().st_size <= _LARGEST:
                    yield path.relative_to(folder).as_posix(), path.read_text("utf-8", "replace")
            except OSError:
                continue


def _docs_dir(settings: Path, inherited: str) -> str:
    """The folder of the pages that Zensical reads; `inherited` is that of mkdocs.yml."""
    if settings.name != SETTINGS:
        chosen = configuration.host_options(settings.read_bytes()).get("docs_dir")
        return chosen if isinstance(chosen, str) else inherited
    try:
        project = tomllib.loads(settings.read_text("utf-8")).get("project")
    except (OSError, ValueError):
        return "docs"
    chosen = project.get("docs_dir") if isinstance(project, dict) else None
    return chosen if isinstance(chosen, str) else "docs"


def _docs_dir_of_mkdocs(root: Path) -> str:
    path = next((root / name for name in configuration.NAMES if (root / name).is_file()), None)
    chosen = configuration.host_options(path.read_bytes()).get("docs_dir") if path else None
    return chosen if isinstance(chosen, str) else "docs"
