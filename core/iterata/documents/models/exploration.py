"""The front matter of an exploration's `README.md`: what its files show, and how they were made."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from iterata.documents.models.base import Part, RepoPath, Text

Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class ShownFile(Part):
    """A file of the exploration."""

    file: RepoPath = Field(description="The file's name in this folder, such as age.png.")
    shows: Label | None = Field(None, description="What a reader sees in it, in one sentence.")
    made_by: Label | None = Field(
        None, description="The command or the notebook that made it; nothing runs it."
    )


class Exploration(Part):
    """What the `README.md` of a folder `exploration` may say. Nothing of it decides anything."""

    title: Text | None = Field(None, description="The title of the page.")
    made_by: Label | None = Field(
        None,
        description="The command or the notebook that made all files that name no other; nothing runs it.",
    )
    exploration: list[ShownFile] = Field(
        default_factory=list, description="What the files show, in the order of the page."
    )
