"""Every rule: its code, what it guards, why, and how to mend what it finds.

The reference page, `iterata rule CODE` and the checks share this one table. Gates have codes too; they are
described where they are defined, in `iterata.lifecycle.gates`.
"""

from __future__ import annotations

from typing import NamedTuple


class Rule(NamedTuple):
    """A check with a code that never changes its meaning."""

    code: str
    summary: str
    why: str
    failing: str
    """An example of what it refuses."""
    mended: str
    """The same example, put right."""


_RULES: tuple[Rule, ...] = (
    Rule(
        "DOC001",
        "A document is a text file in UTF-8.",
        "Other encodings show as broken letters on the code host and the site.",
        "a file saved as Windows-1252, with the byte 0xe9 for é",
        "the same file, saved with the encoding UTF-8",
    ),
    Rule(
        "DOC002",
        "A document begins with front matter between two lines `---`.",
        "The front matter is what the tools, the gates and the site read.",
        "# Report\n\nWe tried two models.",
        "---\nstage: report\ntitle: Two models\n---\n# Report\n\nWe tried two models.",
    ),
    Rule(
        "DOC003",
        "The front matter is valid YAML.",
        "What cannot be read cannot be reviewed by a gate.",
        "title: Report: two models",
        'title: "Report: two models"',
    ),
    Rule(
        "DOC004",
        "No key stands twice in the same block.",
        "YAML would silently keep the last one, and a reviewer reads the first.",
        "status: draft\nstatus: approved",
        "status: draft",
    ),
    Rule(
        "DOC005",
        "The front matter is of a size a person could have written.",
        "Documents come from anybody who may open a pull request; a few bytes can unfold into gigabytes.",
        "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b, ...]",
        "the values, written out",
    ),
    Rule(
        "DOC006",
        "Every key is one the stage knows.",
        "An unknown key is nearly always a misspelt one, and would be ignored without a word.",
        "alternativs: []",
        "alternatives: []",
    ),
    Rule(
        "DOC007",
        "Every key that the method asks for is there.",
        "A missing answer is a question that nobody asked.",
        "stage: assessment\ntitle: Which customers to mail",
        "stage: assessment\ntitle: Which customers to mail\nwhy_a_model: ...",
    ),
    Rule(
        "DOC008",
        "Every value has the kind, the choice and the range its key asks for.",
        "The numbers and verdicts are computed from these values.",
        "status: finished",
        "status: approved",
    ),
    Rule(
        "DOC009",
        "The stage in the front matter is the one in the file's name.",
        "Links and gates go by the name, people by the front matter.",
        "stage: report  # in proposal.md",
        "stage: proposal  # in proposal.md",
    ),
    Rule(
        "TREE001",
        "There is at least one project.",
        "An empty folder usually means a wrong path.",
        "projects/ is empty",
        "`iterata new project churn` makes projects/churn/requirements.md",
    ),
    Rule(
        "TREE002",
        "Project and iteration folders are named so that every tool finds them.",
        "A folder with another name would be passed over, and its documents never be checked.",
        "projects/churn/1_Setup/",
        "projects/churn/01-setup/",
    ),
    Rule(
        "TREE003",
        "Every iteration of a project has a number of its own.",
        "Two branches may both begin iteration 03; merged, nobody knows which one is meant.",
        "03-weather/ and 03-holidays/",
        "03-weather/ and 04-holidays/",
    ),
    Rule(
        "TREE004",
        "A stage document has the stage's file name.",
        "A misspelt file would be passed over, and its gate never be asked.",
        "01-setup/assesment.md",
        "01-setup/assessment.md",
    ),
    Rule(
        "TREE005",
        "A project has requirements.",
        "Every later decision is taken within the business context that they record.",
        "projects/churn/01-setup/ without projects/churn/requirements.md",
        "projects/churn/requirements.md",
    ),
    Rule(
        "TREE006",
        "A stage document is a file of the repository that can be read; in a pull request, so is its folder.",
        "A link may lead anywhere; what a reviewer approves must be what stands in the repository.",
        "01-setup/report.md, a link to ../../../elsewhere/report.md",
        "01-setup/report.md, a file",
    ),
    Rule(
        "LIFE001",
        "A document's status is one that its stage has.",
        "An experiment is planned or running, not approved; a wrong word hides where the work stands.",
        "status: approved  # in experiment.md",
        "status: completed  # in experiment.md",
    ),
    Rule(
        "LIFE002",
        "No stage is skipped.",
        "Each stage answers the one before it.",
        "a report.md without an experiment.md",
        "experiment.md, then report.md",
    ),
    Rule(
        "LIFE003",
        "An iteration begins at the stage of its kind, and says what it follows.",
        "A new algorithm asks again whether a model is needed; more data or features may inherit the answer.",
        "iteration: {kind: feature}",
        "iteration: {kind: feature, follows: 01-setup, inherits_assessment: 01-setup}",
    ),
    Rule(
        "LIFE004",
        "The iterations and revisions a document names exist.",
        "A chain of learnings is worth only as much as its links.",
        "follows: 01-steup",
        "follows: 01-setup",
    ),
    Rule(
        "PLAN001",
        "Names within a plan are unique and defined.",
        "Results are told apart by them.",
        "variants: [{name: logistic, features: al, ...}]\nfeatures: {all: ['*']}",
        "variants: [{name: logistic, features: all, ...}]\nfeatures: {all: ['*']}",
    ),
    Rule(
        "PLAN002",
        "The primary metric is the KPI of the assessment.",
        "Expected and observed must be on one scale.",
        "primary: clicks  # while the assessment's KPI is called policies sold",
        "primary: policies sold",
    ),
    Rule(
        "PLAN003",
        "An approved plan is the one that was approved.",
        "Approval fixes the scope. What is run must be what was agreed.",
        "an approved proposal.md to which a variant was added later",
        "the variant in the plan of the next iteration, or an amendment and a new approval",
    ),
    Rule(
        "REF001",
        "Ids are unique, and the findings that are referred to exist.",
        "Findings outlive their project; a dead link is a lost learning.",
        "contradicts: [churn/01-setup#F9]  # a report with three findings",
        "contradicts: [churn/01-setup#F2]",
    ),
    Rule(
        "REF002",
        "Evidence in a result file can be found there.",
        "A finding that nobody can look up is an opinion.",
        'evidence: "results/experiment.json, H7: the difference"  # of a plan with three hypotheses',
        'evidence: "results/experiment.json, H2: the difference"',
    ),
    Rule(
        "RES001",
        "A result file is one that iterata wrote.",
        "Tables and verdicts are rendered from it.",
        '"value": "about 12"',
        "the file as `iterata run` writes it",
    ),
    Rule(
        "RES002",
        "A result belongs to the plan or the assessment beside it.",
        "A result of another plan is scope creep, and the lift of another budget no promise.",
        "results/experiment.json of a plan that has changed since",
        "`iterata run` again, after an amendment or in a new iteration; `iterata lift` again",
    ),
    Rule(
        "RES003",
        "A generated table says what its result file says.",
        "A number edited by hand is a number nobody computed.",
        "| boosted | 131 |  # while the result file says 101.3",
        "the table as `iterata report` writes it",
    ),
    Rule(
        "RES004",
        "The markers of generated blocks pair up, and name a block that a command writes there.",
        "Commands write between them, and nowhere else; nobody reviews what stands there.",
        "<!-- iterata:begin lift --> without an end",
        "<!-- iterata:begin lift -->\n<!-- iterata:end lift -->",
    ),
    Rule(
        "SUSP001",
        "What an agreed document was written against is unchanged.",
        "An answer fits its question; when the question changes, somebody must look again.",
        "an approved assessment whose requirements gained a revision since",
        "the same, after `iterata affirm` recorded that it still holds",
    ),
    Rule(
        "MOVE001",
        "Within a pull request a document's status moves along the table.",
        "A status is a promise about what happened; it may not be typed.",
        "status: completed, then status: running",
        "a new iteration, planned and run",
    ),
    Rule(
        "MOVE002",
        "What was agreed on is neither deleted nor moved.",
        "Results, findings and links refer to it where it is.",
        "01-setup/ renamed to 01-baseline/ after its report was approved",
        "01-setup/, with a better title in its documents",
    ),
    Rule(
        "MOVE003",
        "What was agreed on does not change in place.",
        "An approval covers what its readers read.",
        "an approved report whose findings were rewritten",
        "the report moved to draft, changed and approved anew; or, for a slip of the pen, an erratum",
    ),
    Rule(
        "MOVE004",
        "A new iteration takes no number that the target branch has given out meanwhile.",
        "Numbers collide across branches and merge without a conflict.",
        "03-weather/ on the branch, 03-holidays/ on main",
        "04-weather/",
    ),
    Rule(
        "SCOPE001",
        "A result was made by a commit that held the approved plan.",
        "Approval comes before the run; what is agreed on afterwards is a description.",
        "a result of commit 3f1c..., where the proposal was still a draft",
        "the result of a run after the approval was committed",
    ),
    Rule(
        "REVIEW001",
        "An approval is a review that its account really gave, in a role it holds, of the document as it is.",
        "Anybody can type a name; a gate that believes it is no gate.",
        "approvals: [{role: product, on: 2026-11-23, by: somebody}]  # who never reviewed the pull request",
        "the same, after that account approved the pull request on the code host",
    ),
    Rule(
        "REP001",
        "A verdict that differs from the computed one says why.",
        "Readers trust the verdict; the numbers must not whisper something else.",
        "verdict: supported  # while the interval holds zero",
        "verdict: supported\ndespite: the pilot of the year before showed the same",
    ),
)

RULES: dict[str, Rule] = {rule.code: rule for rule in _RULES}
