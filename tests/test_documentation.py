"""docs/ is whole: every command, option and key has its words, every page its place, every link an end."""

import posixpath
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from documented import DOCS, PAGES, ROOT, anchors, blocks, generator, guide_of, languages, links, text_of

from radcompare.config import Experiment, parse

CLI, CONFIGURATION = generator("cli_reference"), generator("configuration_reference")
COMMANDS = dict(CLI.commands())
SETTINGS = {block.__name__: block for block in CONFIGURATION.blocks()}
HEADINGS = ("Example", "What comes out", "What can go wrong")


def named(option: str, page: str) -> bool:
    """Whether a page has an option as code, alone or with its value."""
    return re.search(rf"`[^`\n]*{re.escape(option)}(?![\w-])", text_of(page)) is not None


@pytest.mark.parametrize(("module", "page"), [(CLI, "cli"), (CONFIGURATION, "configuration")])
def test_the_reference_is_written_from_the_program(module: Any, page: str) -> None:
    assert text_of(f"reference/{page}.md") == module.page(), "run make docs"


def test_commands_and_blocks_are_found() -> None:
    assert {"run", "extract deep", "cache clear"} <= set(COMMANDS)
    assert {"Experiment", "Selection", "Augmentation", "RandomForest", "DeepSource"} <= set(SETTINGS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_a_guide_with_an_example(command: str) -> None:
    page = guide_of(command)
    assert page in PAGES, f"{page} is to be written"
    headings = re.findall(r"^## (.+)$", text_of(page), re.MULTILINE)
    assert [name for name in HEADINGS if name not in headings] == []
    assert f"radcompare {command} " in "".join(blocks(page, "sh")).replace("\n", " ")
    assert f"]({Path(page).name})" in text_of("commands/index.md")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_is_in_the_guide_and_in_the_reference(command: str) -> None:
    reference = text_of("reference/cli.md").split(f"\n## radcompare {command}\n")[1].split("\n## ")[0]
    for option in CLI.options_of(COMMANDS[command]):
        name = max(option.opts, key=len)
        assert re.search(rf"`{name}[ `]", reference), name
        assert named(name, guide_of(command)), name


def test_guides_name_no_option_that_does_not_exist() -> None:
    known = {
        name
        for command in COMMANDS.values()
        for one in command.params
        for name in (*one.opts, *one.secondary_opts)
    } | {"--help"}
    for page in (page for page in PAGES if page.startswith("commands/")):
        own = re.sub(r"```text\n.*?```|timeout .*?(?=radcompare)", "", text_of(page), flags=re.DOTALL)
        assert [name for name in re.findall(r"(?<![\w-])--[a-z][a-z-]*", own) if name not in known] == [], (
            page
        )


@pytest.mark.parametrize("block", SETTINGS)
def test_every_key_is_in_the_reference_and_has_words(block: str) -> None:
    title = CONFIGURATION.TITLES.get(block, block)
    section = text_of("reference/configuration.md").split(f"\n## {title}\n")[1].split("\n## ")[0]
    for key, schema in CONFIGURATION.keys_of(SETTINGS[block]).items():
        assert f"- `{key}` (" in section, key
        assert schema.get("description") or "const" in schema, f"{block}.{key} has no words"


def test_every_page_has_its_place() -> None:
    nav = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))["nav"]
    assert sorted(leaves(nav)) == PAGES


def leaves(nav: Any) -> list[str]:
    if isinstance(nav, str):
        return [nav]
    inner = nav.values() if isinstance(nav, dict) else nav
    return [page for part in inner for page in leaves(part)]


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page: str) -> None:
    for link in links(page):
        path, _, anchor = link.partition("#")
        target = posixpath.normpath(posixpath.join(posixpath.dirname(page), path)) if path else page
        assert (DOCS / target).is_file(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("page", PAGES)
def test_blocks_say_whether_they_run(page: str) -> None:
    assert languages(page) <= {"sh", "yaml", "text"}


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "yaml")])
def test_experiments_on_pages_are_right(page: str) -> None:
    for block in blocks(page, "yaml"):
        parse(Experiment, yaml.safe_load(block), origin=page)


def test_a_command_without_a_guide_and_a_dead_link_would_be_found() -> None:
    assert guide_of("cache info") == "commands/cache.md"
    assert guide_of("nonsense") not in PAGES
    assert "options-that-many-commands-share" in anchors("commands/index.md")
    assert not named("--jo", "commands/index.md")
