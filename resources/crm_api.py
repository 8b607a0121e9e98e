"""Pages of a JSON API: asked for one after the other (http_json.py), and never written to.

Every page has to be there. A read that breaks off has read nothing.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from billing_assets.contract import ConfigurationError
from resources.crm_settings import CrmApi
from resources.http_json import HttpService, http_service


def pages(url: str, api: CrmApi, changed_since: datetime | None) -> Iterator[tuple[int, list[dict]]]:
    """Number and records of each page, from 1. Raises ConfigurationError when one cannot be read."""
    parameters: dict[str, str | int] = {api.page_size_parameter: api.page_size} if api.page_size_parameter else {}
    if changed_since:
        parameters[api.changed_since_parameter] = changed_since.replace(tzinfo=UTC).isoformat()
    with http_service("crm", "crm.api", api) as crm:
        walk = _by_number if api.pages == "number" else _by_cursor
        yield from enumerate(walk(crm, url, api, parameters), start=1)


def value_at(record: Any, path: str) -> Any:
    """The value of a field; in `a.b` the field b of the object a. None where there is none."""
    for name in path.split(".") if path else ():
        record = record.get(name) if isinstance(record, dict) else None
    return record


def _by_number(crm: HttpService, url: str, api: CrmApi, parameters: dict) -> Iterator[list[dict]]:
    before: list[dict] | None = None
    number = api.first_page
    # a page that is not full need not be the last: a server may give fewer records than it was asked for
    while records := _records(_page(crm, url, parameters | {api.page_parameter: number}), url, api):
        if records == before:
            raise ConfigurationError(f"crm: {url} gives the same page again for {api.page_parameter} {number}")
        yield records
        before = records
        number += 1


def _by_cursor(crm: HttpService, url: str, api: CrmApi, parameters: dict) -> Iterator[list[dict]]:
    seen: set[str] = set()
    address, asked = url, parameters
    while True:
        page = _page(crm, address, asked)
        yield _records(page, address, api)
        cursor = value_at(page, api.next_at)
        if cursor in (None, "", False):
            return
        if str(cursor) in seen:
            raise ConfigurationError(f"crm: {url} gives the cursor {cursor} again")
        seen.add(str(cursor))
        if str(cursor).startswith(("http://", "https://", "/")):
            address, asked = _on_the_same_server(url, str(cursor)), {}
        else:
            asked = parameters | {api.page_parameter: cursor}


def _on_the_same_server(url: str, following: str) -> str:
    address = urljoin(url, following)
    if urlsplit(address)[:2] != urlsplit(url)[:2]:
        raise ConfigurationError(f"crm: {url} names a next page on another server: {address}")
    return address


def _page(crm: HttpService, url: str, parameters: dict) -> Any:
    return crm.get(url, parameters, without="nothing is copied")


def _records(page: Any, url: str, api: CrmApi) -> list[dict]:
    records = value_at(page, api.records_at)
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        where = f"under {api.records_at!r}" if api.records_at else "in its answer"
        raise ConfigurationError(f"crm: {url} has no list of records {where}")
    return records
