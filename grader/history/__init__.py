"""Everything that the learner did, in one SQLite file.  No check, event or review is ever taken out."""

from grader.history.checks import Check, Line, find, last_check, lines, record, states, total
from grader.history.database import DamagedHistory, HistoryUnwritable, NewerHistory, file
from grader.history.events import count, note

__all__ = [
    "Check",
    "DamagedHistory",
    "HistoryUnwritable",
    "Line",
    "NewerHistory",
    "count",
    "file",
    "find",
    "last_check",
    "lines",
    "note",
    "record",
    "states",
    "total",
]
