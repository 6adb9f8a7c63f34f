"""A Dask cluster gives what this machine gives, byte by byte, also where its workers die on the way."""

import gc
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from radcompare.errors import CaseError, ConfigError, MissingLibraryError, WorkerLostError
from radcompare.parallel import cluster as cluster_module
from radcompare.parallel import each, in_this_process, placed, width
from radcompare.parallel.cluster import MANY_DIED, OUT_OF_MEMORY, take_in
from radcompare.parallel.parcels import LARGE

distributed = pytest.importorskip("distributed")

NOBODY = "tcp://127.0.0.1:9"
ROOT = Path(__file__).resolve().parents[1]


def local_cluster(workers: int = 2, threads: int = 1) -> Any:
    """A scheduler and worker processes on loopback."""
    return distributed.LocalCluster(
        n_workers=workers,
        threads_per_worker=threads,
        processes=True,
        host="127.0.0.1",
        dashboard_address=":0",
        silence_logs=50,
    )


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    with local_cluster() as running:
        yield running


@pytest.fixture
def address(cluster: Any) -> str:
    return str(cluster.scheduler_address)


def _square(item: int) -> int:
    return item * item


def _decompose(table: Any, seed: int) -> Any:
    """Sums whose last bits depend on the order of addition."""
    X = np.random.default_rng(seed).normal(size=(150, 120)) + table[:120]
    return np.linalg.svd(X @ X.T)[0]


def _process(_: object) -> int:
    return os.getpid()


def _fail(item: object) -> object:
    if item == "case":
        raise CaseError("case 7: the mask is empty", "draw it")
    if item == "memory":
        raise MemoryError
    return item


def _die_the_first_time(marker: Path, item: int) -> int:
    time.sleep(0.05)
    if item == 5 and not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return item * item


def _die(item: int) -> int:
    if item == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return item * item


def _note_and_wait(folder: Path, item: int) -> int:
    (folder / str(item)).touch()
    if item == 1:
        raise CaseError("case 1", "")
    time.sleep(item and 1.5)
    return item


def _told(item: object, reason: str) -> tuple[object, str]:
    return item, reason


def _total(table: Any, item: int) -> float:
    return float(table.sum()) + item


def _pretend(digest: str | None) -> None:
    """Let this worker's code be another one."""
    from radcompare import provenance

    provenance.digest_code.cache_clear()
    if digest is not None:
        provenance.digest_code = lambda: digest  # type: ignore[assignment]


def wait(until: Any, seconds: float = 60.0) -> None:
    ends = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < ends
        time.sleep(0.01)


def test_the_cluster_gives_what_this_process_gives_in_order(address: str) -> None:
    table = np.random.default_rng(7).normal(size=120)
    work = partial(_decompose, table)
    here = [value.tobytes() for value in each(work, range(12))]
    with placed(scheduler=address):
        there = [value.tobytes() for value in each(work, range(12), jobs=7)]
    assert there == here
    assert len(set(here)) == 12


def test_its_workers_do_the_work_whatever_jobs_says(address: str) -> None:
    with placed(scheduler=address):
        assert os.getpid() not in set(each(_process, range(8), jobs=1))
        assert not in_this_process(1)
        assert width(1) == 2
    assert in_this_process(1)


def test_errors_of_an_item_arrive_whole(address: str) -> None:
    with placed(scheduler=address), pytest.raises(CaseError) as raised:
        list(each(_fail, ["fine", "case"]))
    assert (raised.value.message, raised.value.hint) == ("case 7: the mask is empty", "draw it")


def test_an_item_without_memory_is_lost(address: str) -> None:
    with placed(scheduler=address):
        assert list(each(_fail, [1, "memory", 2], lost=_told)) == [1, ("memory", OUT_OF_MEMORY), 2]
        with pytest.raises(WorkerLostError, match="items: item 1 of 1"):
            list(each(_fail, ["memory"]))


def test_a_large_table_arrives(address: str) -> None:
    table = np.arange(LARGE, dtype=np.float64)
    with placed(scheduler=address):
        assert list(each(partial(_total, table), [1, 2])) == [table.sum() + 1, table.sum() + 2]
        pairs = [(table, 1), (table, 2), (table, 3)]
        assert list(each(_of_pair, pairs)) == [table.sum() + number for _, number in pairs]


def _of_pair(pair: tuple[Any, int]) -> float:
    return _total(*pair)


@pytest.mark.slow
def test_memory_stays_flat_and_what_is_called_off_is_not_done(address: str, tmp_path: Path) -> None:
    with placed(scheduler=address):
        values = each(partial(_note_and_wait, tmp_path), range(1000))
        assert next(values) == 0
        with pytest.raises(CaseError):
            next(values)
        told = time.time()
        time.sleep(3.0)
    begun = [file.stat().st_mtime for file in tmp_path.iterdir()]
    assert len(begun) < 11
    assert max(begun) < told + 0.5


@pytest.mark.slow
def test_a_worker_that_dies_on_the_way_changes_nothing(address: str, tmp_path: Path) -> None:
    with placed(scheduler=address):
        found = list(each(partial(_die_the_first_time, tmp_path / "died"), range(30)))
    assert found == [item * item for item in range(30)]
    assert (tmp_path / "died").exists()


@pytest.mark.slow
def test_an_item_that_kills_workers_again_and_again_is_lost(address: str) -> None:
    with placed(scheduler=address):
        found = list(each(_die, range(10), lost=_told))
    assert found == [(3, MANY_DIED) if item == 3 else item * item for item in range(10)]


@pytest.mark.parametrize("wrong", ["nowhere", "", NOBODY])
def test_an_address_where_nobody_answers(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_module, "PATIENCE_S", 0.5)
    with pytest.raises(ConfigError, match="no Dask scheduler answers at") as refused, placed(scheduler=wrong):
        pytest.fail("entered")
    assert repr(wrong) in refused.value.message
    assert "tcp://host:8786" in refused.value.hint
    assert refused.value.__context__ is None
    left = [each for each in gc.get_objects() if isinstance(each, distributed.Client)]
    assert [client for client in left if client.status != "closed"] == []


def test_a_scheduler_without_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_module, "PATIENCE_S", 0.5)
    with (
        local_cluster(workers=0) as empty,
        pytest.raises(ConfigError, match="has no workers") as refused,
        placed(scheduler=empty.scheduler_address),
    ):
        pytest.fail("entered")
    assert "--nthreads 1" in refused.value.hint


@pytest.mark.slow
def test_workers_that_run_other_code_are_refused(cluster: Any, address: str) -> None:
    with distributed.Client(address, set_as_default=False) as client:
        first = next(iter(client.nthreads()))
        client.run(_pretend, "another", workers=[first])
        try:
            with (
                pytest.raises(ConfigError, match="1 of 2 workers run another version") as refused,
                placed(scheduler=address),
            ):
                pytest.fail("entered")
        finally:
            client.restart_workers([first], timeout=30)
    assert first in refused.value.message
    assert "same radcompare" in refused.value.hint


def test_a_worker_that_comes_later_with_other_code_does_nothing() -> None:
    with pytest.raises(ConfigError, match="another version"):
        take_in("another", b"not even read", [])


@pytest.mark.slow
def test_a_worker_of_several_threads_does_one_item_at_a_time() -> None:
    table = np.random.default_rng(7).normal(size=120)
    here = [value.tobytes() for value in each(partial(_decompose, table), range(12))]
    with local_cluster(workers=1, threads=4) as wide, placed(scheduler=wide.scheduler_address):
        assert width(1) == 4
        assert [value.tobytes() for value in each(partial(_decompose, table), range(12))] == here


@pytest.mark.slow
def test_a_scheduler_that_goes_away_is_told() -> None:
    with local_cluster(workers=1) as running, placed(scheduler=running.scheduler_address):
        values = each(_slow, range(50))
        next(values)
        threading.Thread(target=running.close).start()
        with pytest.raises(WorkerLostError, match="is gone"):
            list(values)


def _slow(item: int) -> int:
    time.sleep(0.2)
    return item


def test_without_dask_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(MissingLibraryError) as missing, placed(scheduler=NOBODY):
        pytest.fail("entered")
    assert "radcompare[dask]" in missing.value.hint


def test_a_limit_of_memory_is_the_clusters_own_business() -> None:
    with pytest.raises(ConfigError) as refused, placed(scheduler=NOBODY, memory="2GB"):
        pytest.fail("entered")
    assert "--memory-limit" in refused.value.hint


def radcompare(*words: object, cache: Path | str = "") -> subprocess.Popen[str]:
    """The program in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "radcompare", *map(str, words)],
        env={**os.environ, "RADCOMPARE_CACHE": str(cache)},
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def done(program: subprocess.Popen[str]) -> None:
    _, said = program.communicate(timeout=300)
    assert program.returncode == 0, said


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty-four phantoms."""
    folder = tmp_path_factory.mktemp("phantom")
    done(radcompare("demo", "--write-cohort", folder, "--cases", 24))
    return folder / "cohort.csv"


@pytest.fixture(scope="module")
def table(cohort: Path) -> Path:
    """Their radiomics, measured here."""
    path = cohort.parent / "here.csv"
    done(radcompare("extract", "radiomics", cohort, "-o", path))
    return path


def same_files(one: Path, other: Path, names: Iterable[str]) -> None:
    for name in names:
        assert (one / name).read_bytes() == (other / name).read_bytes(), name


@pytest.mark.slow
def test_extraction_on_a_cluster_is_the_same(cohort: Path, table: Path, address: str, tmp_path: Path) -> None:
    there = tmp_path / "there.csv"
    done(radcompare("extract", "radiomics", cohort, "-o", there, "--scheduler", address))
    assert there.read_bytes() == table.read_bytes()


@pytest.mark.slow
def test_extraction_whose_worker_is_killed_is_the_same(cohort: Path, table: Path, tmp_path: Path) -> None:
    there, cache = tmp_path / "there.csv", tmp_path / "cache"
    with local_cluster() as fragile:
        address = fragile.scheduler_address
        running = radcompare("extract", "radiomics", cohort, "-o", there, "--scheduler", address, cache=cache)
        wait(lambda: len(list(cache.rglob("*.json"))) > 3)
        os.kill(fragile.workers[0].pid, signal.SIGKILL)
        assert running.poll() is None
        done(running)
    assert there.read_bytes() == table.read_bytes()


@pytest.mark.slow
def test_evaluation_on_a_cluster_is_the_same(table: Path, address: str, tmp_path: Path) -> None:
    words = ["evaluate", table, "--outcome", "malignant", "--select", "relieff:5", "--cv", "2x5"]
    here, there = tmp_path / "here.csv", tmp_path / "there.csv"
    done(radcompare(*words, "--permutations", 4, "-o", here))
    done(radcompare(*words, "--permutations", 4, "-o", there, "--scheduler", address))
    assert there.read_bytes() == here.read_bytes()


@pytest.fixture(params=["scheduler", "memory"])
def elsewhere(request: pytest.FixtureRequest, address: str) -> list[object]:
    """Options that let loops run in other processes."""
    return ["--scheduler", address] if request.param == "scheduler" else ["--memory", "4GB", "--jobs", 2]


@pytest.fixture(scope="module")
def experiment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole experiment, run here."""
    folder = tmp_path_factory.mktemp("experiment") / "run"
    done(radcompare("demo", "--cases", 12, "--out", folder))
    return folder


@pytest.mark.slow
def test_a_whole_experiment_elsewhere_is_the_same(
    experiment: Path, elsewhere: list[object], tmp_path: Path
) -> None:
    done(radcompare("demo", "--cases", 12, "--out", tmp_path, *elsewhere))
    names = {str(path.relative_to(experiment)) for path in experiment.rglob("*.csv")}
    assert {"predictions.csv", "selected.csv"} < names
    same_files(experiment, tmp_path, {*names, "results.json"})


DEEP = [
    "--network",
    "cnn-f",
    "--weights",
    "random",
    "--layer",
    "full7",
    "--region",
    "orthogonal",
    "--batch",
    7,
]


@pytest.fixture(scope="module")
def activations(cohort: Path) -> Path:
    """Deep features of the phantoms, measured here."""
    path = cohort.parent / "deep-here.csv"
    done(radcompare("extract", "deep", cohort, *DEEP, "-o", path))
    return path


@pytest.mark.slow
def test_deep_features_elsewhere_are_the_same(
    cohort: Path, activations: Path, elsewhere: list[object], tmp_path: Path
) -> None:
    there = tmp_path / "there.csv"
    done(radcompare("extract", "deep", cohort, *DEEP, "-o", there, *elsewhere))
    assert there.read_bytes() == activations.read_bytes()
