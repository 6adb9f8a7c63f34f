"""What changed beneath a stored run: its inputs, its weights, the versions, its settings, its seed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from radcompare.config import ColumnsSource, Experiment
from radcompare.errors import RadcompareError, TableError
from radcompare.extraction import load_extractor, sequences_of
from radcompare.provenance import digest_code, digest_file, digest_input, environment, without_folders
from radcompare.report.file_names import file_name
from radcompare.tables.case import Case
from radcompare.tables.cohort import Cohort, read_cohort

Kind = Literal["input", "weights", "version", "setting", "seed"]


@dataclass(frozen=True)
class Cause:
    """One thing that is not as it was.

    Attributes:
        kind: what it is.
        what: its name: a file, a library, a key.
        stored, found: then and now.
    """

    kind: Kind
    what: str
    stored: str
    found: str

    def in_words(self) -> str:
        """One line."""
        return f"{self.kind}: {self.what}: {self.stored} stored, {self.found} found"


def changed_inputs(folder: Path, experiment: Experiment, stored: Mapping[str, Any]) -> Iterator[Cause]:
    """Tables, images, masks and weights that hold other bytes than they did.

    Args:
        folder: of the run.
        experiment: its settings.
        stored: its `run.json`.

    Raises:
        TableError: a table is gone or cannot be read.
    """
    yield from _tables(experiment, stored)
    yield from _cases(folder, experiment)
    yield from _sources(experiment, stored)


def changed_settings(experiment: Experiment, stored: Mapping[str, Any]) -> Iterator[Cause]:
    """Versions, settings and the seed that are not those of the run."""
    now = environment()
    for name, version in stored.get("versions", {}).items():
        found = now["versions"].get(name, "absent")
        if found != version:
            yield Cause("version", name, version, found)
    if stored.get("platform") != now["platform"]:
        yield Cause("version", "platform", str(stored.get("platform")), now["platform"])
    if stored.get("code_sha256") not in (None, digest_code()):
        yield Cause(
            "version", "the source of radcompare", _short(stored["code_sha256"]), _short(digest_code())
        )
    given = without_folders(experiment.model_dump(mode="json"))
    before = stored.get("config", {})
    for key, one, two in differing(before, given) if before else ():
        yield Cause("seed" if key == "seed" else "setting", key, one, two)


def _tables(experiment: Experiment, stored: Mapping[str, Any]) -> Iterator[Cause]:
    """The cohort, or the tables in its place, and tables that sources name."""
    paths: dict[str, list[Path]] = {}
    if experiment.cohort != "phantom":
        base = (experiment.cohort, experiment.table, experiment.test_table)
        paths["cohort"] = [Path(str(path)) for path in base if path is not None]
    for name, source in experiment.sources.items():
        if isinstance(source, ColumnsSource) and source.table is not None:
            paths[name] = [source.table]
    before = stored.get("inputs", {})
    for name, files in paths.items():
        found = [_digest(path) for path in files]
        known = before.get(name, before.get("cohort", "")).split(", ")  # a table like the cohort is told once
        for path, one, two in zip_longest(files, known, found, fillvalue=""):
            if one != two:
                yield Cause("input", Path(path).name, _short(one), _short(two))


def _digest(path: Path) -> str:
    if not path.is_file():
        raise TableError(f"{path}: is not there any more", "restore it, or give it with --cohort")
    return digest_file(path)


def _cases(folder: Path, experiment: Experiment) -> Iterator[Cause]:
    """Images and masks of every case, as the readings of each source recorded them."""
    if experiment.cohort in (None, "phantom"):
        return
    cohort = read_cohort(str(experiment.cohort), experiment.reading)
    told: dict[tuple[str, str], Cause] = {}
    for name, source in experiment.sources.items():
        path = folder / "features" / f"{file_name(name)}.readings.csv"
        if isinstance(source, ColumnsSource) or not path.is_file():
            continue
        read = pd.read_csv(path, dtype="str", keep_default_na=False)
        if "image_sha256" not in read.columns:
            continue
        cases = _images(cohort, sequences_of(source))
        for row in ({str(key): cell for key, cell in row.items()} for row in read.to_dict("records")):
            case = cases.get((row["ID"], row.get("sequence", "")))
            for cause in _files(row, case):
                told.setdefault((cause.what, cause.found), cause)
    yield from told.values()


def _images(cohort: Cohort, sequences: tuple[str, ...]) -> dict[tuple[str, str], Case]:
    if not sequences:
        return {(case.case, ""): case for case in cohort.cases}
    return {
        (case.case, name): case for name in sequences for case in cohort.sequence(name) if case is not None
    }


def _files(row: Mapping[str, Any], case: Case | None) -> Iterator[Cause]:
    if case is None:
        yield Cause("input", f"case {row['ID']}", "in the cohort", "no such case")
        return
    for what, path in (("image", case.image), ("mask", case.mask)):
        found = digest_input(path)
        if found != row[f"{what}_sha256"]:
            named = f"the {what} of case {case.case} ({path.name})"
            yield Cause("input", named, _short(row[f"{what}_sha256"]), _short(found) if found else "no file")


def _sources(experiment: Experiment, stored: Mapping[str, Any]) -> Iterator[Cause]:
    """What decides the values of a source: its weights, its parameter file."""
    for name, source in experiment.sources.items():
        if isinstance(source, ColumnsSource):
            continue
        before = stored.get("sources", {}).get(name)
        if not before:
            continue
        try:
            now = dict(load_extractor(source).settings())
        except RadcompareError as error:
            yield Cause("weights", f"source {name}", "could be read", error.message)
            continue
        for key, one, two in differing(before[0].get("settings", {}), now):
            if key.partition(".")[0] != "programs":  # versions are told as such
                yield Cause("weights", f"source {name}: {key}", one, two)


def differing(before: Any, now: Any, where: str = "") -> Iterator[tuple[str, str, str]]:
    """Keys of two nested settings whose values differ, with both."""
    if isinstance(before, Mapping) and isinstance(now, Mapping):
        for key in dict.fromkeys([*before, *now]):
            yield from differing(before.get(key), now.get(key), f"{where}.{key}".lstrip("."))
    elif _plain(before) != _plain(now):
        yield where, str(before), str(now)


def _plain(value: Any) -> Any:
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value


def _short(digest: str) -> str:
    return f"SHA-256 {digest[:12]}" if digest else "none"
