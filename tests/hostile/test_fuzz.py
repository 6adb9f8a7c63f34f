"""A hundred damaged files of every kind: each is read or refused, and none is a fault.

`benchmarks/fuzz.py` (`make fuzz`) tries thousands.
"""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from mutation import mutated
from targets import Target, Verdict, judge, targets
from trial import Found, Job, tried

from radcompare.errors import ConfigError

INPUTS = 100


@pytest.fixture(scope="module")
def found() -> Sequence[Found]:
    jobs = [Job(name, 0, INPUTS) for name in targets()]
    return list(tried(jobs, limit_s=30.0))  # a machine may be busy


@pytest.mark.slow
@pytest.mark.parametrize("name", targets())
def test_damage_is_read_or_refused(name: str, found: Sequence[Found]) -> None:
    mine = [each for each in found if each.target == name]
    assert [each.number for each in mine] == list(range(INPUTS))
    assert [(each.number, each.what) for each in mine if each.outcome == "fault"] == []
    counts = Counter(each.outcome for each in mine)
    assert counts["refused"] > INPUTS / 10, "the damage does nothing"
    assert counts["read"] > 0, "nothing is left of what was valid"


@pytest.mark.parametrize("name", targets())
def test_what_is_valid_is_read(tmp_path: Path, name: str) -> None:
    target = targets()[name]
    for at, seed in enumerate(target.seeds()):
        folder = tmp_path / str(at)
        folder.mkdir()
        (folder / f"x{target.suffix}").write_bytes(seed)
        assert judge(target, folder / f"x{target.suffix}") == Verdict("read"), at


def test_a_number_stands_for_one_damage() -> None:
    seeds = [bytes(range(256)), b"a,b\n1,2\n"]
    first, second = ([mutated(seeds, number, name="x") for number in range(200)] for _ in range(2))
    assert first == second
    assert len(set(first)) > 150
    assert mutated(seeds, 1, name="x", seed=2) != mutated(seeds, 1, name="x", seed=1)


def _reads(path: Path) -> object:
    content = path.read_bytes()
    if content == b"refused":
        raise ConfigError("no", "do")
    if content == b"silent":
        raise ConfigError("", "")
    return {b"fault": lambda: 1 / 0}.get(content, lambda: 1)()


@pytest.mark.parametrize(
    ("content", "outcome"),
    [(b"x", "read"), (b"refused", "refused"), (b"silent", "fault"), (b"fault", "fault")],
)
def test_the_judge_tells_faults_from_refusals(tmp_path: Path, content: bytes, outcome: str) -> None:
    (tmp_path / "x").write_bytes(content)
    assert judge(Target("x", "", lambda: [], _reads), tmp_path / "x").outcome == outcome


PLANTED = """
import ctypes, os, time
from targets import Target

def crashes(path):
    ctypes.string_at(0)

def hangs(path):
    time.sleep(60)

def hungers(path):
    bytearray(8 * 2**30)

def aborts(path):
    os.abort()

def ends(path):
    os._exit(7)

def targets():
    def planted(fault):
        def read(path):
            if path.read_bytes() == b"broken":
                fault(path)
        return read

    class Planted(Target):
        def input(self, number, seed=1):
            return b"broken" if number == 1 else b"sound"

    faults = (crashes, hangs, hungers, aborts, ends)
    return {f.__name__: Planted(f.__name__, "", lambda: [b"sound"], planted(f)) for f in faults}
"""


@pytest.mark.slow
def test_a_file_that_ends_the_process_is_blamed_and_the_others_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "planted.py").write_text(PLANTED)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    names = ("crashes", "hangs", "hungers", "aborts", "ends")
    found = list(tried([Job(name, 0, 3) for name in names], module="planted", limit_s=1.0))
    assert [(each.target, each.number) for each in found] == [(name, n) for name in names for n in range(3)]
    faults = {each.target: each.what for each in found if each.outcome == "fault"}
    assert [each.number for each in found if each.outcome == "fault"] == [1] * 5
    assert faults["crashes"] == "killed by SIGSEGV"
    assert faults["hangs"] == "took more than 1 s"
    assert faults["hungers"].endswith("MemoryError: ''")
    assert faults["aborts"] == "killed by SIGABRT"
    assert faults["ends"] == "ended with 7"
