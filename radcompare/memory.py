"""Memory that networks use again and again, kept by the process in place of being asked for each time."""

import ctypes
import sys
from functools import cache

_MMAP_THRESHOLD, _TRIM_THRESHOLD = -3, -1
_MOST = 2**30
"""Blocks up to a gigabyte are taken from the heap, and as much of it stays when they are freed."""


@cache
def keep_freed_memory() -> None:
    """Let the C library keep what is freed: maps of a layer are as large in every step.

    glibc gives blocks beyond 32 MB back to the system at once, which then has to empty their pages for the next step;
    that was up to half of the time of training a small network. Where there is no glibc nothing is done.
    """
    if not sys.platform.startswith("linux"):
        return
    try:
        mallopt = ctypes.CDLL("libc.so.6").mallopt
    except (OSError, AttributeError):
        return
    mallopt(_MMAP_THRESHOLD, _MOST)
    mallopt(_TRIM_THRESHOLD, _MOST)
