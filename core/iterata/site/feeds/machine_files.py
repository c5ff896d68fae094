"""Every file of a site that programs read, by its path."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from iterata.documents.schema import open_schema
from iterata.knowledge.records import DecisionRecords, FindingRecords, decisions_of, findings_of
from iterata.site.feeds.entries import entries
from iterata.site.feeds.syndication import FEEDS

if TYPE_CHECKING:
    from iterata.site.feeds.entries import About
    from iterata.site.knowledge_site import Site

NO_ADDRESS = (
    "feeds have no links: the address of the site is not known. Set `site_url` in the settings of the site"
)


class MachineFiles(NamedTuple):
    """The files, and what a reader of the build should know."""

    content: dict[str, str]
    notes: tuple[str, ...]


def machine_files(site: Site, about: About) -> MachineFiles:
    """Records with their schemas, and feeds of the newest of them."""
    findings, decisions = (
        findings_of(site.knowledge, site.git_day),
        decisions_of(site.knowledge, site.git_day),
    )
    newest, undated = entries(findings, decisions, about)
    models = {
        "findings": FindingRecords(findings=findings),
        "decisions": DecisionRecords(decisions=decisions),
    }
    content = {f"{name}.json": f"{model.model_dump_json(indent=2)}\n" for name, model in models.items()}
    for name, model in models.items():
        schema = open_schema(type(model), f"iterata output {name}")
        content[f"{name}.schema.json"] = f"{json.dumps(schema, indent=2, ensure_ascii=False)}\n"
    for name, (_, write) in FEEDS.items():
        content[name] = write(newest, about)
    notes = [] if about.top else [NO_ADDRESS]
    if undated:
        notes.append(f"feeds have no place for {undated} findings and decisions without a day")
    return MachineFiles(content, tuple(notes))
