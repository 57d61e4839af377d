"""What a careful colleague would say of a letter before it leaves: one look a file, found by a scan."""

from .around import Around
from .finding import SEVERITIES, Finding
from .looking import check_letter

__all__ = ["SEVERITIES", "Around", "Finding", "check_letter"]
