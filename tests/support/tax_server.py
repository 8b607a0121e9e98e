"""A tax engine for tests: a real HTTP server that answers batches, and can be told to fail or to be slow."""

import json
import time
from contextlib import AbstractContextManager
from http.server import ThreadingHTTPServer

from json_server import JsonHandler, running


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

    def taxes_of(self, request: dict) -> dict:
        taxes = [] if request["exempt"] else self.taxes.get(request["service_location"], [])
        return {"request_id": request["request_id"], "taxes": taxes}


class _Handler(JsonHandler):
    server: TaxServer

    def do_POST(self) -> None:
        requests = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["requests"]
        self.server.asked.append(requests)
        failure = self.server.failures.pop(0) if self.server.failures else None
        if isinstance(failure, float):
            time.sleep(failure)
        elif failure:
            return self.answer(failure, {"error": "busy"})
        answers = {"answers": [self.server.taxes_of(request) for request in requests]}
        return self.answer(200, self.server.body or answers)


def tax_server() -> AbstractContextManager[TaxServer]:
    """A server on a free port, for a while."""
    return running(TaxServer())
