"""A batch file of pyradiomics as a cohort."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from radcompare.errors import ConfigError
from radcompare.gathering.rows import Gathered, Row, Unpaired, as_name, in_order, numbered, shown
from radcompare.parallel import Progress
from radcompare.tables.case import Case
from radcompare.tables.cohort import survey_cohort

PATIENT = ("patient_id", "patientid", "patient")


def read_batch(source: Path, beside: Path, *, jobs: int, progress: Progress) -> Gathered:  # noqa: ARG001
    """A CSV with Image, Mask and optional ID and Label, as `pyradiomics batch.csv` takes.

    Headers may be in any case. Relative paths are relative to the file. Other columns pass through; `Patient` also
    becomes patient_id.

    Raises:
        ConfigError: there is no such file.
        TableError: as `tables.cohort.survey_cohort`.
    """
    if not source.is_file():
        raise ConfigError(
            f"{source}: is no file", "pyradiomics' importer takes a batch CSV in place of a folder"
        )
    cohort, problems = survey_cohort(str(source))
    rows: list[Row] = []
    unpaired = [Unpaired(shown(source), problem.problem) for problem in problems if problem.case]
    for case, cells in zip(cohort.cases, cohort.columns.to_dict("records"), strict=True):
        absent = [path for path in (case.image, case.mask) if not path.exists()]
        unpaired += [Unpaired(shown(path), f"does not exist; case {case.case} names it") for path in absent]
        if not absent:
            rows.append(_row(case, {str(name): cell for name, cell in cells.items()}, cohort.folder))
    names = numbered([row.id for row in rows])
    rows = [replace(row, id=name) for row, name in zip(rows, names, strict=True)]
    return in_order(rows, unpaired, [problem.problem for problem in problems if not problem.case])


def _row(case: Case, cells: Mapping[str, Any], folder: Path) -> Row:
    by_name = {name.casefold(): cell for name, cell in cells.items()}
    patient = next((str(by_name[name]) for name in PATIENT if by_name.get(name, "") == by_name.get(name)), "")
    name = case.case if case.case not in ("", "nan") else case.image.name.split(".")[0]
    return Row(
        id=as_name(name),
        image=case.image,
        mask=case.mask,
        patient_id=as_name(patient) or as_name(name),
        label=case.label,
        series=case.series,
        structure=case.structure,
        organ=case.organ,
        modality=case.modality,
        more={
            column: folder / cell if _is_path(column, cell) else cell
            for column, cell in cells.items()
            if column.casefold() not in ("patient_id", "modality")
        },
    )


def _is_path(column: str, cell: object) -> bool:
    """Whether a cell is the file of another sequence."""
    return column.casefold().startswith(("image_", "mask_")) and isinstance(cell, str) and bool(cell.strip())
