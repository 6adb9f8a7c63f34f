"""How much memory a worker may use: read from text, imposed on the process, known again in errors when it ran out."""

import re
import sys

from radcompare.errors import ConfigError

LEAST = 500_000_000
"""Python with the libraries that measure and learn takes most of this before there is any data."""
_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
_UNITS |= {f"{unit}I": 2 ** (10 * power) for power, unit in enumerate("KMGT", start=1)}
_SIZE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([KMGT]?I?)B?\s*", re.IGNORECASE)
_REFUSALS = (
    "can't allocate memory",  # torch
    "Failed to allocate memory",  # ITK
    "std::bad_alloc",
)

_limit: int | None = None


def parse_memory(text: str) -> int:
    """Bytes from a size: `2GB` and `2G` are 2 x 10^9, `1.5GiB` is 1.5 x 2^30, as Dask reads them.

    Raises:
        ConfigError: it is no size.
    """
    found = _SIZE.fullmatch(text)
    if found is None or found[2].upper() not in _UNITS:
        raise ConfigError(f"memory {text!r}: expected a size", "such as 2GB, 512M or 1.5GiB")
    return int(float(found[1]) * _UNITS[found[2].upper()])


def in_words(memory: int) -> str:
    """`2.0 GB`."""
    return f"{memory / 1e9:.1f} GB"


def allowed_memory(memory: int | str) -> int:
    """A limit in bytes, once it is known that it can be kept.

    Raises:
        ConfigError: it is no size, is too small for any work, or this system limits no process.
    """
    if sys.platform != "linux":
        raise ConfigError(
            f"memory cannot be limited on {sys.platform}, only on Linux",
            "leave the limit out, and use fewer jobs",
        )
    size = parse_memory(memory) if isinstance(memory, str) else memory
    if size < LEAST:
        problem = f"memory {memory}: a worker needs {LEAST // 10**6} MB for its libraries alone"
        raise ConfigError(problem, "give more")
    return size


def limit_memory(size: int) -> None:
    """Let the system refuse this process what goes beyond so many bytes of data.

    RLIMIT_DATA counts what may be written to and belongs to this process alone, as malloc, numpy and torch take it.
    RLIMIT_AS counts every address, also of libraries and of ranges that CUDA and malloc only reserve: importing torch
    fails under a gigabyte of it, though it takes a third of that.
    """
    global _limit
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    if hard != resource.RLIM_INFINITY:
        size = min(size, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (size, hard))
    _limit = size


def is_limited() -> bool:
    """Whether this process is a worker with a limit, from which `each` takes a MemoryError as a lost item."""
    return _limit is not None


def memory_ran_out(error: BaseException | None) -> bool:
    """Whether an error, or the one that it was made of, says that memory was refused."""
    while error is not None:
        refused = isinstance(error, RuntimeError) and any(words in str(error) for words in _REFUSALS)
        if refused or isinstance(error, MemoryError):
            return True
        error = error.__cause__
    return False
