"""The pages of docs/ as tests read them: blocks, headings, links, and what writes some of them."""

import importlib.util
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md"))
_FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def text_of(page: str) -> str:
    return (DOCS / page).read_text(encoding="utf-8")


def blocks(page: str, language: str) -> list[str]:
    """Fenced blocks of one language."""
    return [block for kind, block in _FENCED.findall(text_of(page)) if kind == language]


def languages(page: str) -> set[str]:
    """Of all fenced blocks; the empty one of a block without any."""
    return {kind for kind, _ in _FENCED.findall(text_of(page))}


def links(page: str) -> list[str]:
    """Where the links of a page lead to within docs/, as `page#anchor`."""
    found = _LINK.findall(_without_code(page))
    return [link for link in found if not re.match(r"[a-z]+:", link)]


def anchors(page: str) -> set[str]:
    """What a heading can be linked to by, as the site makes it."""
    headings = re.findall(r"^#+ (.+)$", _FENCED.sub("", text_of(page)), re.MULTILINE)
    plain = [re.sub(r"[^\w\s-]", "", heading).strip().lower() for heading in headings]
    return {re.sub(r"[-\s]+", "-", heading) for heading in plain}


def generator(name: str) -> Any:
    """A module of docs/ that writes a page."""
    spec = importlib.util.spec_from_file_location(name, DOCS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def guide_of(command: str) -> str:
    """The page of a command such as `extract deep`; commands of a group may share one."""
    own = f"commands/{command.replace(' ', '-')}.md"
    return own if (DOCS / own).is_file() else f"commands/{command.split(' ', maxsplit=1)[0]}.md"


def _without_code(page: str) -> str:
    return re.sub(r"`[^`\n]*`", "", _FENCED.sub("", text_of(page)))
