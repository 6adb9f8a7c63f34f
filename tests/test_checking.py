"""What a check finds in cases that stand beside each other, and what it says is to come."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from radcompare.checking import check_cohort, look_at
from radcompare.config import Phantom, RadiomicsSource, load_experiment
from radcompare.imaging.phantom import write_cohort
from radcompare.parallel import silent
from radcompare.planning import about, foresee, plan_extraction, time_source
from radcompare.reading_settings import Reading
from radcompare.tables.case import Case, Problem
from radcompare.tables.cohort import read_cohort, survey_cohort

CASES = 6


@pytest.fixture(scope="module")
def phantom(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """Six cases with absolute paths."""
    folder = tmp_path_factory.mktemp("checked")
    frame = pd.read_csv(write_cohort(Phantom(cases=CASES), folder))
    return frame.assign(**{name: [str(folder / path) for path in frame[name]] for name in ("Image", "Mask")})


def beside(frame: pd.DataFrame, folder: Path, outcome: str | None = None) -> list[Problem]:
    """The problems that are of no case alone, or of copies."""
    path = folder / "c.csv"
    frame.to_csv(path, index=False)
    found = check_cohort(str(path), outcome=outcome).problems
    return [p for p in found if not p.case or "by content" in p.problem]


def repeated(frame: pd.DataFrame, times: int) -> pd.DataFrame:
    """The same files under new names, as a cohort large enough to have an order."""
    many = pd.concat([frame] * times, ignore_index=True)
    return many.assign(ID=[f"c{row}" for row in range(len(many))])


def test_nothing_is_said_of_a_good_cohort(phantom: pd.DataFrame, tmp_path: Path) -> None:
    assert beside(phantom, tmp_path) == []


def test_copies_are_found_by_content_whatever_they_are_called(phantom: pd.DataFrame, tmp_path: Path) -> None:
    for name in ("Image", "Mask"):
        copy = tmp_path / f"other_{name}.nii.gz"
        copy.write_bytes(Path(phantom.loc[0, name]).read_bytes())
        phantom = phantom.assign(**{name: [phantom[name][0], str(copy), *phantom[name][2:]]})
    (told,) = beside(phantom, tmp_path)
    assert (told.case, told.severity) == ("phantom-001", "warning")
    assert told.problem.startswith(
        "the same image and region as phantom-002, by content; yet 'malignant' differs"
    )
    assert told.problem.endswith("they are said to be of different patients")
    assert "wrong files or the wrong outcome" in told.hint


def test_another_region_of_the_same_image_is_no_copy(phantom: pd.DataFrame, tmp_path: Path) -> None:
    frame = phantom.assign(
        Image=phantom["Image"].iloc[0], Mask=phantom["Mask"].iloc[0], Label=range(1, CASES + 1)
    )
    assert not [p for p in beside(frame, tmp_path) if "by content" in p.problem]


def test_an_outcome_in_order_is_told_and_a_mixed_one_is_not(phantom: pd.DataFrame, tmp_path: Path) -> None:
    many = repeated(phantom, 5).assign(patient_id=None)
    sorted_ones = many.assign(malignant=np.sort(many["malignant"]))
    (told,) = [p for p in beside(sorted_ones, tmp_path) if "order" in p.problem]
    assert told.case == ""
    assert told.problem.endswith(
        "c.csv: 'malignant' follows the order of the rows: the row number alone has an AUC of 1.00, "
        "rank-sum test p = 3e-06"
    )
    assert not [p for p in beside(many, tmp_path) if "order" in p.problem]


def test_a_case_that_cannot_be_opened_is_one_problem(
    phantom: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refusing(case: Case) -> None:
        raise PermissionError(13, "Permission denied", str(case.image))

    monkeypatch.setattr("radcompare.checking.examine", refusing)
    (told,) = look_at(Case("a", Path("i.nii"), Path("m.nii"))).problems
    assert (told.case, told.severity) == ("a", "error")
    assert "Permission denied" in told.problem


def test_survey_tells_every_row_and_keeps_the_others(tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_text("ID,Image,Mask,Label\na,i,m,\na,i,m,1\n,i,m,\nb,i,,\nc,i,m,0\nd,i,m,2.5\ne,i,m,3\n")
    cohort, problems = survey_cohort(str(path), Reading(spacing=2.0))
    assert [case.case for case in cohort.cases] == ["a", "a", "", "e"]
    assert list(cohort.columns.index) == [case.case for case in cohort.cases]
    assert {case.reading for case in cohort.cases} == {Reading(spacing=2.0)}
    told = [(p.case, p.problem.partition("c.csv")[2]) for p in problems]
    assert told[:2] == [("", ", row 4: the ID is empty"), ("", ": the ID 'a' occurs 2 times (rows 2, 3)")]
    assert [case for case, _ in told[2:]] == ["b", "c", "d"]


def test_series_and_structure_are_read(tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_text("ID,Image,Mask,SeriesInstanceUID,roi_name\na,i,m,1.2.30,GTV *\nb,i,m,,\n")
    first, second = read_cohort(str(path)).cases
    assert (first.series, first.structure) == ("1.2.30", "GTV *")
    assert (second.series, second.structure) == ("", "")
    assert first.choices() != second.choices()


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.3, "less than a second"),
        (4.4, "about 4 s"),
        (83, "about 83 s"),
        (600, "about 10 min"),
        (5399, "about 90 min"),
        (9000, "about 2.5 h"),
        (360_000, "about 100 h"),
    ],
)
def test_times_in_words(seconds: float, words: str) -> None:
    assert about(seconds) == words


class TestPlans:
    @pytest.fixture
    def path(self, phantom: pd.DataFrame, tmp_path: Path) -> Path:
        phantom.to_csv(tmp_path / "c.csv", index=False)
        return tmp_path / "c.csv"

    @pytest.mark.slow
    def test_the_time_grows_with_the_cases(self, phantom: pd.DataFrame, tmp_path: Path) -> None:
        source = RadiomicsSource(extractor="r219")
        seconds = []
        for times in (2, 40):
            repeated(phantom, times).to_csv(tmp_path / "many.csv", index=False)
            cohort, _ = survey_cohort(str(tmp_path / "many.csv"))
            check = check_cohort(str(tmp_path / "many.csv"))
            assert len(cohort.cases) == len(check.seen) == times * CASES
            timed = time_source(check, source)
            assert timed.columns == 219
            seconds.append(timed.seconds)
        assert seconds[1] > 3 * seconds[0]

    def test_without_a_case_nothing_is_foretold(self, path: Path) -> None:
        check = check_cohort(str(path), Reading(tolerance=0.0, clip=(1.0, 2.0)))
        for one in check.seen:
            object.__setattr__(one, "voxels", 0)
        assert plan_extraction(check) == ["extract radiomics: no case can be measured"]

    def test_an_experiment_on_tables(self, tmp_path: Path) -> None:
        rows = np.random.default_rng(1).normal(size=(30, 4))
        frame = pd.DataFrame(rows, columns=[f"original_firstorder_{k}" for k in "abcd"])
        frame.insert(0, "ID", [f"c{row}" for row in range(30)])
        frame.assign(y=np.tile([0, 1], 15)).to_csv(tmp_path / "t.csv", index=False)
        (tmp_path / "e.yaml").write_text(
            "table: t.csv\noutcome: y\nsources: {all: {columns: 'original_*'}}\n"
            "arms: {a: {sources: all, select: ['anova:2', 'relieff:2']}, b: {sources: all}}\n"
            "validation: {folds: 5, repeats: 3}\n"
        )
        problems, (line,) = foresee(load_experiment(tmp_path / "e.yaml"), progress=silent)
        assert problems == []
        assert foresee(load_experiment(tmp_path / "e.yaml"), timed=False) == ([], [])
        assert line.startswith("15 folds of 3 configurations, ")

    def test_the_tables_of_an_experiment_are_checked(self, tmp_path: Path) -> None:
        frame = pd.DataFrame(
            {"ID": ["a", "a", "c"], "original_firstorder_X": [1.0, 2.0, 3.0], "y": [0, 1, 0]}
        )
        frame.to_csv(tmp_path / "t.csv", index=False)
        (tmp_path / "e.yaml").write_text(
            "table: t.csv\noutcome: y\nsources: {all: {columns: 'original_*'}}\narms: {a: {sources: all}}\n"
        )
        problems, lines = foresee(load_experiment(tmp_path / "e.yaml"))
        assert [p.problem.partition(": ")[2] for p in problems if p.severity == "error"] == [
            "the ID 'a' occurs 2 times (rows 2, 3)"
        ]
        assert "in all" not in " ".join(lines)

    def test_a_phantom_needs_no_check(self, tmp_path: Path) -> None:
        (tmp_path / "e.yaml").write_text(
            "cohort: phantom\noutcome: malignant\nsources: {r: {extractor: r219}}\narms: {a: {sources: r}}\n"
        )
        problems, lines = foresee(load_experiment(tmp_path / "e.yaml"))
        assert (problems, lines) == ([], ["a phantom cohort of 60 cases is made: there is nothing to check"])
