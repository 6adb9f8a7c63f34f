import numpy as np

from radcompare.tables.repeats import row_hashes, same_rows

OTHER_NAN = np.array([0xFFF8000000000001], dtype=np.uint64).view(np.float64)[0]


def test_equal_rows_have_equal_hashes():
    rows = np.array([[1, 0.0, np.nan], [1, -0.0, OTHER_NAN], [1, 1, np.nan], [0, 1, np.nan], [np.nan, 1, 0]])
    hashes = row_hashes(rows)
    assert hashes[0] == hashes[1]
    assert len(set(hashes[1:].tolist())) == 4
    np.testing.assert_array_equal(row_hashes(rows[:, ::-1][:, ::-1]), hashes)


def test_whole_numbers_do_not_collide():
    rows = np.stack(np.meshgrid(np.arange(300.0), np.arange(300.0)), axis=-1).reshape(-1, 2)
    assert len(set(row_hashes(rows).tolist())) == 90_000


def test_groups_stand_in_the_order_of_their_first_row():
    hashes = np.array([9, 3, 5, 3, 9, 7, 9, 5], dtype=np.uint64)
    groups = same_rows(hashes, np.ones(8, dtype=bool))
    assert [group.tolist() for group in groups] == [[0, 4, 6], [1, 3], [2, 7]]
    assert [group.tolist() for group in same_rows(hashes, np.arange(8) > 0)] == [[1, 3], [2, 7], [4, 6]]
    assert same_rows(hashes[:2], np.ones(2, dtype=bool)) == []
    assert same_rows(hashes, np.zeros(8, dtype=bool)) == []
