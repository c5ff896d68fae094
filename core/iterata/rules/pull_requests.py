"""Rules about what a pull request may change. Their checks compare two revisions, in `iterata.review`."""

from __future__ import annotations

from iterata.rules.rule import RuleSet

RULES = RuleSet()

ALWAYS_COUNT = ("MOVE", "SCOPE", "REVIEW")
"""How the codes of rules begin that protect what was agreed. No setting lowers their severity."""

RULES.define(
    "MOVE001",
    "A pull request changes the status of a document only along its transitions.",
    why="A status records what happened, so it cannot be chosen freely.",
    bad="status: completed, then status: running",
    good="a new iteration, planned and run",
)
RULES.define(
    "MOVE002",
    "A document is deleted or moved only if it is a draft, planned or rejected, and never was agreed.",
    why="Results, findings and links refer to a document where it is.",
    bad="01-setup/ renamed to 01-baseline/ after its report was approved",
    good="01-setup/, with a better title in its documents",
)
RULES.define(
    "MOVE003",
    "An approved or finished document does not change in place.",
    why="An approval covers what its readers read.",
    bad="an approved report whose findings were rewritten",
    good="the report moved to draft, amended and approved again; or, for a typing error, an erratum",
)
RULES.define(
    "MOVE004",
    "A new iteration does not use a number that the target branch has used before or in the meantime.",
    why="Numbers collide across branches and merge without a conflict; links and results refer to them.",
    bad="03-weather/ on the branch, 03-holidays/ on main",
    good="04-weather/",
)
RULES.define(
    "GATE021",
    "A document that becomes approved records what it was written against (a warning).",
    why="If that changes later, somebody must look at this document again.",
    bad="status: approved  # typed in the browser, without `written_against:`",
    good='status: approved\nwritten_against: {requirements: "sha256:..."}',
)
RULES.define(
    "MOVE005",
    "A pull request does not change a document that the target branch has agreed on in the meantime.",
    why="Git merges both changes into a text that nobody has approved.",
    bad="a plan changed on the branch while it was a draft there, and approved on main since",
    good="main merged into the branch first; the plan is then changed by an amendment",
)
RULES.define(
    "MOVE006",
    "Errata that change more than a tenth of the approved words need new approvals.",
    why="Errata are for misspellings; a text that says something else is another text.",
    bad="an erratum, a new section and the old approvals",
    good="an erratum for a misspelt name",
)
RULES.define(
    "MOVE007",
    "A pull request does not change what a release has declared, done and shown.",
    why="Who may move the goal, or the figures, after the start can release anything.",
    bad="margin: 0.05  # was 0.01 when the first phase began",
    good="the release reverted, and another one planned with the new margin",
)
RULES.define(
    "MOVE008",
    "After a revert nothing moves before there are a post-mortem and a new decision.",
    why="The reason of the revert may concern everything that is built on it.",
    bad="status: approved  # in the next iteration, while the report owes its post-mortem",
    good="the report with its post-mortem and a new decision first",
)
RULES.define(
    "SCOPE001",
    "A commit no later than a result holds its approved plan and its code.",
    why="Approval comes before the run; afterwards it is only a description of what was done.",
    bad="a result of commit 3f1c..., where the proposal was still a draft",
    good="the result of a run after the approval was committed; a rebase or squash later changes nothing",
)
RULES.define(
    "SCOPE003",
    "A result records the code that it was computed with, or names a commit of this history.",
    why="Without either, only its plan is known, and nobody can tell which code made the figures.",
    bad="a result of an earlier version of iterata whose commit was squashed away",
    good="the same result after `iterata run`, which records the code",
)
RULES.define(
    "REVIEW001",
    "An approval counts if its account holds the role and approved the current document in a review.",
    why="Anybody can type a name; only a review shows who approved.",
    bad="approvals: [{role: product, on: 2026-11-23, by: somebody}]  # who never reviewed the pull request",
    good="the same, after that account approved the pull request on the code host",
)
RULES.define(
    "REVIEW010",
    "An approval counts only if its account wrote none of the pull request's commits.",
    why="Whoever wrote a document agrees with it; an approval says that somebody else does.",
    bad="ana opens a pull request with a commit of bo, and bo approves it",
    good="cy, who wrote none of the commits, approves it",
)
RULES.define(
    "REVIEW011",
    "A pull request gives a severity only to rules that exist, and none to those that protect agreements.",
    why="A misspelt code changes nothing, and an agreement that may be broken is none.",
    bad="severity: {MOVE003: ignore}",
    good="severity: {SUSP001: error}",
)
RULES.define(
    "REVIEW012",
    "A pull request commits nothing of the folder .iterata.",
    why="It holds verdicts and predictions that one machine has stored; other machines would trust them.",
    bad=".iterata/verdicts.json in a commit",
    good="`.iterata/` in .gitignore",
)
