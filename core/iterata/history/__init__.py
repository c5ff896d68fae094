"""When each document was created and last changed, and by whom: one pass over the history for all of them."""

from iterata.repository.history import Dates, History, read
from iterata.repository.log import Moment

__all__ = ["Dates", "History", "Moment", "read"]
