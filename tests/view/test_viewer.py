"""The server: what it gives, to whom, and everything that it does not."""

import json
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from small_run import ARMS, PAGE

from radcompare.errors import ConfigError, TableError
from radcompare.view.page import HEAD, with_script
from radcompare.view.server import Viewer

Ask = Callable[..., Any]


def test_it_listens_on_the_loopback_address_alone(viewer: Viewer) -> None:
    assert viewer.socket.getsockname()[0] == "127.0.0.1"
    assert viewer.address == f"http://127.0.0.1:{viewer.server_port}/"


def test_the_page_is_the_report_with_the_script_before_its_end(ask: Ask) -> None:
    answer = ask("/")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    before, after = answer.content.decode().split(HEAD.decode())
    assert after == "</body></html>\n"
    assert before + after == PAGE


@pytest.mark.parametrize(
    ("page", "end"),
    [
        (b"<BODY>x</BODY></html>", b"</script>\n</BODY></html>"),
        (b"<pre>&lt;/body></pre></body>", b"</script>\n</body>"),
        (b"no body", b"</script>\n"),
        (b"", b"</script>\n"),
    ],
)
def test_the_script_comes_before_the_last_end_of_a_body(page: bytes, end: bytes) -> None:
    assert with_script(page).endswith(end)
    assert with_script(page).count(b"view.js") == 1


def test_the_data_is_json_of_every_arm(ask: Ask) -> None:
    answer = ask("/data.json")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json")
    assert [arm["label"] for arm in json.loads(answer.content)["arms"]] == list(ARMS)
    assert b"<" not in answer.content.replace(b'"label": "', b"").split(b'"cases": [{')[0]


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/view.js", "text/javascript; charset=utf-8"),
        ("/view.css", "text/css; charset=utf-8"),
        ("/favicon.ico", "image/svg+xml"),
        ("/results.json", "application/json"),
        ("/predictions.csv", "text/csv; charset=utf-8"),
        ("/figures/roc_a%252Fb.svg", "image/svg+xml"),
        ("/tables/arms.csv", "text/csv; charset=utf-8"),
        ("/?reload", "text/html; charset=utf-8"),
        # A script that somebody put into the run is no script of ours.
        ("/figures/evil.js", "application/octet-stream"),
    ],
)
def test_what_there_is(ask: Ask, path: str, kind: str) -> None:
    answer = ask(path)
    assert (answer.status, answer.headers["Content-Type"]) == (200, kind)
    assert answer.content


@pytest.mark.parametrize(
    "path",
    [
        *("/run.json", "/config.yaml", "/features/r219.csv", "/report.html", "/view", "*"),
        *("/figures", "/figures/", "/tables/", "/figures/.", "/figures/..", "/figures/nothing.svg"),
        *("/../outside.txt", "/figures/../run.json", "/figures/../../outside.txt", "/..%2foutside.txt"),
        *(
            "/figures/..%2frun.json",
            "/figures/%2e%2e/run.json",
            "/figures/..%5crun.json",
            "/figures//etc/passwd",
        ),
        *("/figures/%2Fetc%2Fpasswd", "/figures/%00", "/figures/evil.js%00.svg", "/%2e%2e/%2e%2e/etc/passwd"),
        *(
            "/figures/linked.csv",
            "/figures/inner/deep.svg",
            "/figures/%ff",
            "/static/view.js",
        ),
        "http://127.0.0.1/outside.txt",
    ],
)
def test_what_there_is_not(ask: Ask, run_folder: Path, path: str) -> None:
    (run_folder / "figures" / "linked.csv").symlink_to(run_folder.parent / "outside.txt")
    (run_folder / "figures" / "inner").mkdir()
    (run_folder / "figures" / "inner" / "deep.svg").write_text("secret")
    answer = ask(path)
    assert answer.status in (400, 404)
    assert b"secret" not in answer.content
    assert b"root:" not in answer.content


def test_a_folder_that_is_a_link_is_not_followed(ask: Ask, run_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "a.csv").write_text("secret")
    (run_folder / "tables" / "arms.csv").unlink()
    (run_folder / "tables").rmdir()
    (run_folder / "tables").symlink_to(tmp_path / "elsewhere")
    assert ask("/tables/a.csv").status == 404


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_what_is_no_regular_file_is_not_read(ask: Ask, run_folder: Path) -> None:
    os.mkfifo(run_folder / "figures" / "pipe.svg")
    assert ask("/figures/pipe.svg").status == 404


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_it_answers_to_its_own_names(ask: Ask, viewer: Viewer, name: str) -> None:
    assert ask("/data.json", hosts=(f"{name}:{viewer.server_port}",)).status == 200


@pytest.mark.parametrize(
    "hosts",
    [
        *((), ("evil.example",), ("evil.example:{}",), ("127.0.0.1",), ("localhost",), ("127.0.0.1:1",)),
        *(("127.0.0.1.evil.example:{}",), ("[::1]:{}",), ("0.0.0.0:{}",), ("127.0.0.1:{}", "evil.example")),
    ],
)
def test_it_refuses_the_name_of_another(ask: Ask, viewer: Viewer, hosts: tuple[str, ...]) -> None:
    for path in ("/", "/data.json", "/nothing"):
        answer = ask(path, hosts=tuple(host.format(viewer.server_port) for host in hosts))
        assert answer.status == 403
        assert ARMS[0].encode() not in answer.content


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_nothing_can_be_changed(ask: Ask, method: str) -> None:
    answer = ask("/", method)
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD")
    assert ask("/", "BREW").status == 501


def test_head_has_the_headers_of_get_and_no_content(ask: Ask) -> None:
    head, get = ask("/", "HEAD"), ask("/")
    assert head.content == b""
    assert {k: v for k, v in head.headers.items() if k != "Date"} == {
        k: v for k, v in get.headers.items() if k != "Date"
    }


@pytest.mark.parametrize("path", ["/", "/data.json", "/view.js", "/figures/evil.js", "/nothing"])
def test_every_answer_says_what_a_browser_may_do_with_it(ask: Ask, path: str) -> None:
    for answer in (ask(path), ask(path, "POST"), ask(path, hosts=()), ask(path, "BREW")):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert answer.headers["Server"] == "radcompare"
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe-eval" not in policy
        assert ("script-src 'self';" in policy) == (path == "/" and answer.status == 200)


def test_a_report_that_is_written_anew_shows(ask: Ask, run_folder: Path) -> None:
    (run_folder / "report.html").write_text("<body>new</body>")
    assert ask("/").content.startswith(b"<body>new<link")


def test_a_run_that_breaks_meanwhile_is_told_in_words(ask: Ask, run_folder: Path) -> None:
    (run_folder / "predictions.csv").write_text("ID,arm\n1,a\n")
    answer = ask("/data.json")
    assert (answer.status, b"no column 'y_true'" in answer.content) == (500, True)
    (run_folder / "report.html").unlink()
    assert ask("/").status == 404


def test_a_client_that_says_nonsense_or_leaves_gets_no_traceback(
    ask: Ask, viewer: Viewer, capfd: pytest.CaptureFixture[str]
) -> None:
    for sent in (
        b"\x16\x03\x01\x02\n\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /" + b"a" * 70_000,
        b"",
    ):
        with socket.create_connection(("127.0.0.1", viewer.server_port)) as client:
            client.sendall(sent)
    assert ask("/").status == 200
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("name", ["results.json", "report.html", "predictions.csv"])
def test_a_folder_without_a_finished_run_is_refused(run_folder: Path, name: str) -> None:
    (run_folder / name).rename(run_folder / "other")
    (run_folder / name).symlink_to(run_folder / "other")
    with pytest.raises(TableError, match=f"holds no {name}"):
        Viewer(run_folder)


def test_a_run_that_cannot_be_read_is_told_before_there_is_an_address(run_folder: Path) -> None:
    (run_folder / "results.json").write_text("{}")
    with pytest.raises(TableError, match="cannot be read as results"):
        Viewer(run_folder)


def test_a_port_in_use_is_told(run_folder: Path, viewer: Viewer) -> None:
    with pytest.raises(ConfigError, match=f"^port {viewer.server_port}: .*in use") as caught:
        Viewer(run_folder, viewer.server_port)
    assert "--port" in caught.value.hint
