"""Plugins of others that need something of us."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs.exceptions import PluginError

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.pages import Page

_I18N = "i18n"
"""The name of mkdocs-static-i18n. It keeps pages of the docs folder only, and fails at generated ones."""


def refuse_unfit_plugins(config: MkDocsConfig) -> None:
    """Stop the build with a way out if another plugin cannot work with pages outside of the docs folder.

    Raises:
        PluginError: one is listed.
    """
    if _I18N in config.plugins:
        name = Path(config.config_file_path or "mkdocs.yml").name
        docs = Path(config.docs_dir).name
        raise PluginError(
            f"{name}: plugins.{_I18N}: it drops pages outside of {docs}, and so the knowledge base"
            f"\n  fix: `iterata site --for mkdocs --into site-source --docs {docs}`, and build that with a"
            f" mkdocs.yml in another folder that lists {_I18N} and not iterata"
        )


def keep_for_print_site(page: Page) -> None:
    """Give mkdocs-print-site-plugin the whole page; it took the page before placeholders were replaced."""
    if hasattr(page, "html"):
        page.html = page.content
