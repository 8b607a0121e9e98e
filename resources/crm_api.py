"""Pages of a JSON API: asked for one after the other, again when the server is busy or broken, and never written to.

Every page has to be there. A read that breaks off has read nothing.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from billing_assets.contract import ConfigurationError
from resources.crm_settings import CrmApi
from resources.section import from_environment

_AGAIN = (429, 500, 502, 503, 504)
_LONGEST_PAUSE = 120


def pages(url: str, api: CrmApi, changed_since: datetime | None) -> Iterator[tuple[int, list[dict]]]:
    """Number and records of each page, from 1. Raises ConfigurationError when one cannot be read."""
    parameters: dict[str, str | int] = {api.page_size_parameter: api.page_size} if api.page_size_parameter else {}
    if changed_since:
        parameters[api.changed_since_parameter] = changed_since.replace(tzinfo=UTC).isoformat()
    with _session(api) as session:
        walk = _by_number if api.pages == "number" else _by_cursor
        yield from enumerate(walk(session, url, api, parameters), start=1)


def value_at(record: Any, path: str) -> Any:
    """The value of a field; in `a.b` the field b of the object a. None where there is none."""
    for name in path.split(".") if path else ():
        record = record.get(name) if isinstance(record, dict) else None
    return record


def _by_number(session: requests.Session, url: str, api: CrmApi, parameters: dict) -> Iterator[list[dict]]:
    before: list[dict] | None = None
    number = api.first_page
    # a page that is not full need not be the last: a server may give fewer records than it was asked for
    while records := _records(_page(session, url, api, parameters | {api.page_parameter: number}), url, api):
        if records == before:
            raise ConfigurationError(f"crm: {url} gives the same page again for {api.page_parameter} {number}")
        yield records
        before = records
        number += 1


def _by_cursor(session: requests.Session, url: str, api: CrmApi, parameters: dict) -> Iterator[list[dict]]:
    seen: set[str] = set()
    address, asked = url, parameters
    while True:
        page = _page(session, address, api, asked)
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


def _page(session: requests.Session, url: str, api: CrmApi, parameters: dict) -> Any:
    try:
        answer = session.get(url, params=parameters, timeout=api.timeout_seconds)
    except requests.RequestException as error:
        raise ConfigurationError(f"crm: {url} cannot be reached: {type(error).__name__}") from None
    if not answer.ok:
        raise ConfigurationError(f"crm: {url} answers {answer.status_code} {answer.reason}; nothing is copied")
    try:
        return answer.json()
    except requests.JSONDecodeError:
        raise ConfigurationError(f"crm: {url} does not answer with JSON") from None


def _records(page: Any, url: str, api: CrmApi) -> list[dict]:
    records = value_at(page, api.records_at)
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        where = f"under {api.records_at!r}" if api.records_at else "in its answer"
        raise ConfigurationError(f"crm: {url} has no list of records {where}")
    return records


def _session(api: CrmApi) -> requests.Session:
    session = requests.Session()
    again = Retry(
        total=api.retries, backoff_factor=api.backoff_seconds, backoff_max=_LONGEST_PAUSE, status_forcelist=_AGAIN,
        allowed_methods=("GET",), raise_on_status=False, retry_after_max=_LONGEST_PAUSE,
    )  # fmt: skip
    session.mount("http://", HTTPAdapter(max_retries=again))
    session.mount("https://", HTTPAdapter(max_retries=again))
    session.headers["Accept"] = "application/json"
    if api.token:
        session.headers["Authorization"] = f"Bearer {from_environment(api.token, 'crm.api.token')}"
    return session
