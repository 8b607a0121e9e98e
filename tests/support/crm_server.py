"""A CRM for tests: a real HTTP server with pages of records, which can be told to fail."""

from contextlib import AbstractContextManager
from http.server import ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from json_server import JsonHandler, running

PAGE = 2


class CrmServer(ThreadingHTTPServer):
    """`records` by path; `failures` are statuses to answer first; `asked` the queries that came."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.records: dict[str, list[dict]] = {"accounts": [], "contacts": []}
        self.failures: list[int] = []
        self.asked: list[dict[str, str]] = []
        self.token = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"


class _Handler(JsonHandler):
    server: CrmServer

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        name = parts.path.rsplit("/", 1)[-1]
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        self.server.asked.append({"path": name, **query})
        self.server.token = self.headers.get("Authorization", "")
        if self.server.failures:
            return self.answer(self.server.failures.pop(0), {"error": "busy"})
        since = query.get("changed_since", "").removesuffix("+00:00")
        found = [r for r in self.server.records[name] if r.get("updated", "") >= since]
        first = int(query["cursor"]) if "cursor" in query else (int(query.get("page", 1)) - 1) * PAGE
        more = first + PAGE < len(found)
        body = {"data": found[first : first + PAGE], "meta": {"next": str(first + PAGE) if more else None}}
        return self.answer(200, body)


def crm_server() -> AbstractContextManager[CrmServer]:
    """A server on a free port, for a while."""
    return running(CrmServer())
