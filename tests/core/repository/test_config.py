"""What `mkdocs.yml` says to the toolkit, and what it may say that is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iterata.errors import ConfigError
from iterata.repository import config
from iterata.stages import Stage

if TYPE_CHECKING:
    from pathlib import Path


HELD = "site_name: Ours\nplugins:\n  - search\n  - iterata:\n      role_holders:\n        product: {}\n"


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
        "[{iterata: !ENV [OPTIONS]}]",
    ],
)
def test_the_plugin_may_be_listed_as_mkdocs_allows(tmp_path: Path, plugins: str) -> None:
    settings = config.load(written(tmp_path, f"plugins: {plugins}\n")).settings
    assert settings.projects_dir == "projects"
    assert settings.required_roles[Stage.REPORT] == ["product"]


def test_tags_of_others_are_passed_over(tmp_path: Path) -> None:
    text = (
        "use_directory_urls: !ENV [DIRS, true]\n"
        "theme: {emoji: !!python/name:material.extensions.emoji.twemoji }\n"
        "hooks: !relative docs\nplugins: [iterata]\n"
    )
    assert config.load(written(tmp_path, text)).root == tmp_path.resolve()


def test_it_is_found_from_any_folder_below(tmp_path: Path) -> None:
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
def test_a_folder_has_one_name_however_it_is_spelt(tmp_path: Path, spelt: str, means: str) -> None:
    text = f"plugins:\n  - iterata:\n      projects_dir: {spelt}\n"
    assert config.load(written(tmp_path, text)).settings.projects_dir == means


@pytest.mark.parametrize(
    ("text", "message", "remedy"),
    [
        ("", "the plugin iterata is not listed", "add `- iterata`"),
        ("- iterata\n", "the plugin iterata is not listed", "add `- iterata`"),
        ("plugins: [search]\n", "the plugin iterata is not listed", "add `- iterata`"),
        ("plugins: [iterata\n", "mkdocs.yml:2: not valid YAML", "mend this line"),
        ("extra: {day: 2023-14-05}\nplugins: [iterata]\n", "month must be in 1..12", "mend"),
        (b"extra: caf\xe9\nplugins: [iterata]\n", "invalid trailing UTF-8 octet", "encoding UTF-8"),
        (b"extra: \x00\nplugins: [iterata]\n", "control characters are not allowed", "without control"),
        ("plugins: [{iterata: [a]}]\n", "must be a block of options", "write `- iterata:`"),
        ("plugins: [{iterata: yes}]\n", "must be a block of options", "write `- iterata:`"),
        ("plugins: [{iterata: {project_dir: x}}]\n", "unknown key `project_dir`", "`projects_dir`"),
        ("plugins: [{iterata: {projects_dir: ../x}}]\n", "must be a relative path", ""),
        ("plugins: [{iterata: {projects_dir: /x}}]\n", "must be a relative path", ""),
        ("plugins: [{iterata: {projects_dir: .}}]\n", "must be a folder below", ""),
        ("plugins: [{iterata: {projects_dir: }}]\n", "must be text, not empty", ""),
        (
            "plugins: [{iterata: {required_roles: {report: product}}}]\n",
            "required_roles.report: must be a list",
            "",
        ),
        ("plugins: [{iterata: {required_roles: {reprot: []}}}]\n", "`reprot` is not one", "`report`"),
        (HELD.format("[bo]"), "mkdocs.yml:6: plugins.iterata.role_holders.product[0]: `bo` is neither", ""),
        (HELD.format("['bo@example.org']"), "`bo@example.org` is neither an account", ""),
        (HELD.format("['@us/data/science']"), "nor a team", ""),
        (HELD.format("[@bo]"), "mkdocs.yml:6: not valid YAML", "put quotes around"),
        (HELD.format("[]"), "too few entries: at least 1", "add one"),
        (HELD.format("['@bo', '@Bo']"), "names @Bo twice", ""),
        (HELD.format("['@bo']\n        Product: ['@al']"), "`Product` and `product` are the same role", ""),
        (HELD.format("['@bo']").replace("product:", "prodct:"), "is `product` meant?", ""),
        (HELD.format("7"), "mkdocs.yml:6: plugins.iterata.role_holders.product: must be a list", ""),
        ("plugins: [{iterata: {severity: {DOC006: loud}}}]\n", "`loud` is not one", "error, warning, ignore"),
        ("plugins: [{iterata: {dates: sometimes}}]\n", "dates: must be true or false, not `sometimes`", ""),
    ],
)
def test_a_mistake_is_said_in_one_sentence(
    tmp_path: Path, text: str | bytes, message: str, remedy: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        config.load(written(tmp_path, text))
    assert message in str(refused.value)
    assert remedy in refused.value.remedy
    assert refused.value.where.startswith("mkdocs.yml")


def test_roles_that_no_stage_requires_may_be_held_too(tmp_path: Path) -> None:
    text = HELD.format('["@ana-b", "@us/product.owners"]') + "        legal: ['@us/legal']\n"
    held = config.load(written(tmp_path, text)).settings.role_holders
    assert held == {"product": ["@ana-b", "@us/product.owners"], "legal": ["@us/legal"]}


def test_outside_a_knowledge_base_there_is_none(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no mkdocs\.yml here") as refused:
        config.load(tmp_path)
    assert "iterata init" in refused.value.remedy
