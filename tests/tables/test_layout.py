import csv
import io

import numpy as np
import pytest

from radcompare.errors import TableError
from radcompare.tables.layout import read_layout
from radcompare.tables.spool import spooled

TEXTS = {
    "plain": "ID,x\na,1\nb,2\nc,3\n",
    "no break at the end": "ID,x\na,1\nb,2",
    "blank lines": "\n\r\nID,x\n\na,1\r\n\r\nb,2\n\n",
    "a byte order mark": "\ufeffID,x\na,1\n",
    "quotes": 'ID,"x\ny"\n"a,b","1\n\n2"\nb,"say ""so"""\n"c\r\n",3\n',
    "a quote within a cell": 'ID,x\na"b,1"\n"c"d,2\n',
    "tabs": "ID\tx\na,b\t1\n",
    "other lengths": "ID,x\na\nb,1,2\nc,3\n",
    "a header alone": "ID,x\n",
    "other signs": "ID,µ\nä,1\n大,2\n",
    "breaks before the end of a line": "ID,x\na,1\r\r\nb,2\n",
}


@pytest.fixture
def laid_out(write):
    """The layout of a text, while its file is open."""

    def read(content, look):
        with spooled(write(content)) as spool:
            return look(read_layout(spool))

    return read


@pytest.mark.parametrize("name", TEXTS)
def test_rows_are_those_of_csv(laid_out, name):
    text = TEXTS[name].removeprefix("\ufeff")
    sign = "\t" if name == "tabs" else ","
    reader = csv.reader(io.StringIO(text), delimiter=sign)
    header, *rows = [(row, reader.line_num) for row in reader if row]

    def look(layout):
        assert list(layout.header) == [cell.strip() for cell in header[0]]
        assert layout.rows() == len(rows)
        odd = {number: (len(row), line) for number, (row, line) in enumerate(rows) if len(row) != 2}
        assert {number: (record.cells, record.line) for number, record in layout.odd.items()} == odd
        for number, (row, _) in enumerate(rows):
            parsed = csv.reader(io.StringIO(layout.text(np.array([number])).decode()), delimiter=sign)
            assert [cells for cells in parsed if cells] == [row]

    laid_out(TEXTS[name], look)


def test_text_of_rows_in_any_order(laid_out):
    def look(layout):
        assert layout.text(np.array([2, 0, 1, 2])) == b"c,3\na,1\nb,2\nc,3\n"
        assert layout.text(np.array([0, 1, 2])) == b"a,1\nb,2\nc,3\n"
        assert layout.text(np.array([], dtype=int)) == b""

    laid_out("ID,x\na,1\nb,2\nc,3", look)


@pytest.mark.parametrize(
    ("content", "delimiter", "decimal"),
    [
        ("ID;x\na;1,5\n", ";", ","),
        ("ID;x\na;1,5\nb;1.5\n", ";", "."),
        ("ID;x1.5\na;1,5\n", ";", "."),
        ("ID,x;y\na,1\n", ",", "."),
        ("ID,a\tb\tc\n1\t2\t3\n", "\t", "."),
    ],
)
def test_what_parts_cells_and_decimals(laid_out, content, delimiter, decimal):
    assert laid_out(content, lambda layout: (layout.delimiter, layout.decimal)) == (delimiter, decimal)


@pytest.mark.parametrize(
    "content", ["", "\n \n", "x\n1\n", "% c\n\n@RELATION r\n@data\n", b"PAR1\xff", "  \n\n"]
)
def test_what_is_no_delimited_text(laid_out, content):
    assert laid_out(content, lambda layout: layout) is None


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("ID,,x\na,1,2\n", "column 2 has no name"),
        ("ID,x,x\na,1,2\n", "the column 'x' occurs twice"),
        ("ID,x\na,1\nb\n", "line 3: 1 cells for 2 columns"),
        (f"ID,x\na,1\nb,{'u' * 140_000}\n", "cannot be parsed as a table: field larger than field limit"),
        (f"ID,x\na\nb,{'u' * 140_000}\n", "line 2: 1 cells for 2 columns"),
    ],
)
def test_faults(laid_out, content, message):
    with pytest.raises(TableError) as refused:
        laid_out(content, lambda layout: layout.refuse_faults())
    assert message in refused.value.message


def test_long_lines_of_short_cells(laid_out):
    cells = ",".join(["1.5"] * 60_000)
    assert laid_out(f"{','.join(f'c{n}' for n in range(60_000))}\n{cells}\n", lambda layout: layout.odd) == {}
