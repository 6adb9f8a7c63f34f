from radcompare.tables.case import Failure
from radcompare.tables.failures import write_failures
from radcompare.tables.files import read_frame


def test_every_failure_is_a_row(tmp_path):
    failures = [
        Failure("007", "radiomics", "mask.nii: is empty, nothing drawn", 'draw it, or "drop" it'),
        Failure("b", "deep", "x", ""),
    ]
    write_failures(failures, tmp_path / "failures.csv")
    read, _ = read_frame(str(tmp_path / "failures.csv"))
    assert [Failure(*row) for row in read.fillna("").itertuples(index=False)] == failures


def test_without_a_failure_there_is_a_header(tmp_path):
    write_failures([], tmp_path / "failures.csv")
    assert (tmp_path / "failures.csv").read_text() == "ID,stage,problem,hint\n"
