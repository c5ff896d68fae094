"""The configuration: the plugin's entry in `mkdocs.yml`, read without importing mkdocs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Annotated

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
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
from iterata.problems import SeveritySetting
from iterata.repository.required_version import UnfitVersion, refuse_unfit, validated
from iterata.repository.roles import Holders, validate_roles
from iterata.stages import Stage
from iterata.text import size_in_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

NAMES = ("mkdocs.yml", "mkdocs.yaml")


Code = Annotated[str, StringConstraints(pattern=r"^[A-Z]+[0-9]+$")]
"""The code of a rule or a gate; `check` refuses one that does not exist."""


def _normalized(path: str) -> str:
    normalized = PurePosixPath(path).as_posix()
    if normalized == ".":
        raise ValueError("must be a folder below the one of mkdocs.yml")
    return normalized


Folder = Annotated[RepoPath, AfterValidator(_normalized)]
"""A folder below that of `mkdocs.yml`, in its shortest form: `./projects/` becomes `projects`."""


def _posix(path: str) -> str:
    return PurePosixPath(path).as_posix()


def _without_password(url: str) -> str:
    if "@" in url.partition("://")[2].partition("/")[0]:
        raise ValueError("must have no user and no password; set them in the environment")
    return url


OtherFolder = Annotated[
    str,
    StringConstraints(pattern=r"^[^/\\\s~][^\\\x00-\x1f]*$", strip_whitespace=True),
    AfterValidator(_posix),
]
"""A folder of the same Git repository, relative to that of `mkdocs.yml`; it may begin with `../`."""

HostName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)*$", to_lower=True)]
"""A host, such as `images.example.org`."""

CacheUrl = Annotated[
    str, StringConstraints(pattern=r"^[a-z][a-z0-9+.]*://\S+$"), AfterValidator(_without_password)
]
"""A URL for fsspec, such as `s3://bucket/folder`."""


def _a_size(text: str) -> str:
    try:
        size_in_bytes(text)
    except ValueError:
        raise ValueError("must be a size such as 5GB or 500MB") from None
    return text


Size = Annotated[str, AfterValidator(_a_size)]
"""A number of bytes with a unit, such as `5GB`."""


class Settings(BaseModel):
    """The options of the plugin's entry; the command line uses the same ones."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    projects_dir: Folder = Field("projects", description="The projects' folder, relative to mkdocs.yml.")
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
    requires: Annotated[str, BeforeValidator(validated)] | None = Field(
        None, description="The versions of iterata that it works with, such as iterata>=0.1; null for any."
    )
    severity: dict[Code, SeveritySetting] = Field(
        default_factory=dict,
        description="The severity of a rule's problems by its code: error, warning or ignore.",
    )
    page_cache: StrictBool = Field(
        default=True, description="Whether a build of the site takes what did not change from earlier builds."
    )
    cache: CacheUrl | None = Field(
        None, description="The URL of the cache of predictions, for fsspec; null for this machine."
    )
    cache_size: Size | None = Field(
        None, description="The most that the cache of this machine keeps, such as 5GB; null for no limit."
    )
    image_hosts: list[HostName] = Field(
        default_factory=list,
        description="Hosts whose images pages of the projects may show; images of others become links.",
    )
    dates: StrictBool = Field(
        default=True, description="Whether the site shows when documents were written, and by whom."
    )

    knowledge_bases: list[OtherFolder] = Field(
        default_factory=list,
        description="Folders of other knowledge bases of the repository, which the site shows as well.",
    )
    feeds: StrictBool = Field(
        default=True,
        description="Whether the site has feeds, findings and decisions as JSON, and its pages as Markdown.",
    )
    publish_code: StrictBool = Field(
        default=False, description="Whether the site publishes the projects' code, settings and notebooks."
    )

    @field_validator("role_holders")
    @classmethod
    def _validate_roles(cls, holders: dict[str, list[str]], info: ValidationInfo) -> dict[str, list[str]]:
        validate_roles(
            holders, (role for roles in info.data.get("required_roles", {}).values() for role in roles)
        )
        return holders


@dataclass(frozen=True, slots=True)
class Config:
    """A knowledge base: its folder and its settings."""

    root: Path
    """The folder of `mkdocs.yml`, absolute."""
    settings: Settings


if TYPE_CHECKING:
    from yaml import SafeLoader as _SafeLoader
else:
    _SafeLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml is optional


class _TolerantLoader(_SafeLoader):
    """Reads `mkdocs.yml`; a value with a tag of another plugin becomes a `_Tagged`."""


class _Tagged:
    """A value that only the site's host can compute, as `!ENV` does."""

    def __repr__(self) -> str:
        return "a value with a tag"


_TAGGED = _Tagged()

_TolerantLoader.add_multi_constructor("", lambda loader, suffix, node: _TAGGED)


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
    remedy = "change to the folder of a knowledge base, or start one here with `iterata init`"
    if _is_bare_repository(start):
        message = "is a bare repository of Git, which has no files"
        raise ConfigError(message, remedy=f"clone it, and work there: `git clone {start}`", where=str(start))
    from iterata.repository.knowledge_bases import advice  # noqa: PLC0415  # only when something is wrong

    remedy = advice(start) or remedy
    raise ConfigError("no mkdocs.yml here or in any folder above", remedy=remedy, where=str(start))


def _is_bare_repository(folder: Path) -> bool:
    return (folder / "HEAD").is_file() and (folder / "objects").is_dir() and (folder / "refs").is_dir()


def load(start: Path) -> Config:
    """The configuration of the knowledge base that `start` belongs to.

    Raises:
        ConfigError: `mkdocs.yml` is missing or unreadable, lacks the plugin, or names an unknown option.
    """
    path = find(start)
    try:
        raw = path.read_bytes()
    except OSError as error:
        remedy = "check the file's permissions"
        raise ConfigError(f"cannot be read: {error.strerror}", remedy=remedy, where=str(path)) from None
    try:
        return Config(path.parent, read(raw, path.name, path.parent))
    except NotListedError as error:
        from iterata.repository.knowledge_bases import advice  # noqa: PLC0415  # only when something is wrong

        if remedy := advice(path.parent):
            raise NotListedError(
                error.message, remedy=f"{error.remedy}, or {remedy}", where=path.name
            ) from None
        raise


def read(raw: bytes, name: str, folder: Path | None = None) -> Settings:
    """The settings in the text of a `mkdocs.yml`; messages use `name` for it, and look into `folder`.

    Raises:
        UnfitVersion: it requires another version of iterata.
        ConfigError: it is not valid YAML, lacks the plugin, or names an unknown option.
    """
    try:
        data = yaml.load(raw, _TolerantLoader)  # noqa: S506  # the loader is a safe one
    except yaml.reader.ReaderError as error:
        remedy = "save the file with the encoding UTF-8, without control characters"
        raise ConfigError(f"cannot be read: {error.reason}", remedy=remedy, where=name) from None
    except (yaml.YAMLError, ValueError) as error:  # ValueError for an invalid date or byte
        raise _invalid_yaml(error, raw, name) from None
    return settings(_plugin_options(data, name), name, raw, folder)


def host_options(raw: bytes) -> dict[str, object]:
    """The options of the site's host in the text of a `mkdocs.yml`; none if it is not valid.

    The entry of iterata is not among its plugins.
    """
    try:
        data = yaml.load(raw, _TolerantLoader)  # noqa: S506  # the loader is a safe one
    except (yaml.YAMLError, ValueError):
        return {}
    options = {str(key): value for key, value in data.items()} if isinstance(data, dict) else {}
    plugins = options.get("plugins")
    if isinstance(plugins, dict):
        options["plugins"] = {name: entry for name, entry in plugins.items() if name != "iterata"}
    elif isinstance(plugins, list):
        options["plugins"] = [entry for entry in plugins if "iterata" not in (entry, *_names(entry))]
    return options


def _names(entry: object) -> tuple[object, ...]:
    return tuple(entry) if isinstance(entry, dict) else ()


def _invalid_yaml(error: yaml.YAMLError | ValueError, raw: bytes, name: str) -> ConfigError:
    marked = error if isinstance(error, yaml.MarkedYAMLError) else None
    mark = marked.problem_mark if marked else None
    reason = (marked.problem if marked else None) or str(error)
    line = raw.split(b"\n")[mark.line] if mark else b""
    unquoted = b"[@" in line or b" @" in line
    remedy = "correct this line" if mark else "correct the date or the character that does not exist"
    if unquoted:
        remedy = "put quotes around a name that begins with `@`"
    location = Location(name, mark.line + 1 if mark else None)
    return ConfigError(f"not valid YAML: {reason}", remedy=remedy, where=location)


def settings(
    options: dict[str, object], where: str, raw: bytes = b"", folder: Path | None = None
) -> Settings:
    """Validate the plugin's options.

    Args:
        options: the options of the plugin's entry.
        where: the name of the file that they come from.
        raw: its text.
        folder: its folder, the knowledge base.

    Raises:
        UnfitVersion: another version of iterata is required. Options that only that version knows are not
            told as wrong.
        ConfigError: an option is unknown or has a wrong value.
    """
    require_version(options, where, raw, folder)
    try:
        return Settings.model_validate(options)
    except ValidationError as error:
        from iterata.documents.explain import explain  # noqa: PLC0415  # only when something is wrong

        first = explain(Settings, options, error.errors(include_url=False))[0]
        path = ("plugins", "iterata", *first.path)
        location = Location(where, line_of(raw, path), field=path)
        raise ConfigError(first.message, remedy=first.remedy, where=location) from None


def require_version(options: dict[str, object], where: str, raw: bytes, folder: Path | None) -> None:
    """Refuse the plugin's options if they require another version of iterata; see `settings`.

    Raises:
        UnfitVersion: they do.
    """
    if (required := options.get("requires")) is not None:
        path = ("plugins", "iterata", "requires")
        try:
            refuse_unfit(required, Location(where, field=path), folder)
        except UnfitVersion as error:
            raise error.at(line=line_of(raw, path)) from None


def line_of(raw: bytes, path: Sequence[str | int]) -> int | None:
    """The line, from 1, of the deepest part of a path that the file has."""
    node, line = yaml.compose(raw, _TolerantLoader), None
    for part in path:
        start, node = next(_children(node, part), (None, None))
        if start is None:
            break
        line = start.start_mark.line + 1
    return line


def _children(node: yaml.Node | None, part: str | int) -> Iterator[tuple[yaml.Node, yaml.Node]]:
    """The node at a key or an index, after the node that begins it; a plugin in a list is found by name."""
    if isinstance(node, yaml.MappingNode):
        yield from ((key, value) for key, value in node.value if key.value == str(part))
    elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
        yield from ((item, item) for item in node.value[part : part + 1])
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _children(item, part)


def _plugin_options(data: object, where: str) -> dict[str, object]:
    plugins = data.get("plugins") if isinstance(data, dict) else None
    entries = list(plugins.items()) if isinstance(plugins, dict) else []
    for plugin in plugins if isinstance(plugins, list) else []:
        entries += list(plugin.items()) if isinstance(plugin, dict) else [(plugin, None)]
    for name, options in entries:
        if name == "iterata":
            return _options(options, where)
    from iterata.text import closest  # noqa: PLC0415  # only when something is wrong

    misspelt = next((str(name) for name, _ in entries if closest(str(name), ["iterata"])), None)
    remedy = f"write `iterata` instead of `{misspelt}`" if misspelt else "add `- iterata` under `plugins:`"
    raise NotListedError("the plugin iterata is not listed", remedy=remedy, where=where)


def _options(options: object, where: str) -> dict[str, object]:
    if options is None:
        return {}
    if options is _TAGGED or (isinstance(options, dict) and _TAGGED in options.values()):
        location = Location(where, field=("plugins", "iterata"))
        remedy = "write the value itself; iterata reads it without MkDocs and its environment"
        raise ConfigError("has a value with a tag, such as !ENV", remedy=remedy, where=location)
    if not isinstance(options, dict):
        location = Location(where, field=("plugins", "iterata"))
        remedy = "write `- iterata:` and `option: value` lines below it"
        raise ConfigError("must be a block of options", remedy=remedy, where=location)
    return options
