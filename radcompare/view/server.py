"""A server that this machine alone can reach, and no page of another origin through it."""

import socketserver
import sys
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from radcompare.errors import ConfigError, RadcompareError
from radcompare.view.routes import TEXT, Answer, Routes

LOOPBACK = "127.0.0.1"
ALLOWED = "GET, HEAD"
SECONDS = 30
"""How long a connection may say nothing."""


class Viewer(ThreadingHTTPServer):
    """Serves one run on the loopback address; use as a context manager and call `serve_forever`.

    Args:
        folder: of a finished run.
        port: 0 for any that is free.

    Raises:
        TableError: the folder holds no finished run.
        ConfigError: the port cannot be had.
    """

    daemon_threads = True
    allow_reuse_address = sys.platform != "win32"  # there it would share the port with another program

    def __init__(self, folder: Path, port: int = 0) -> None:
        self.routes = Routes(folder)
        try:
            super().__init__((LOOPBACK, port), _Handler)
        except OSError as error:
            problem = f"port {port}: {error.strerror or error}"
            raise ConfigError(problem, "give another --port, or none for any that is free") from None

    def server_bind(self) -> None:
        """Take the port; the base class would ask the network for a name of this machine."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = LOOPBACK, self.server_address[1]

    @property
    def address(self) -> str:
        """Where a browser finds the page."""
        return f"http://{LOOPBACK}:{self.server_port}/"

    def is_own(self, hosts: list[str]) -> bool:
        """Whether a request was meant for this server: a foreign name that leads here is an attack on it.

        Args:
            hosts: every header `Host` of the request.
        """
        return hosts in ([f"{name}:{self.server_port}"] for name in (LOOPBACK, "localhost"))

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that goes away in the middle is no fault."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    """Answers one request from the table of routes."""

    server: Viewer
    timeout = SECONDS

    def do_GET(self) -> None:
        """Headers and content."""
        self._answer()

    def do_HEAD(self) -> None:
        """Headers alone."""
        self._answer()

    def do_POST(self) -> None:
        """Nothing here can be changed."""
        self._say(HTTPStatus.METHOD_NOT_ALLOWED, f"only {ALLOWED}")

    do_PUT = do_DELETE = do_PATCH = do_OPTIONS = do_TRACE = do_CONNECT = do_POST

    def version_string(self) -> str:
        """Of the program alone."""
        return "radcompare"

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: standard error is for what the user should know."""

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What the base class refuses, in plain text."""
        self._say(HTTPStatus(code), message or explain or "")

    def _answer(self) -> None:
        if not self.server.is_own(self.headers.get_all("Host", [])):
            self._say(HTTPStatus.FORBIDDEN, f"this server is {self.server.address} alone")
            return
        try:
            found = self.server.routes.answer(unquote(self.path.partition("?")[0]))
        except RadcompareError as problem:
            self._say(HTTPStatus.INTERNAL_SERVER_ERROR, str(problem))
            return
        except OSError:  # the run is being written anew
            found = None
        if found is None:
            self._say(HTTPStatus.NOT_FOUND, "there is no such page")
        else:
            self._send(HTTPStatus.OK, found)

    def _say(self, status: HTTPStatus, text: str) -> None:
        self._send(status, Answer(f"{status.phrase}: {text}\n".encode(), TEXT))

    def _send(self, status: HTTPStatus, answer: Answer) -> None:
        self.send_response(status)
        headers = {
            "Content-Type": answer.kind,
            "Content-Length": str(len(answer.content)),
            "Content-Security-Policy": answer.policy,
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-store",
        }
        if status == HTTPStatus.METHOD_NOT_ALLOWED:
            headers["Allow"] = ALLOWED
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.content)
