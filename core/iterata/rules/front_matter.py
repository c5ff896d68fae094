"""Rules about front matter. Their problems are found while a document is parsed, in `iterata.documents`."""

from __future__ import annotations

from iterata.rules.rule import RuleSet

RULES = RuleSet()

RULES.define(
    "DOC001",
    "A document is a text file in UTF-8.",
    why="Other encodings show as broken letters on the code host and the site.",
    bad="a file saved as Windows-1252, with the byte 0xe9 for é",
    good="the same file, saved with the encoding UTF-8",
)
RULES.define(
    "DOC002",
    "A document begins with front matter between two lines `---`.",
    why="The front matter is what the tools, the gates and the site read.",
    bad="# Report\n\nWe tried two models.",
    good="---\nstage: report\ntitle: Two models\n---\n# Report\n\nWe tried two models.",
)
RULES.define(
    "DOC003",
    "The front matter is valid YAML.",
    why="What cannot be read cannot be reviewed by a gate.",
    bad="title: Report: two models",
    good='title: "Report: two models"',
)
RULES.define(
    "DOC004",
    "Every key appears once in its block.",
    why="YAML would silently keep the last one, and a reviewer reads the first.",
    bad="status: draft\nstatus: approved",
    good="status: draft",
)
RULES.define(
    "DOC005",
    "The front matter is not larger than a person could write by hand.",
    why="Anybody may open a pull request, and a few bytes of YAML can expand into gigabytes.",
    bad="a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b, ...]",
    good="the values, written out",
)
RULES.define(
    "DOC006",
    "Every key is one that the stage has.",
    why="An unknown key is nearly always misspelt, and would be ignored silently.",
    bad="alternativs: []",
    good="alternatives: []",
)
RULES.define(
    "DOC007",
    "Every key that the method requires is there.",
    why="A missing answer is a question that was never asked.",
    bad="stage: assessment\ntitle: Which customers to mail",
    good="stage: assessment\ntitle: Which customers to mail\nwhy_a_model: ...",
)
RULES.define(
    "DOC008",
    "Every value has the type, the choice and the range that its key requires.",
    why="The numbers and verdicts are computed from these values.",
    bad="status: finished",
    good="status: approved",
)
RULES.define(
    "DOC009",
    "The stage in the front matter is the one in the file's name.",
    why="Links and gates use the name, people read the front matter.",
    bad="stage: report  # in proposal.md",
    good="stage: proposal  # in proposal.md",
)
RULES.define(
    "DOC020",
    "The iterata that reads a document knows the version of its format.",
    why="An older version would take new keys for misspelt ones, and miss what they say.",
    bad="schema_version: 2  # of a newer iterata than the one that reads it",
    good="schema_version: 1  # or the newer iterata, installed by everybody who works on the knowledge base",
)
