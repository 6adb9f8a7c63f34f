"""The house: imports point one way, rooms of a floor keep apart, only the top prints or exits, starting is light."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "radcompare"
FLOORS = (
    {"errors"},
    {"registry", "wrong_settings", "plain_yaml", "printable"},
    {"block", "fields", "source_sweep"},
    {"classifier_settings", "source_settings", "reading_settings"},
    {"cnn_settings"},
    {"settings"},
    {"config", "provenance", "memory"},
    {"parallel"},
    {"tables", "sealed"},
    {"imaging", "cache"},
    {"radiomics", "deep", "cnn", "selection", "learning", "compare", "report", "gathering"},
    {"measurement", "batches", "checking"},
    {"extraction", "evaluation"},
    {"preview", "pictures"},
    {"single_network"},
    {"experiment"},
    {"planning", "verification", "view"},
    {"console"},
    {"cli"},
    {"__main__"},
)
"""From the ground up. A room may import the rooms below it and itself."""
MAY_PRINT = {"console", "cli"}
MAY_EXIT = {"cli"}
HEAVY = {
    *("numpy", "pandas", "scipy", "pydantic", "yaml", "joblib", "cloudpickle", "distributed", "pyarrow"),
    *("SimpleITK", "torch", "torchvision", "sklearn", "radiomics", "matplotlib", "pywt", "PIL", "jinja2"),
}


@cache
def modules() -> dict[str, ast.Module]:
    """Every module of the package by its dotted name."""
    files = {path.relative_to(PACKAGE.parent).with_suffix(""): path for path in PACKAGE.rglob("*.py")}
    trees = {
        ".".join(name.parts).removesuffix(".__init__"): ast.parse(path.read_text(encoding="utf-8"))
        for name, path in files.items()
    }
    assert len(trees) > 50
    return trees


def imports(tree: ast.AST) -> Iterator[str]:
    """Dotted names of everything that is imported anywhere in a tree, functions included."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"relative import, line {node.lineno}"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def room(dotted: str) -> str:
    """`tables` for `radcompare.tables.files.read_frame`; "" for other packages and the package's own root."""
    parts = dotted.split(".")
    return parts[1] if parts[0] == "radcompare" and len(parts) > 1 and parts[1] in rooms() else ""


def rooms() -> set[str]:
    return set().union(*FLOORS)


def floor(name: str) -> int:
    return next(number for number, floor in enumerate(FLOORS) if name in floor)


def upward(module: str, tree: ast.AST) -> list[str]:
    """Imports of a module that go up, or across to another room of the same floor."""
    here = room(module)
    there = {name: room(name) for name in imports(tree)}
    return [
        f"{module} imports {name}"
        for name, other in there.items()
        if other and other != here and (not here or floor(other) >= floor(here))
    ]


def dotted_name(node: ast.AST) -> str:
    """`sys.stdout.write` for the expression, "" for anything but names and attributes."""
    if isinstance(node, ast.Attribute):
        return f"{dotted_name(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def prints(tree: ast.AST) -> list[str]:
    """What writes to the terminal: by itself, or by a library for it."""
    calls = [dotted_name(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)]
    writes = {"print", "sys.stdout.write", "sys.stderr.write", "sys.stdout.buffer.write", "warnings.warn"}
    libraries = [name for name in imports(tree) if name.split(".")[0] in ("rich", "typer")]
    return [name for name in calls if name in writes] + libraries


def exits(tree: ast.AST) -> list[str]:
    """What ends the program."""
    names = [dotted_name(node) for node in ast.walk(tree) if isinstance(node, ast.Name | ast.Attribute)]
    return [
        name for name in names if name in ("exit", "quit", "sys.exit", "os._exit", "os.abort", "SystemExit")
    ]


def at_start(tree: ast.Module) -> Iterator[str]:
    """What a module imports when it is itself imported: not in functions, not for type checkers alone."""
    for node in tree.body:
        checkers_only = isinstance(node, ast.If) and dotted_name(node.test) == "TYPE_CHECKING"
        if not checkers_only and not isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield from imports(node)


def reached(start: str, trees: dict[str, ast.Module]) -> set[str]:
    """The modules that are imported, directly or not, by importing one."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        module = waiting.pop()
        if module in found:
            continue
        found.add(module)
        parents = [module.rpartition(".")[0]]
        names = [part for name in at_start(trees[module]) for part in (name, name.rpartition(".")[0])]
        waiting += [name for name in (*parents, *names) if name in trees]
    return found


def test_every_module_is_in_a_room() -> None:
    homeless = [name for name in modules() if name != "radcompare" and not room(name)]
    assert not homeless, "put it into FLOORS: who may import it?"


def test_imports_point_down() -> None:
    assert [line for name, tree in modules().items() for line in upward(name, tree)] == []


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("radcompare.tables.planted", "from radcompare.imaging.region import Region"),
        ("radcompare.selection.planted", "from radcompare.learning import splits"),
        ("radcompare.compare.planted", "import radcompare.report.text"),
        ("radcompare.errors", "from radcompare import registry"),
        ("radcompare.config", "def later():\n    from radcompare.experiment import run"),
        ("radcompare.experiment", "from radcompare.cli import main"),
        ("radcompare", "from radcompare import errors"),
    ],
)
def test_the_check_finds_a_planted_import(module: str, line: str) -> None:
    assert len(upward(module, ast.parse(line))) == 1


@pytest.mark.parametrize(
    "line",
    ["from radcompare.tables import files", "from radcompare import __version__", "import numpy as np"],
)
def test_the_check_lets_a_downward_import_pass(line: str) -> None:
    assert upward("radcompare.selection.planted", ast.parse(line)) == []


def test_only_the_top_prints_and_only_the_command_line_exits() -> None:
    trees = modules()
    printing = {name: found for name, tree in trees.items() if (found := prints(tree))}
    exiting = {name: found for name, tree in trees.items() if (found := exits(tree))}
    assert {name: found for name, found in printing.items() if room(name) not in MAY_PRINT} == {}
    assert {name: found for name, found in exiting.items() if room(name) not in MAY_EXIT} == {}
    assert {room(name) for name in printing} == MAY_PRINT
    assert {room(name) for name in exiting} == MAY_EXIT


@pytest.mark.parametrize("line", ["print(1)", "sys.stderr.write('x')", "import rich.table", "import typer"])
def test_the_check_finds_a_planted_print(line: str) -> None:
    assert prints(ast.parse(line))


@pytest.mark.parametrize("line", ["sys.exit(1)", "raise SystemExit", "def f():\n    exit()"])
def test_the_check_finds_a_planted_exit(line: str) -> None:
    assert exits(ast.parse(line))


def heavy(trees: dict[str, ast.Module]) -> list[str]:
    """Heavy libraries that `import radcompare.cli` would load."""
    return [
        f"{module} imports {name}"
        for module in reached("radcompare.cli", trees)
        for name in at_start(trees[module])
        if name.split(".")[0] in HEAVY
    ]


def test_starting_loads_nothing_heavy() -> None:
    trees = modules()
    assert {"radcompare.cli.tables", "radcompare.console", "radcompare.registry"} <= reached(
        "radcompare.cli", trees
    )
    assert heavy(trees) == []


def test_the_check_finds_a_planted_heavy_import() -> None:
    trees = modules()
    trees["radcompare.errors"] = ast.parse("import numpy as np")
    assert heavy(trees) == ["radcompare.errors imports numpy"]


def test_no_module_is_called_by_a_word_that_says_nothing() -> None:
    vague = {"utils", "util", "helpers", "helper", "manager", "core", "common", "misc"}
    assert not [name for name in modules() if vague & set(name.split("."))]
