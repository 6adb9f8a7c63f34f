"""Errors say what was found and what to do, and end the program with the documented code."""

import inspect
import pickle

import pytest

from radcompare import errors
from radcompare.errors import (
    CaseError,
    ConfigError,
    DataError,
    ExitCode,
    MissingLibraryError,
    OutcomeError,
    RadcompareError,
    TableError,
    TestRefused,
    UnknownNameError,
    VerificationError,
    WeightsError,
    WorkerLostError,
    did_you_mean,
)

CODES = {
    ExitCode.USAGE: [ConfigError, MissingLibraryError, WeightsError, UnknownNameError],
    ExitCode.DATA: [DataError, TableError, OutcomeError, CaseError, TestRefused],
    ExitCode.UNEXPECTED: [RadcompareError, WorkerLostError],
    ExitCode.VERIFICATION_DIFFERS: [VerificationError],
}


def test_exit_codes_are_the_documented_ones() -> None:
    assert {code.name: int(code) for code in ExitCode} == {
        "DONE": 0,
        "UNEXPECTED": 1,
        "USAGE": 2,
        "DATA": 3,
        "SOME_CASES_FAILED": 4,
        "VERIFICATION_DIFFERS": 5,
        "INTERRUPTED": 130,
    }


def test_every_error_has_its_code() -> None:
    classes = {
        member
        for _, member in inspect.getmembers(errors, inspect.isclass)
        if issubclass(member, RadcompareError)
    }
    assert classes == {kind for kinds in CODES.values() for kind in kinds}
    for code, kinds in CODES.items():
        assert {kind.exit_code for kind in kinds} == {code}


def test_text_is_message_and_hint() -> None:
    assert str(ConfigError("a.yaml: no", "write yes")) == "a.yaml: no\nwrite yes"
    assert str(ConfigError("a.yaml: no")) == "a.yaml: no"


@pytest.mark.parametrize(
    "error", [TableError("t.csv: is empty", "give a table"), UnknownNameError("layer", "fc", ["fc6", "fc7"])]
)
def test_an_error_survives_the_way_from_another_process(error: RadcompareError) -> None:
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), copy.message, copy.hint) == (type(error), error.message, error.hint)
    assert str(copy) == str(error)


@pytest.mark.parametrize(
    ("name", "known", "expected"),
    [
        ("relief", ["su", "relieff"], "; did you mean 'relieff'?"),
        ("RELIEFF", ["su", "relieff"], "; did you mean 'relieff'?"),
        ("mask", ["Image", "Mask"], "; did you mean 'Mask'?"),
        ("banana", ["su", "relieff"], ""),
        ("", ["su"], ""),
        ("su", [], ""),
    ],
)
def test_did_you_mean(name: str, known: list[str], expected: str) -> None:
    assert did_you_mean(name, known) == expected


def test_an_unknown_name_lists_what_is_known() -> None:
    error = UnknownNameError("selector", "relief", iter(["relieff", "su"]))
    assert error.message == "unknown selector 'relief'; did you mean 'relieff'?"
    assert error.hint == "known: relieff, su"


def test_an_unknown_name_can_point_elsewhere_than_at_a_screenful() -> None:
    error = UnknownNameError("name", "cnnf", ["cnn-f", *map(str, range(500))], "radcompare list shows them")
    assert (error.message, error.hint) == (
        "unknown name 'cnnf'; did you mean 'cnn-f'?",
        "radcompare list shows them",
    )
