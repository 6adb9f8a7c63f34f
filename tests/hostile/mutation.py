"""Valid bytes made invalid, by a seeded generator: the same number always gives the same damage."""

import random
import re
import struct
from collections.abc import Callable, Sequence

Mutator = Callable[[random.Random, bytes], bytes]

WIDTHS = ("<B", "<h", ">h", "<i", ">i", "<q", ">q", "<f", ">f", "<d", ">d")
EXTREMES = (0, 1, -1, 127, 255, -128, 2**15 - 1, -(2**15), 2**31 - 1, -(2**31), 2**62, -(2**63))
REALS = (0.0, -0.0, -1.0, 1e-45, 1e38, float("inf"), -float("inf"), float("nan"))
TOKENS = (
    *(b"", b"\0", b"\x1b]0;x\x07", b"\r", b"\n", b"\r\n", b"\t", b'"', b"'", b'""', b"\\", b",", b";", b"|"),
    *(
        b"%",
        b"#",
        b"{",
        b"}",
        b"[",
        b"]",
        b":",
        b": ",
        b"&a ",
        b"*a",
        b"!!binary x",
        b"!!python/name:os.system ",
    ),
    *(b"\xff", b"\xfe\xff", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xc0\x80", b"\xf4\x90\x80\x80"),
    *(b"1e999", b"-1e999", b"1e-999", b"nan", b"inf", b"-0", b"0x10", b"1_000", b"9" * 400, b"1" * 5000),
    *(b"99999999999999999999", b"2024-02-30", b"true", b"null", b"NA", b"-", b"?", b"()", b"../../x", b"/"),
    *("\u202e", "\u0301", "\U0001f469\u200d\U0001f52c", "\u05e9\u05dc\u05d5\u05dd", "\u2028", "\x85"),
    *(b"=1+1", b"<script>", b"$(id)", b"%s%n", b"a" * 10_000, b"," * 3_000, b"[" * 3_000, b'"' * 1001),
)
"""What means something to a reader of text, or cannot be read as what stands there."""
NUMBER = re.compile(rb"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")


def mutated(seeds: Sequence[bytes], number: int, *, name: str = "", seed: int = 1, head: int = 400) -> bytes:
    """The input of a number.

    Args:
        seeds: valid inputs.
        number: of the input; it alone decides, with the name and the seed, what is done.
        head: bytes at the start that are hit more often than their share: a header.
    """
    draw = random.Random(f"{name}:{seed}:{number}")
    content = draw.choice(seeds)
    for _ in range(draw.choice((1, 1, 1, 2, 2, 3, 5))):
        if draw.random() < 0.05:
            content = _spliced(draw, content, draw.choice(seeds))
        else:
            content = draw.choice(MUTATORS)(draw, content, head)
    return content


def _place(draw: random.Random, content: bytes, head: int) -> int:
    return draw.randrange(min(head, len(content)) if draw.random() < 0.7 else len(content)) if content else 0


def _flipped(draw: random.Random, content: bytes, head: int) -> bytes:
    changed = bytearray(content)
    for _ in range(draw.choice((1, 1, 2, 8)) if content else 0):
        changed[_place(draw, content, head)] ^= 1 << draw.randrange(8)
    return bytes(changed)


def _truncated(draw: random.Random, content: bytes, head: int) -> bytes:
    return content[: _place(draw, content, head)]


def _inserted(draw: random.Random, content: bytes, head: int) -> bytes:
    place, token = _place(draw, content, head), draw.choice(TOKENS)
    return content[:place] + (token.encode() if isinstance(token, str) else token) + content[place:]


def _overwritten(draw: random.Random, content: bytes, head: int) -> bytes:
    """A number of a binary header set to an extreme, at a place that it might have."""
    kind = draw.choice(WIDTHS)
    value = draw.choice(REALS) if kind[1] in "fd" else draw.choice(EXTREMES)
    if kind[1] not in "fd":
        bits = 8 * struct.calcsize(kind)
        value = int(value) % 2**bits
        value -= 2**bits if kind[1].islower() and value >= 2 ** (bits - 1) else 0
    packed = struct.pack(kind, value)
    place = _place(draw, content, head)
    place -= place % draw.choice((1, 2, len(packed)))
    return content[:place] + packed + content[place + len(packed) :]


def _renumbered(draw: random.Random, content: bytes, head: int) -> bytes:
    """A number in a text made another."""
    found = list(NUMBER.finditer(content[: draw.choice((head, len(content)))]))
    if not found:
        return _inserted(draw, content, head)
    hit = draw.choice(found)
    other = draw.choice([token for token in TOKENS if isinstance(token, bytes) and token[:1].isalnum()])
    number = draw.choice((str(draw.choice(EXTREMES)).encode(), other))
    return content[: hit.start()] + number + content[hit.end() :]


def _removed(draw: random.Random, content: bytes, head: int) -> bytes:
    place = _place(draw, content, head)
    return content[:place] + content[place + draw.choice((1, 2, 4, 64, 1000)) :]


def _repeated(draw: random.Random, content: bytes, head: int) -> bytes:
    place, size = _place(draw, content, head), draw.choice((1, 4, 64, 1000))
    return content[:place] + content[place : place + size] * draw.choice((2, 3, 50)) + content[place + size :]


def _lines_changed(draw: random.Random, content: bytes, _head: int) -> bytes:
    """Lines repeated, removed or put elsewhere."""
    lines = content.split(b"\n")
    at, to = draw.randrange(len(lines)), draw.randrange(len(lines))
    line = lines.pop(at) if draw.random() < 0.6 else lines[at]
    if draw.random() < 0.7:
        lines.insert(to, line)
    return b"\n".join(lines)


def _reencoded(draw: random.Random, content: bytes, _head: int) -> bytes:
    text = content.decode("latin-1")
    return text.encode(draw.choice(("utf-16", "utf-16-be", "utf-32", "utf-8-sig", "utf-8")))


def _spliced(draw: random.Random, content: bytes, other: bytes) -> bytes:
    return content[: draw.randrange(len(content) + 1)] + other[draw.randrange(len(other) + 1) :]


MUTATORS = (
    *(_flipped, _truncated, _inserted, _inserted, _overwritten, _overwritten),
    *(_renumbered, _removed, _repeated, _lines_changed, _reencoded),
)
