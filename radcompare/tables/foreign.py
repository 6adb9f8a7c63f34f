"""Tables of other programs, told by the columns that each of them writes.

What each writes was read in its source: FMCIB 1.0 (`fmcib.run.get_features`: the columns of its input, then
`pred_0` to `pred_4095`), PySERA 1.0 to 2.1 (the sheet `Radiomics_Features`: `PatientID`, `ROI`, then features and
what is known of image and mask) and the published tables of radMLBench (features, `ID`, `Target`). pyradiomics needs
no entry: its names are this program's own.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

NONE = re.compile(r"(?!)")
"""Matches no name."""
_PYSERA_TEXTURE = (
    r"^(cm|rlm|szm|dzm|ngt|ngl|glcm|glrlm|glszm|gldzm|ngtdm|ngldm)_\w+_(2|25|2_5|3)D(_avg|_comb)?(_\d+)?$"
)
_PYSERA_DEEP = r"^(resnet50|vgg16|densenet121)_feature_\d+$"
_PYSERA_FEATURE = rf"{_PYSERA_TEXTURE}|{_PYSERA_DEEP}|^(morph|loc_peak|stat|ih|ivh|moment|mi)_"


@dataclass(frozen=True)
class Program:
    """How the tables of a program look.

    Attributes:
        name: of the program.
        marks: columns that each of its tables has.
        telling: matches a name that no table lacks and others do not write; anything where the marks say enough.
        features: matches the names of features.
        records: matches what else it writes: the place of a region, and numbers that describe the extraction.
        image: the column of image files, which call the cases of a table without IDs; "" for none.
        region: the column that tells regions of the same image apart.
        outcome: what it calls the outcome; "" where it has none.
    """

    name: str
    marks: tuple[str, ...]
    telling: re.Pattern[str]
    features: re.Pattern[str] = NONE
    records: re.Pattern[str] = NONE
    image: str = ""
    region: str = ""
    outcome: str = ""

    def wrote(self, columns: Collection[str]) -> bool:
        """Whether a table with these columns is one of this program."""
        return all(mark in columns for mark in self.marks) and any(map(self.telling.search, columns))

    def is_feature(self, column: str) -> bool:
        """Whether a column of one of its tables is a feature."""
        return self.features.search(column) is not None and not self.is_record(column)

    def is_record(self, column: str) -> bool:
        """Whether a column of one of its tables records the extraction."""
        return self.records.search(column) is not None


def _pysera(marks: tuple[str, ...], telling: str) -> Program:
    return Program(
        "PySERA",
        marks,
        re.compile(telling),
        re.compile(_PYSERA_FEATURE),
        re.compile(r"_(init|interp|reseg)_(img|roi)$|^(PatientID|ROI|File|Bin_Size_Used)$"),
        image="PatientID",
        region="ROI",
    )


PROGRAMS = (
    Program(
        "FMCIB",
        ("image_path", "coordX", "coordY", "coordZ"),
        re.compile(r"^pred_\d+$"),
        re.compile(r"^pred_\d+$"),
        re.compile(r"^(image_path|coord[XYZ])$"),
        image="image_path",
    ),
    _pysera(("PatientID", "ROI"), _PYSERA_FEATURE),
    # Lesions of an image taken together have no region, and less to be told by.
    _pysera(("PatientID",), f"{_PYSERA_TEXTURE}|{_PYSERA_DEEP}"),
    Program("radMLBench", ("Target",), re.compile(""), outcome="Target"),
)
"""The programs whose tables are recognised."""


def recognised(columns: Iterable[str]) -> tuple[Program, ...]:
    """The programs that wrote a table: none, one, or several where tables were merged."""
    names = dict.fromkeys(columns)
    found = {program.name: program for program in reversed(PROGRAMS) if program.wrote(names)}
    return tuple(found.values())[::-1]


def outcomes(programs: Sequence[Program]) -> tuple[str, ...]:
    """What the programs call the outcome."""
    return tuple(program.outcome for program in programs if program.outcome)


def said_of(programs: Sequence[Program], features: Sequence[str]) -> list[str]:
    """Notes on what was recognised, and what was made of it.

    Args:
        programs: those that wrote the table.
        features: the columns that are features.
    """
    return [_said_of(program, features) for program in programs]


def _said_of(program: Program, features: Sequence[str]) -> str:
    own = [name for name in features if program.is_feature(name)] or features
    outcome = f"; {program.outcome} is an outcome, never a feature" * bool(program.outcome)
    return (
        f"recognised as a table of {program.name}: {len(own)} columns taken as features, "
        f"{own[0]} to {own[-1]}{outcome}"
    )
