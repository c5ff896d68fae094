"""A server of WebHDFS, the HTTP protocol of Hadoop's file system, over a folder: a place for fsspec."""

from __future__ import annotations

import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import TYPE_CHECKING, Self
from urllib.parse import parse_qs, unquote, urlsplit

if TYPE_CHECKING:
    from pathlib import Path


class WebHdfs:
    """A running server, which can be made to fail."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.read_only = False
        """Whether it refuses to write."""
        self.broken = False
        """Whether it answers every request with an error."""
        self.silent = Event()
        """While set, it accepts requests and answers none."""
        self.cuts: int | None = None
        """Answers end after so many bytes of a file."""
        self.requests: list[str] = []
        """The operations that were asked for."""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"hdfs": self}))
        self._server.daemon_threads = True

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.die()

    @property
    def url(self) -> str:
        """The address of a folder on it."""
        return f"webhdfs://127.0.0.1:{self._server.server_port}/team"

    def die(self) -> None:
        """Stop: from now on connections are refused."""
        self.silent.clear()
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    hdfs: WebHdfs

    def _handle(self) -> None:
        address = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(address.query).items()}
        path = self.hdfs.folder / unquote(address.path).removeprefix("/webhdfs/v1").strip("/")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        operation = query.get("op", "DATA")
        self.hdfs.requests.append(operation)
        while self.hdfs.silent.is_set():
            time.sleep(0.01)
        if self.hdfs.broken:
            self._refuse(500, "StandbyException", "the server is not well")
        elif operation in ("GETFILESTATUS", "LISTSTATUS", "OPEN") and not path.exists():
            self._refuse(404, "FileNotFoundException", "no such file")
        elif operation in ("MKDIRS", "CREATE", "APPEND", "DELETE", "DATA") and self.hdfs.read_only:
            self._refuse(403, "AccessControlException", "permission denied")
        else:
            getattr(self, f"_{operation.lower()}")(path, query, body)

    do_GET = do_PUT = do_POST = do_DELETE = _handle  # noqa: N815  # names of the library

    def _getfilestatus(self, path: Path, query: dict[str, str], body: bytes) -> None:
        self._answer({"FileStatus": _status(path, "")})

    def _liststatus(self, path: Path, query: dict[str, str], body: bytes) -> None:
        inside = sorted(path.iterdir()) if path.is_dir() else []
        self._answer({"FileStatuses": {"FileStatus": [_status(child, child.name) for child in inside]}})

    def _open(self, path: Path, query: dict[str, str], body: bytes) -> None:
        start = int(query.get("offset", 0))
        content = path.read_bytes()[start : start + int(query.get("length", 1 << 40))]
        self._send(200, content[: self.hdfs.cuts])

    def _mkdirs(self, path: Path, query: dict[str, str], body: bytes) -> None:
        path.mkdir(parents=True, exist_ok=True)
        self._answer({"boolean": True})

    def _create(self, path: Path, query: dict[str, str], body: bytes) -> None:
        path.write_bytes(b"")
        self._redirect()

    def _append(self, path: Path, query: dict[str, str], body: bytes) -> None:
        self._redirect()

    def _data(self, path: Path, query: dict[str, str], body: bytes) -> None:
        with path.open("ab") as stream:
            stream.write(body)
        self._send(200, b"")

    def _delete(self, path: Path, query: dict[str, str], body: bytes) -> None:
        path.unlink()
        self._answer({"boolean": True})

    def _redirect(self) -> None:
        place = f"http://127.0.0.1:{self.server.server_address[1]}{urlsplit(self.path).path}"
        self._send(307, b"", Location=place)

    def _refuse(self, status: int, exception: str, message: str) -> None:
        remote = {"exception": exception, "message": message}
        self._send(status, json.dumps({"RemoteException": remote}).encode())

    def _answer(self, data: object) -> None:
        self._send(200, json.dumps(data).encode())

    def _send(self, status: int, content: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the library's name
        """Print nothing."""


def _status(path: Path, suffix: str) -> dict[str, object]:
    state = path.stat()
    kind = "DIRECTORY" if path.is_dir() else "FILE"
    times = {"modificationTime": int(state.st_mtime * 1000)}
    return {"type": kind, "length": 0 if path.is_dir() else state.st_size, "pathSuffix": suffix, **times}
