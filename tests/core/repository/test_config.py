"""Reading the configuration from `mkdocs.yml`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iterata.errors import ConfigError, dotted
from iterata.repository import config
from iterata.stages import Stage

if TYPE_CHECKING:
    from pathlib import Path

    from ...helpers.golden import Golden


HOLDERS = "site_name: Ours\nplugins:\n  - search\n  - iterata:\n      role_holders:\n        product: {}\n"


def written(folder: Path, text: str | bytes, name: str = "mkdocs.yml") -> Path:
    (folder / name).write_bytes(text.encode() if isinstance(text, str) else text)
    return folder


@pytest.mark.parametrize(
    "plugins",
    [
        "[iterata]",
        "[search, iterata]",
        "{iterata: }",
        "{search: {lang: en}, iterata: {}}",
        "[{iterata: {projects_dir: projects}}]",
    ],
)
def test_plugin_may_be_listed_in_every_way_of_mkdocs(tmp_path: Path, plugins: str) -> None:
    settings = config.load(written(tmp_path, f"plugins: {plugins}\n")).settings
    assert settings.projects_dir == "projects"
    assert settings.required_roles[Stage.REPORT] == ["product"]


def test_tags_of_other_plugins_are_ignored(tmp_path: Path) -> None:
    text = (
        "use_directory_urls: !ENV [DIRS, true]\n"
        "theme: {emoji: !!python/name:material.extensions.emoji.twemoji }\n"
        "hooks: !relative docs\nplugins: [iterata]\n"
    )
    assert config.load(written(tmp_path, text)).root == tmp_path.resolve()


def test_configuration_is_found_from_a_subfolder(tmp_path: Path) -> None:
    written(tmp_path, "plugins: [iterata]\n", "mkdocs.yaml")
    (tmp_path / "projects/churn").mkdir(parents=True)
    assert config.load(tmp_path / "projects/churn").root == tmp_path.resolve()


@pytest.mark.parametrize(
    ("spelt", "means"),
    [
        ("projects/", "projects"),
        ("./projects", "projects"),
        ("ml//lab/", "ml/lab"),
        ("'ml projekte ü'", "ml projekte ü"),
    ],
)
def test_projects_folder_is_normalized(tmp_path: Path, spelt: str, means: str) -> None:
    text = f"plugins:\n  - iterata:\n      projects_dir: {spelt}\n"
    assert config.load(written(tmp_path, text)).settings.projects_dir == means


MISTAKES: dict[str, tuple[str | bytes, int | None, str]] = {
    "empty file": ("", None, ""),
    "a list": ("- iterata\n", None, ""),
    "plugin not listed": ("plugins: [search]\n", None, ""),
    "bracket not closed": ("plugins: [iterata\n", 2, ""),
    "no such day": ("extra: {day: 2023-14-05}\nplugins: [iterata]\n", None, ""),
    "not UTF-8": (b"extra: caf\xe9\nplugins: [iterata]\n", None, ""),
    "control character": (b"extra: \x00\nplugins: [iterata]\n", None, ""),
    "list of options": ("plugins: [{iterata: [a]}]\n", None, "plugins.iterata"),
    "no options": ("plugins: [{iterata: yes}]\n", None, "plugins.iterata"),
    "options with a tag": ("plugins: [{iterata: !ENV [OPTIONS]}]\n", None, "plugins.iterata"),
    "an option with a tag": ("plugins: [{iterata: {severity: !ENV S}}]\n", None, "plugins.iterata"),
    "unknown option": ("plugins: [{iterata: {project_dir: x}}]\n", 1, "plugins.iterata.project_dir"),
    "folder above": ("plugins: [{iterata: {projects_dir: ../x}}]\n", 1, "plugins.iterata.projects_dir"),
    "absolute folder": ("plugins: [{iterata: {projects_dir: /x}}]\n", 1, "plugins.iterata.projects_dir"),
    "root folder": ("plugins: [{iterata: {projects_dir: .}}]\n", 1, "plugins.iterata.projects_dir"),
    "empty folder": ("plugins: [{iterata: {projects_dir: }}]\n", 1, "plugins.iterata.projects_dir"),
    "roles as text": (
        "plugins: [{iterata: {required_roles: {report: product}}}]\n",
        1,
        "plugins.iterata.required_roles.report",
    ),
    "unknown stage": (
        "plugins: [{iterata: {required_roles: {reprot: []}}}]\n",
        1,
        "plugins.iterata.required_roles.reprot",
    ),
    "no account": (HOLDERS.format("[bo]"), 6, "plugins.iterata.role_holders.product[0]"),
    "address": (HOLDERS.format("['bo@example.org']"), 6, "plugins.iterata.role_holders.product[0]"),
    "team of a team": (HOLDERS.format("['@us/data/science']"), 6, "plugins.iterata.role_holders.product[0]"),
    "account without quotes": (HOLDERS.format("[@bo]"), 6, ""),
    "no holders": (HOLDERS.format("[]"), 6, "plugins.iterata.role_holders.product"),
    "holder twice": (HOLDERS.format("['@bo', '@Bo']"), 6, "plugins.iterata.role_holders.product"),
    "role twice": (
        HOLDERS.format("['@bo']\n        Product: ['@al']"),
        5,
        "plugins.iterata.role_holders",
    ),
    "misspelt role": (
        HOLDERS.format("['@bo']").replace("product:", "prodct:"),
        5,
        "plugins.iterata.role_holders",
    ),
    "holders as a number": (HOLDERS.format("7"), 6, "plugins.iterata.role_holders.product"),
    "unknown severity": (
        "plugins: [{iterata: {severity: {DOC006: loud}}}]\n",
        1,
        "plugins.iterata.severity.DOC006",
    ),
    "dates as a word": ("plugins: [{iterata: {dates: sometimes}}]\n", 1, "plugins.iterata.dates"),
}
"""Texts that are refused, with the line and the field of the error."""


def refused(folder: Path, text: str | bytes) -> ConfigError:
    with pytest.raises(ConfigError) as error:
        config.load(written(folder, text))
    return error.value


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistake_is_refused_at_its_place(tmp_path: Path, mistake: str) -> None:
    text, line, field = MISTAKES[mistake]
    location = refused(tmp_path, text).location
    assert (location.source, location.line, dotted(location.field)) == ("mkdocs.yml", line, field)


def test_messages_about_mistakes(tmp_path: Path, golden: Golden) -> None:
    messages = (f"{mistake}\n{refused(tmp_path, text)}" for mistake, (text, *_) in MISTAKES.items())
    golden.check("configuration", "\n\n".join(messages))


def test_role_that_no_stage_requires_may_have_holders(tmp_path: Path) -> None:
    text = HOLDERS.format('["@ana-b", "@us/product.owners"]') + "        legal: ['@us/legal']\n"
    holders = config.load(written(tmp_path, text)).settings.role_holders
    assert holders == {"product": ["@ana-b", "@us/product.owners"], "legal": ["@us/legal"]}


def test_folder_without_configuration_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as error:
        config.load(tmp_path)
    assert error.value.location.source == str(tmp_path)
