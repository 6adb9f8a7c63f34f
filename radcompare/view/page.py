"""The report as it is served: the same page with the script and the styles that make it respond."""

HEAD = b'<link rel="stylesheet" href="/view.css">\n<script src="/view.js" defer></script>\n'
END = b"</body>"


def with_script(page: bytes) -> bytes:
    """A page with the script and the styles before the end of its body; at the very end if it has none."""
    place = page.lower().rfind(END)
    place = len(page) if place < 0 else place
    return page[:place] + HEAD + page[place:]
