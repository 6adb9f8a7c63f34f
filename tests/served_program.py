"""The program as a command that starts at once, for pages with many of them.

A process that has loaded everything forks for every call, and the command in the shell's path hands on its arguments,
folder, environment, streams and signals. What runs is `radcompare.cli.main`, as it is behind the installed command.
"""

import json
import os
import pkgutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

CLIENT = """#!{python} -IS
import json, os, signal, socket, sys
with socket.socket(socket.AF_UNIX) as server:
    server.connect({address!r})
    call = json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]).encode()
    socket.send_fds(server, [len(call).to_bytes(4, "big")], [0, 1, 2])
    server.sendall(call)
    worker = int.from_bytes(server.recv(4), "big")
    def hand_on(number, _):
        signal.signal(number, signal.SIG_IGN)  # timeout sends it twice
        os.kill(worker, number)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, hand_on)
    code = server.recv(1)
sys.exit(code[0] if code else 1)
"""


@contextmanager
def program() -> Iterator[Path]:
    """A folder for the path of a shell, with the command `radcompare` in it."""
    with TemporaryDirectory() as folder, _served(Path(folder)) as commands:  # sockets need a short path
        yield commands


@contextmanager
def _served(folder: Path) -> Iterator[Path]:
    address = folder / "socket"
    command = [sys.executable, __file__, str(address)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL) as server:
        assert server.stdout is not None
        assert server.stdout.readline() == b"ready\n"
        client = folder / "bin" / "radcompare"
        client.parent.mkdir()
        client.write_text(CLIENT.format(python=sys.executable, address=str(address)), encoding="utf-8")
        client.chmod(0o755)
        try:
            yield client.parent
        finally:
            server.terminate()


def serve(address: str) -> None:
    """Answer calls until the process is ended."""
    import radcompare

    for module in pkgutil.walk_packages(radcompare.__path__, "radcompare."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody asks how a handler ended
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(address)
        listening.listen()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while True:
            call, _ = listening.accept()
            if os.fork() == 0:
                _handle(call)
                os._exit(0)
            call.close()


def _handle(call: socket.socket) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    size, streams, _, _ = socket.recv_fds(call, 4, 3)
    with call.makefile("rb") as sent:
        arguments, folder, environment = json.loads(sent.read(int.from_bytes(size, "big")))
    worker = os.fork()
    if worker == 0:
        call.close()
        for own, given in enumerate(streams):
            os.dup2(given, own)
            os.close(given)
        _work(arguments, folder, environment)
    for given in streams:
        os.close(given)
    call.sendall(worker.to_bytes(4, "big"))
    _, status = os.waitpid(worker, 0)
    call.sendall(bytes([os.waitstatus_to_exitcode(status) & 0xFF]))


def _work(arguments: list[str], folder: str, environment: dict[str, str]) -> None:
    from radcompare.cli import main

    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["radcompare", *arguments]
    # Python's own know what their files were when it began.
    sys.stdin, sys.stdout, sys.stderr = (
        os.fdopen(number, mode, encoding="utf-8") for number, mode in enumerate("rww")
    )
    code = 1
    try:
        main()
    except SystemExit as ended:
        code = int(ended.code or 0)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    serve(sys.argv[1])
