"""When each document was created and last changed, and by whom: one pass over the history for all of them."""

from iterata.history.dates import Dates, History, read
from iterata.history.log import Moment

__all__ = ["Dates", "History", "Moment", "read"]
