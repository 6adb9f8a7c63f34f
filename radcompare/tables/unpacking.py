"""Packed tables that are no bombs: a few bytes may stand for a thousand million of the same value."""

import gzip
import io

BLOCK = 2**20
LARGE = 2**30
"""Bytes that any packed table may come to."""
MOST = 200
"""How many times as large a larger one may be as what it was packed into; text comes to ten."""


def unzipped(content: bytes) -> bytes:
    """What was gzipped.

    Raises:
        OSError, EOFError, zlib.error: it is damaged.
        ValueError: it is larger than tables are.
    """
    parts, size, most = [], 0, _most(content)
    try:
        with gzip.open(io.BytesIO(content)) as file:
            while block := file.read(BLOCK):
                parts.append(block)
                size += len(block)
                if size > most:
                    raise ValueError(f"it unpacks to more than {most:,} bytes")
    except gzip.BadGzipFile as error:
        raise ValueError(str(error).partition(" 0x")[0]) from None  # without the sums that differ
    return b"".join(parts)


def refuse_large_parquet(content: bytes) -> None:
    """Refuse a file that declares more cells than tables have.

    Raises:
        ValueError: it does, or is damaged.
    """
    from pyarrow.parquet import ParquetFile

    declared = ParquetFile(io.BytesIO(content)).metadata
    if declared.num_rows * declared.num_columns * 8 > _most(content):
        raise ValueError(f"it declares {declared.num_rows:,} rows of {declared.num_columns:,} columns")


def _most(content: bytes) -> int:
    return max(LARGE, MOST * len(content))
