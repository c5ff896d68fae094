"""The one home of configuration: the plugin's entry in `mkdocs.yml`, read here without importing mkdocs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Annotated, Any

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from iterata.documents.models.base import Name, RepoPath
from iterata.errors import ConfigError, Location, NotListedError
from iterata.problems import Tuning
from iterata.repository.roles import Holders, tell_apart
from iterata.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

NAMES = ("mkdocs.yml", "mkdocs.yaml")


Code = Annotated[str, StringConstraints(pattern=r"^[A-Z]+[0-9]+$")]
"""The code of a rule or a gate; whether there is one of that name is for the rules to say."""


def _plainly(path: str) -> str:
    plain = PurePosixPath(path).as_posix()
    if plain == ".":
        raise ValueError("must be a folder below the one of mkdocs.yml")
    return plain


Folder = Annotated[RepoPath, AfterValidator(_plainly)]
"""A folder below that of `mkdocs.yml`; `./projects/` is `projects`, as problems name paths one way only."""


def _without_password(url: str) -> str:
    if "@" in url.partition("://")[2].partition("/")[0]:
        raise ValueError("must hold no user and no password; they belong into the environment")
    return url


CacheUrl = Annotated[
    str, StringConstraints(pattern=r"^[a-z][a-z0-9+.]*://\S+$"), AfterValidator(_without_password)
]
"""A place for fsspec, such as `s3://bucket/folder`."""


class Settings(BaseModel):
    """The options of the plugin's entry; the CLI obeys the same ones."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    projects_dir: Folder = Field("projects", description="The folder of the projects, beside mkdocs.yml.")
    required_roles: dict[Stage, list[Name]] = Field(
        default_factory=lambda: {
            Stage.REQUIREMENTS: ["product"],
            Stage.ASSESSMENT: ["product"],
            Stage.PROPOSAL: ["product", "data science"],
            Stage.REPORT: ["product"],
        },
        description="The roles that must approve a document of each stage.",
    )
    role_holders: dict[Name, Holders] = Field(
        default_factory=dict,
        description="Accounts (@somebody) and teams (@organisation/team) by role; else those of CODEOWNERS.",
    )
    severity: dict[Code, Tuning] = Field(
        default_factory=dict,
        description="What a rule's problems are here: error, warning or ignore, by its code.",
    )
    cache: CacheUrl | None = Field(
        None, description="Where predictions are kept, as fsspec writes it; none for this machine."
    )
    dates: StrictBool = Field(
        default=True, description="Whether the site shows when documents were written, and by whom."
    )

    @field_validator("role_holders")
    @classmethod
    def _roles_are_told_apart(cls, held: dict[str, list[str]], info: ValidationInfo) -> dict[str, list[str]]:
        tell_apart(held, (role for roles in info.data.get("required_roles", {}).values() for role in roles))
        return held


@dataclass(frozen=True, slots=True)
class Config:
    """Where the knowledge base is, and its settings."""

    root: Path
    """The folder of `mkdocs.yml`, absolute."""
    settings: Settings


class _TolerantLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # libyaml is optional
    """Reads `mkdocs.yml` as far as we need it; tags of other plugins become nothing."""


_TolerantLoader.add_multi_constructor("", lambda loader, suffix, node: None)


def find(start: Path) -> Path:
    """The nearest `mkdocs.yml` at `start` or above it.

    Raises:
        ConfigError: there is none.
    """
    start = start.resolve()
    for folder in (start, *start.parents):
        for name in NAMES:
            if (folder / name).is_file():
                return folder / name
    remedy = "go into a knowledge base, or start one here with `iterata init`"
    raise ConfigError("no mkdocs.yml here or in any folder above", remedy=remedy, where=str(start))


def load(start: Path) -> Config:
    """The configuration of the knowledge base that `start` belongs to.

    Raises:
        ConfigError: `mkdocs.yml` is missing or unreadable, lacks the plugin, or names an unknown option.
    """
    path = find(start)
    try:
        raw = path.read_bytes()
    except OSError as error:
        remedy = "check the file's rights"
        raise ConfigError(f"cannot be read: {error.strerror}", remedy=remedy, where=str(path)) from None
    return Config(path.parent, read(raw, path.name))


def read(raw: bytes, name: str) -> Settings:
    """The settings that a `mkdocs.yml` holds; `name` is what messages call it.

    Raises:
        ConfigError: it is not valid YAML, lacks the plugin, or names an unknown option.
    """
    try:
        data = yaml.load(raw, _TolerantLoader)  # noqa: S506  # the loader is a safe one
    except yaml.reader.ReaderError as error:
        remedy = "save the file with the encoding UTF-8, without control characters"
        raise ConfigError(f"cannot be read: {error.reason}", remedy=remedy, where=name) from None
    except (yaml.YAMLError, ValueError) as error:  # the latter for a day or a byte that does not exist
        mark = getattr(error, "problem_mark", None)
        where = Location(name, mark.line + 1 if mark else None)
        said = getattr(error, "problem", None) or str(error)
        line = raw.split(b"\n")[mark.line] if mark else b""
        unquoted = b"[@" in line or b" @" in line
        remedy = "put quotes around a name that begins with `@`" if unquoted else "mend this line"
        raise ConfigError(f"not valid YAML: {said}", remedy=remedy, where=where) from None
    return settings(_entry(data, name), name, raw)


def settings(options: dict[str, Any], where: str, raw: bytes = b"") -> Settings:
    """Validate the plugin's options; `where` names the file they come from, `raw` is what stands in it.

    Raises:
        ConfigError: an option is unknown or has a wrong value.
    """
    try:
        return Settings.model_validate(options)
    except ValidationError as error:
        from iterata.documents.explain import explain  # noqa: PLC0415  # only when something is wrong

        _, loc, message, remedy = explain(Settings, options, error.errors(include_url=False))[0]
        line = _line(raw, ["plugins", "iterata", *loc])
        place = Location(where, line, field=("plugins", "iterata", *loc))
        raise ConfigError(message, remedy=remedy, where=place) from None


def _line(raw: bytes, path: Sequence[str | int]) -> int | None:
    """The line on which the last part of a path that can be found begins, from 1."""
    node, line = yaml.compose(raw, _TolerantLoader), None
    for part in path:
        for begin, value in _children(node, part):
            node, line = value, begin.start_mark.line + 1
            break
        else:
            break
    return line


def _children(node: yaml.Node | None, part: str | int) -> Iterator[tuple[yaml.Node, yaml.Node]]:
    """What is found at a key or a place, with where it begins; a plugin of a list is found by its name."""
    if isinstance(node, yaml.MappingNode):
        yield from ((key, value) for key, value in node.value if key.value == str(part))
    elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
        yield from ((each, each) for each in node.value[part : part + 1])
    elif isinstance(node, yaml.SequenceNode):
        for each in node.value:
            yield from _children(each, part)


def _entry(data: object, where: str) -> dict[str, Any]:
    plugins = data.get("plugins") if isinstance(data, dict) else None
    entries = list(plugins.items()) if isinstance(plugins, dict) else []
    for plugin in plugins if isinstance(plugins, list) else []:
        entries += list(plugin.items()) if isinstance(plugin, dict) else [(plugin, None)]
    for name, options in entries:
        if name == "iterata":
            return _options(options, where)
    from iterata.text import closest  # noqa: PLC0415  # only when something is wrong

    near = next((str(name) for name, _ in entries if closest(str(name), ["iterata"])), None)
    remedy = f"write `iterata` instead of `{near}`" if near else "add `- iterata` under `plugins:`"
    raise NotListedError("the plugin iterata is not listed", remedy=remedy, where=where)


def _options(options: object, where: str) -> dict[str, Any]:
    if options is None:
        return {}
    if not isinstance(options, dict):
        message = "plugins.iterata: must be a block of options"
        raise ConfigError(
            message, remedy="write `- iterata:` and `option: value` lines below it", where=where
        )
    return options
