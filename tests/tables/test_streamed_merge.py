"""Every merge is done twice: at once, and by as few rows at a time as there can be."""

import numpy as np
import pandas as pd
import pytest
from both_merges import PLAIN, by_rows

from radcompare.errors import ConfigError, TableError
from radcompare.tables.features import read_features
from radcompare.tables.files import to_csv
from radcompare.tables.merge import merge
from radcompare.tables.streamed_merge import are_large, streamed_merge, write_merged
from radcompare.tables.streamed_output import settled_csv

pytestmark = pytest.mark.filterwarnings("error")

WIDE = "ID," + ",".join(f"w{n}" for n in range(70)) + "\n"


def wide(*rows):
    return WIDE + "".join(f"{row}\n" for row in rows)


CONTENT = {
    "plain": "ID,x\na,1\nb,2\nc,3\n",
    "other order": "ID,x\nc,3\na,1\nb,2\n",
    "more cases": "ID,x\nz,1\nc,2\nb,3\nb2,4\na,5\n",
    "a gap in whole numbers": "ID,x,died\na,1,0\nb,2,\nc,,1\n",
    "whole, then real": "ID,x,died\na,1,1\nb,-0,-0\nc,2.5,0.5\n",
    "whole beyond a double, then real": "ID,x,number\na,12345678901234567,12345678901234567\nb,-0,1\nc,2.5,\n",
    "true and false": "ID,x,patient\na,True,True\nb,FALSE,FALSE\nc,true,true\n",
    "true, false and a gap": "ID,x,patient\na,True,True\nb,,\nc,false,false\n",
    "true and text": "ID,x,patient,z\na,TRUE,TRUE,1\nb,1,1,2\nc,no,no,3\nd,TRUE,TRUE,4\n",
    "true and numbers": "ID,x,patient,z\na,TRUE,TRUE,1\nb,1,1,2\nc,2.5,2.5,3\nd,1,TRUE,4\n",
    "nothing": "ID,x,patient,z\na,,NA,1\nb,?,null,2\nc,nan,N/A,3\n",
    "levels like numbers": "ID,x,patient\na,1,1\nb,1,2\nc,2a,2a\n",
    "text late": "ID,x,y2\na,1.50,1\nb,,2\nc,1.5.0,3\n",
    "marks in text": "ID,x,patient,z\na,u,NA,1\nb,NA,None,2\nc,u,?,3\nd,v,nil,4\n",
    "beyond int64": "ID,x,patient\na,1,9223372036854775808\nb,2,1\nc,3,2\n",
    "beyond int64 and below 0": "ID,x,patient\na,1,18446744073709551615\nb,2,-1\nc,3,2\n",
    "beyond int64 and a gap": "ID,x,patient\na,1,18446744073709551615\nb,2,\nc,3,2\n",
    "beyond int64 and real": "ID,x,patient\na,1,18446744073709551615\nb,2,1.5\nc,3,2\n",
    "beyond 64 bits": "ID,x,patient\na,1,99999999999999999999\nb,2,1\nc,3,\n",
    "beyond 64 bits and real": "ID,x,patient\na,1,99999999999999999999\nb,2,1.5\nc,3,2\n",
    "beyond 64 bits and text": "ID,x,patient\na,1,99999999999999999999\nb,2,u\nc,3,2\n",
    "a feature beyond 64 bits": "ID,x,z\na,1,99999999999999999999\nb,2,1\nc,3,2\n",
    "infinite": "ID,x,z,t\na,inf,1,inf\nb,2,-Infinity,u\nc,3,1e400,u\n",
    "quotes": 'ID,"x, of it",patient\na,1,"say ""a"""\nb,2,"two\nlines, ""x"""\nc,3,"\n\n"\n',
    "a quoted ID": 'ID,x\n"a",1\n"b","2"\n" c ",3\n',
    "other line breaks": "ID,x,patient\r\na,1,u\r\n\r\nb,2,v\r\nc,3,w\r\n\r\n",
    "blank lines": "\n\nID,x\n\na,1\n\n\nb,2\nc,3\n\n",
    "no line break at the end": "ID,x\nc,3\nb,2\na,1",
    "blanks": " ID , x \n a , 1\n b,2 \nc, 3 \n",
    "tabs": "ID\tx\tpatient\na\t1\tu,v\nb\t2\tw\nc\t3\t\n",
    "decimal comma": "ID;x;patient\na;1,5;1,5\nb;2;2\nc;3,25;3,25\n",
    "semicolons and points": "ID;x;patient\na;1.5;1,5\nb;2;2\nc;3.25;3,25\n",
    "a byte order mark": "\ufeffID,x\na,1\nb,2\nc,3\n",
    "other signs": "ID,µ,patient\na,1,größe\nb,2,大\nc,3,µ\n",
    "a synonym": "case_id,x,case\na,1,u\nb,2,v\nc,3,w\n",
    "IDs without a name": ",x\na,1\nb,2\nc,3\n",
    "IDs as pandas calls them": "Unnamed: 0,x\na,1\nb,2\nc,3\n",
    "a counter beside the IDs": ",ID,x\n0,a,1\n1,b,2\n2,c,3\n",
    "a wide table": wide(*(f"{i}," + ",".join(f"{k % 3}.{k}" for k in range(70)) for i in "abc")),
    "a wide table of whole numbers": wide(
        *(f"{i}," + ",".join(f"{k % 3}" for k in range(70)) for i in "abc")
    ),
    "a wide table with gaps": wide(
        "a," + ",".join("1.5" * (k % 2) for k in range(70)), "b" + "," * 70, "c" + ",0" * 70
    ),
    "wide, with quotes": 'ID,"pat\nient",'
    + ",".join(f"w{n}" for n in range(70))
    + "\n"
    + "".join(f'{i},"u\n""{i}"",",' + ",".join(f"{k}.5" for k in range(70)) + "\n" for i in "abc"),
    "named features": "ID,original_glcm_Idm,age,died\na,1,50,0\nb,2,60,1\nc,3,70,1\n",
    "a record of the extraction": "ID,x,diagnostics_n,general_info_v\na,1,5,u\nb,2,6,u\nc,3,7,u\n",
    "text of every row": "ID,x,note\na,1,u\nb,2,v\nc,3,w\n",
    "equal columns": "ID,x,y\na,1,1.5\nb,2,2.5\nc,3,3.5\n",
    "equal, but a feature in one": "ID,original_glcm_Idm,y\na,1,1.5\nb,2,2.5\nc,3,3.5\n",
    "values that differ": "ID,x,y\na,1,1.5\nb,2,2.5\nc,3,9.5\n",
    "a value that lacks": "ID,x,y\na,1,1.5\nb,2,\nc,3,3.5\n",
    "text for numbers": "ID,x,y\na,1,u\nb,2,u\nc,3,v\n",
    "no case in common": "ID,x\nu,1\nv,2\n",
    "empty": "",
    "blank": " \n\n",
    "a header alone": "ID,x\n",
    "one column": "x\n1\n \n2\n",
    "IDs alone": "ID\na\nb\n",
    "no feature": "ID,patient\na,1\nb,2\nc,3\n",
    "a column twice": "ID,x,x\na,1,2\n",
    "a column without a name": "ID,x,\na,1,\n",
    "a short row": "ID,x,z\na,1,2\nb,1\nc,1,2\nd\n",
    "a long row": "ID,x\na,1\nb,1,\nc,1\n",
    "a short row in quotes": 'ID,x\na,1\n"b\n2"\n',
    "blanks in a line": "ID,x\na,1\n  \nb,1\n",
    "an ID twice": "ID,x\na,1\nb,2\na,3\nb,4\na,5\n",
    "an ID lacks": "ID,x\na,1\n,2\nb,3\n,4\n",
    "an ID of blanks": "ID,x\na,1\n  ,2\n",
    "free text in a feature": "ID,original_glcm_Idm\n" + "".join(f"c{n},text {n}\n" for n in range(25)),
    "a quote left open": 'ID,x\na,1\nb,"2\nc,3\n',
    "a quote left open in a row": 'ID,x\na,1\nb,"2\n',
    "old line breaks": "ID,x\ra,1\rb,2\r",
    "an old line break in a row": "ID,x\na,1\nb\r,2\n",
    "a cell beyond the limit": f"ID,x,patient\na,1,u\nb,2,{'v' * 140_000}\n",
    "a long line": f"ID,x,patient,cohort\na,1,{'u' * 90_000},{'v' * 90_000}\nb,2,u,v\n",
    "a long line before a short row": f"ID,x,patient\nb,1\na,1,{'u' * 140_000}\n",
}


@pytest.mark.parametrize("name", CONTENT)
@pytest.mark.parametrize("first", [True, False])
def test_what_comes_of_awkward_tables(write, same, name, first):
    sources = [write(CONTENT[name], "one.csv"), write(PLAIN, "two.csv")]
    same(sources if first else sources[::-1])


@pytest.mark.parametrize(
    "name", ["plain", "quotes", "true, false and a gap", "nothing", "a wide table", "levels like numbers"]
)
@pytest.mark.parametrize("suffix", [".csv.gz", ""])
def test_what_is_written(write, same, name, suffix):
    same([write(CONTENT[name], "one.csv.gz"), write(PLAIN, "two.csv")], suffix)


def random_table(rng, rows, columns, wide):
    """Columns of every kind, with gaps, in which a kind may begin late."""
    kinds = {
        "real": lambda: repr(float(rng.standard_normal() * 10.0 ** rng.integers(-30, 30))),
        "whole": lambda: str(rng.integers(-9, 9)),
        "huge": lambda: str(rng.integers(2**60, 2**63 - 1)),
        "level": lambda: str(rng.choice(["u", "v, w", 'x "y"', "zé"])),
        "true": lambda: str(rng.choice(["True", "false", "TRUE"])),
        "code": lambda: str(rng.choice(["1", "2", "3a"])),
    }
    names = list(kinds)[: 2 if wide else None]
    chosen = [(str(rng.choice(names)), str(rng.choice(names)), rng.random() < 0.3) for _ in range(columns)]
    late = int(rng.integers(1, rows))
    cells = {}
    for number, (first, then, gaps) in enumerate(chosen):
        then = then if rng.random() < 0.2 else first
        column = [kinds[first if row < late else then]() for row in range(rows)]
        cells[f"c{number}"] = ["" if gaps and rng.random() < 0.3 else cell for cell in column]
    ids = [f"case{number}" for number in rng.choice(rows + 3, rows, replace=False)]
    return pd.DataFrame({"ID": ids, **cells})


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(18))
def test_random_tables(write, same, seed):
    rng = np.random.default_rng(seed)
    wide = bool(seed % 2)
    tables = [
        random_table(rng, int(rng.integers(5, 30)), 70 if wide else 9, wide) for _ in range(2 + seed % 2)
    ]
    for number, table in enumerate(tables[1:], start=1):
        table.columns = ["ID", *(f"t{number}{name}" for name in table.columns[1:])]
    if seed % 3 == 0:  # a column that both have, mostly equal
        both = tables[1].assign(c0=tables[1]["ID"].map(tables[0].set_index("ID")["c0"]))
        tables[1] = (
            both if seed % 2 else both.assign(c0=both["c0"].where(both["ID"] != both["ID"].iloc[2], "7"))
        )
    sources = [
        write(table.to_csv(index=False, lineterminator=["\n", "\r\n"][seed % 2]), f"t{number}.csv")
        for number, table in enumerate(tables)
    ]
    same(sources, cells=(500,) if wide else (1, 60))


def test_the_first_column_in_which_tables_differ_is_told(write, same):
    one = write("ID,x,y,z\na,1,1,1\nb,2,2,2\nc,3,3,3\n", "one.csv")
    two = write("ID,z,y,x,w\na,1,1,1,1\nb,9,2,2,1\nc,3,8,7,1\n", "two.csv")
    three = write("ID,x\na,6\nb,2\nc,3\n", "three.csv")
    message, _ = same([one, two, three])
    assert message == "case b: the tables disagree on 'z': 2.0 and 9.0"
    assert same([one, three, two])[0] == "case a: the tables disagree on 'x': 1.0 and 6.0"


def test_notes_of_many_tables(write, same):
    one = write("ID,original_glcm_Idm,age\na,1,50\nb,2,60\nz,2,60\n", "one.csv")
    two = write("x\n1\n2\n", "two.csv")
    three = write("y,note\n5,u\ninf,v\n", "three.csv")
    *_, notes = same([two, three])
    assert notes == (
        "no column ID: cases are called by the number of their row, from 1",
        "text columns taken as no features: note",
        "infinite values are taken as missing in y",
    )
    table, _, notes = same([one, write(PLAIN, "four.csv")])
    assert notes[-1] == "3 cases are not in every table and are left out: c, d, z"
    assert table == b"ID,age,original_glcm_Idm,y\na,50,1.0,1.5\nb,60,2.0,2.5\n"


def test_text_comes_once_it_is_settled(write):
    sources = [write(CONTENT["quotes"], "one.csv"), write(PLAIN, "two.csv")]
    with streamed_merge(sources, 1) as merged:
        expected = to_csv(merge([read_features(source) for source in sources]).frame())
        assert "".join(settled_csv(merged.frames())) == expected
    with streamed_merge([sources[1], write(CONTENT["values that differ"], "one.csv")], 1) as merged:
        texts = settled_csv(merged.frames())
        with pytest.raises(TableError, match="disagree on 'y'"):
            next(texts)


def test_a_merge_that_fails_leaves_what_was_there(write, tmp_path):
    sources = [write(PLAIN, "one.csv"), write(CONTENT["values that differ"], "two.csv")]
    (tmp_path / "merged.csv").write_text("old")
    assert "disagree on 'y'" in by_rows(sources, tmp_path / "merged.csv", 1)[0]
    assert (tmp_path / "merged.csv").read_text() == "old"
    assert not (tmp_path / "merged.meta.json").exists()
    assert not list(tmp_path.glob(".merged*"))


def test_a_suffix_without_a_writer(write, tmp_path):
    with (
        streamed_merge([write(PLAIN)] * 2) as merged,
        pytest.raises(ConfigError, match=r"no writer for '\.xlsx'"),
    ):
        write_merged(merged, tmp_path / "merged.xlsx", {})


@pytest.mark.parametrize(("size", "large"), [(1000, False), (2**26, True)])
def test_what_is_large(write, tmp_path, size, large):
    one = write(PLAIN, "one.csv")
    with (tmp_path / "two.csv").open("wb") as file:
        file.truncate(size)
    assert are_large([one, str(tmp_path / "two.csv")]) == large
    assert are_large([one, str(tmp_path / "none.csv")]) is False
    assert are_large([one, str(tmp_path)]) is False
    assert are_large([one, "-"]) is True


def test_compressed_bytes_count_several_times(tmp_path):
    with (tmp_path / "one.csv.gz").open("wb") as file:
        file.write(b"\x1f\x8b")
        file.truncate(2**24)
    assert are_large([str(tmp_path / "one.csv.gz")]) is True
