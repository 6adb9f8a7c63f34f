"""Text from data on its way to a reader: what cannot be seen is written out, so that it neither acts nor hides.

An ID may hold the sequences that command a terminal, a line break that would forge a line of ours, or signs that turn
the direction of writing. Files for programs keep it as it is; what people read shows it.
"""


def visible(text: str, kept: str = "") -> str:
    r"""A text with every sign that is not printable, but those in `kept`, as Python writes it: `\n`, `\u202e`.

    >>> print(visible("c1\x1b[2J\n"))
    c1\x1b[2J\n
    """
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() or sign in kept else _written_out(sign) for sign in text)


def _written_out(sign: str) -> str:
    return sign.encode("unicode_escape").decode("ascii")
