"""What templates know of the library by name."""

from __future__ import annotations

from iterata.site.library.addresses import finding_path, page_path, shown_pages
from iterata.site.library.cards import HOLDS_BY, LONGEST_STATEMENT, MOST_RELATED
from iterata.site.library.data import DATA
from iterata.site.library.pages import LONGEST_HEADING
from iterata.site.search_data import SCRIPT

NAMES: dict[str, object] = {
    "DATA": DATA,
    "HOLDS_BY": HOLDS_BY,
    "LONGEST_HEADING": LONGEST_HEADING,
    "LONGEST_STATEMENT": LONGEST_STATEMENT,
    "MOST_RELATED": MOST_RELATED,
    "SCRIPT": SCRIPT,
    "finding_page": lambda item: finding_path(item.project, item.iteration, item.id),
    "page_path": page_path,
    "shown_pages": shown_pages,
}
