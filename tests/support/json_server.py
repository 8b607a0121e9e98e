"""A real HTTP server for tests, which answers in JSON; what it answers is the business of who uses it."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TypeVar


class JsonHandler(BaseHTTPRequestHandler):
    """Answers a request with a status and a body."""

    def answer(self, status: int, body: object) -> None:
        content = json.dumps(body).encode()
        try:
            self.send_response(status)
            if status == 429:
                self.send_header("Retry-After", "0")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
        except BrokenPipeError:
            """Who asked did not wait."""

    def log_message(self, *arguments: object) -> None:
        """Tests need no log."""


Server = TypeVar("Server", bound=ThreadingHTTPServer)


@contextmanager
def running(server: Server) -> Iterator[Server]:
    """A server that answers, for a while."""
    with server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
