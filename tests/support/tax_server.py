"""A tax engine for tests: a real HTTP server that answers batches, and can be told to fail or to be slow."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class TaxServer(ThreadingHTTPServer):
    """`taxes` by service location; `failures` are what to do first: a status, or seconds to wait before answering.

    `asked` are the batches that came. A payer who is exempt has no taxes.
    """

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.taxes: dict[str, list[dict]] = {}
        self.failures: list[int | float] = []
        self.asked: list[list[dict]] = []
        self.body: object = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/taxes"

    def answer(self, request: dict) -> dict:
        taxes = [] if request["exempt"] else self.taxes.get(request["service_location"], [])
        return {"request_id": request["request_id"], "taxes": taxes}


class _Handler(BaseHTTPRequestHandler):
    server: TaxServer

    def do_POST(self) -> None:
        requests = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["requests"]
        self.server.asked.append(requests)
        failure = self.server.failures.pop(0) if self.server.failures else None
        if isinstance(failure, float):
            time.sleep(failure)
        elif failure:
            return self._said(failure, {"error": "busy"})
        answers = {"answers": [self.server.answer(request) for request in requests]}
        return self._said(200, self.server.body or answers)

    def _said(self, status: int, body: object) -> None:
        content = json.dumps(body).encode()
        try:
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
        except BrokenPipeError:
            """Who asked did not wait."""

    def log_message(self, *arguments: object) -> None:
        """Tests need no log."""


@contextmanager
def tax_server() -> Iterator[TaxServer]:
    """A server on a free port, for a while."""
    with TaxServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
