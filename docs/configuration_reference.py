"""Writes docs/reference/configuration.md from the settings themselves: `python docs/configuration_reference.py`."""

from collections.abc import Iterator
from inspect import cleandoc
from pathlib import Path
from typing import Any

from radcompare import source_sweep
from radcompare.block import Settings
from radcompare.classifier_settings import BLOCKS as CLASSIFIERS
from radcompare.settings import Experiment

INTRODUCTION = """# Experiment files

Every key of the YAML file that `radcompare run` takes, with its type, default and meaning. Written by
`docs/configuration_reference.py` from the settings that the program checks. An unknown key is an error that names the
nearest known one.

- Any key can be replaced on the command line: `--set validation.folds=5`, `--set arms.deep.select=su:20`.
- A relative path belongs to the folder of the file; `${NAME}` in a path is an environment variable, `~` the home folder.
- Where a list of names, selections, classifiers, tests or seeds is expected, one of them may stand alone.
- In `select`, `select_each` and `classifiers` a list of values for one setting stands for as many configurations:
  `{method: relieff, top: [5, 10]}`. The first configuration of an arm is tested, the others are exploratory.

| key | in short | in long |
|---|---|---|
| `select`, `select_each` | `relieff:5`, `mrmr:10,bins=5`, `all` | `{method: relieff, top: 5}`, `{method: mrmr, top: 10, bins: 5}`, `{method: all}` |
| `classifiers` | `knn`, `random-forest:trees=500,min_leaf=2` | `{name: knn}`, `{name: random-forest, trees: 500, min_leaf: 2}` |
| `validation` | `loo`, `cohort`, `10`, `5x10`, `bootstrap:200` | `{scheme: loo}`, `{scheme: cohort}`, `{scheme: kfold, folds: 10}`, `{scheme: kfold, repeats: 5, folds: 10}`, `{scheme: bootstrap, repeats: 200}` |
| `inner` | `5`, `2x5` | `{folds: 5}`, `{repeats: 2, folds: 5}` |
| `weights` | `vgg-f.mat` | `{file: vgg-f.mat, lock: SHA256}` |
"""
TITLES = {
    "Experiment": "The file",
    "Phantom": "phantom",
    "Reading": "reading",
    "RadiomicsSource": "sources: handcrafted features",
    "DeepSource": "sources: deep features",
    "ColumnsSource": "sources: columns that exist",
    "Arm": "arms",
    "Selection": "select",
    "Cnn": "cnn",
    "Augmentation": "augment",
    "Ensemble": "ensemble",
    "Validation": "validation",
    "Inner": "inner",
    "Statistics": "statistics",
    **{block.__name__: f"classifiers: {name}" for name, block in CLASSIFIERS.items()},
}
"""What a block is called on the page."""
SIMPLE = {"integer": "whole number", "number": "number", "boolean": "`true` or `false`", "null": "nothing"}
LIMITS = {
    "minimum": "at least",
    "exclusiveMinimum": "more than",
    "maximum": "at most",
    "exclusiveMaximum": "less than",
}


def page() -> str:
    """The whole file."""
    return "\n".join([INTRODUCTION, *map(_section, blocks()), _sweep()])


def blocks() -> list[type[Settings]]:
    """Every block that an experiment file may hold, in the order in which the first mention of each stands."""
    classes = {kind.__name__: kind for kind in _descendants(Settings)}
    found: dict[str, None] = {"Experiment": None}
    definitions = Experiment.model_json_schema()["$defs"] | {"Experiment": Experiment.model_json_schema()}
    _collect("Experiment", definitions, found)
    return [classes[name] for name in found]


def keys_of(block: type[Settings]) -> dict[str, dict[str, Any]]:
    """Every key of a block with its JSON schema."""
    properties: dict[str, dict[str, Any]] = block.model_json_schema()["properties"]
    return properties


def _collect(name: str, definitions: dict[str, Any], found: dict[str, None]) -> None:
    for reference in _references(definitions[name].get("properties", {})):
        if reference not in found:
            found[reference] = None
            _collect(reference, definitions, found)


def _references(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if isinstance(schema.get("$ref"), str):
            yield schema["$ref"].rpartition("/")[2]
        schema = [value for key, value in schema.items() if key not in ("default", "discriminator")]
    if isinstance(schema, list):
        for value in schema:
            yield from _references(value)


def _descendants(kind: type[Settings]) -> Iterator[type[Settings]]:
    for child in kind.__subclasses__():
        yield child
        yield from _descendants(child)


def _section(block: type[Settings]) -> str:
    lines = [
        f"- `{key}` ({_type(key, schema, block)}){_meaning(schema)}" for key, schema in keys_of(block).items()
    ]
    title = TITLES.get(block.__name__, block.__name__)
    return "\n".join([f"## {title}", "", cleandoc(block.__doc__ or ""), "", *lines, ""])


def _meaning(schema: dict[str, Any]) -> str:
    if "const" in schema:
        return ""
    return f": {schema.get('description', '')}".replace("<", "&lt;").replace("*", "\\*")


def _type(key: str, schema: dict[str, Any], block: type[Settings]) -> str:
    return f"{_in_words(schema)}; {_default(block.model_fields[key])}"


def _in_words(schema: dict[str, Any]) -> str:
    """What a key may hold."""
    if "$ref" in schema:
        return _link(schema["$ref"].rpartition("/")[2])
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return _several([one for one in schema[several] if one.get("type") != "null"])
    if "const" in schema:
        return f"`{schema['const']}`"
    if "enum" in schema:
        return _joined([f"`{value}`" for value in schema["enum"]])
    kind = schema.get("type", "")
    if kind == "array":
        return _list(schema)
    if kind == "object":
        inner = schema.get("additionalProperties") or next(
            iter(schema.get("patternProperties", {}).values()), {}
        )
        return f"names, each with {_in_words(inner)}" if inner else "names with values"
    if kind == "string":
        return "path" if schema.get("format") == "path" else "text"
    return " ".join([SIMPLE.get(kind, "any value"), *_limits(schema)])


def _several(schemas: list[dict[str, Any]]) -> str:
    names = [_class_of(one) for one in schemas]
    if len(names) > 3 and all(name in _classifier_names() for name in names):
        return "a classifier, see below"
    return _joined(list(dict.fromkeys(map(_in_words, schemas))))


def _classifier_names() -> set[str]:
    return {block.__name__ for block in CLASSIFIERS.values()}


def _class_of(schema: dict[str, Any]) -> str:
    return str(schema.get("$ref", "")).rpartition("/")[2]


def _list(schema: dict[str, Any]) -> str:
    if "prefixItems" in schema:
        return f"list of {len(schema['prefixItems'])} numbers"
    return f"list of: {_in_words(schema.get('items', {}))}"


def _limits(schema: dict[str, Any]) -> Iterator[str]:
    found = [f"{words} {schema[key]:,}" for key, words in LIMITS.items() if key in schema]
    if found:
        yield "of " + " and ".join(found)


def _link(name: str) -> str:
    title = TITLES.get(name, name)
    return f"[{title}](#{_anchor(title)})"


def _anchor(title: str) -> str:
    return "-".join("".join(sign for sign in title.lower() if sign.isalnum() or sign in " -_").split())


def _joined(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _default(field: Any) -> str:
    if field.is_required():
        return "required"
    if field.default_factory is not None or field.default in (None, ()):
        return "absent by default"
    return f"default {_value(field.default)}"


def _value(default: Any) -> str:
    if isinstance(default, tuple):
        return ", ".join(map(_value, default))
    if isinstance(default, Settings):
        return f"`{default}`" if type(default).__str__ is not Settings.__str__ else "as that block says"
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def _sweep() -> str:
    return "\n".join(["## sweep", "", cleandoc(source_sweep.__doc__ or ""), ""])


if __name__ == "__main__":
    target = Path(__file__).parent / "reference" / "configuration.md"
    target.write_text(page(), encoding="utf-8")
