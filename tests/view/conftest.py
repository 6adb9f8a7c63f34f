"""A small run and a server that serves it."""

import http.client
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from small_run import prediction_frame, write_run

from radcompare.view.server import Viewer


@dataclass(frozen=True)
class Answered:
    """What a client sees."""

    status: int
    headers: dict[str, str]
    content: bytes


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which a run lies, for tests that change neither."""
    folder = tmp_path_factory.mktemp("finished")
    write_run(folder / "run", prediction_frame())
    return folder


@pytest.fixture
def run_folder(finished: Path, tmp_path: Path) -> Path:
    shutil.copytree(finished, tmp_path / "own")
    return tmp_path / "own" / "run"


@pytest.fixture
def serve() -> Iterator[Callable[[Path], Viewer]]:
    """Serve folders on threads until the test ends."""
    viewers = []

    def start(folder: Path) -> Viewer:
        viewers.append(Viewer(folder))
        threading.Thread(target=viewers[-1].serve_forever, args=(0.05,), daemon=True).start()
        return viewers[-1]

    yield start
    for viewer in viewers:
        viewer.shutdown()
        viewer.server_close()


@pytest.fixture
def viewer(run_folder: Path, serve: Callable[[Path], Viewer]) -> Viewer:
    return serve(run_folder)


@pytest.fixture
def ask(viewer: Viewer) -> Callable[..., Answered]:
    """Send one request exactly as it is given."""

    def send(path: str, method: str = "GET", hosts: tuple[str, ...] | None = None) -> Answered:
        connection = http.client.HTTPConnection("127.0.0.1", viewer.server_port, timeout=10)
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for host in (f"127.0.0.1:{viewer.server_port}",) if hosts is None else hosts:
            connection.putheader("Host", host)
        connection.endheaders()
        answer = connection.getresponse()
        found = Answered(answer.status, dict(answer.getheaders()), answer.read())
        connection.close()
        return found

    return send
