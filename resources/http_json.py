"""JSON over HTTP: asked again when the server is busy or broken, and every failure is one sentence.

Here belongs what all services that billing asks have in common: token, time-out, retries and pauses.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import requests
from pydantic import Field, field_validator
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from billing_assets.contract import ConfigurationError
from resources.section import Section, from_environment, is_from_environment

_AGAIN = (429, 500, 502, 503, 504)
_LONGEST_PAUSE = 120


class HttpSettings(Section):
    """How a service is asked."""

    token: str = ""
    timeout_seconds: float = Field(default=30, gt=0)
    retries: int = Field(default=5, ge=0)
    backoff_seconds: float = Field(default=0.5, ge=0)

    @field_validator("token")
    @classmethod
    def _of_the_environment(cls, value: str) -> str:
        if value and not is_from_environment(value):
            raise ValueError("token: a token does not belong into a file; name the variable that has it, 'env:NAME'")
        return value


class HttpService:
    """A service that is asked for JSON; `name` is what sentences about it begin with, `key` that of its settings."""

    def __init__(self, name: str, key: str, settings: HttpSettings):
        self._name = name
        self._timeout = settings.timeout_seconds
        self._session = requests.Session()
        again = Retry(
            total=settings.retries, backoff_factor=settings.backoff_seconds, backoff_max=_LONGEST_PAUSE,
            status_forcelist=_AGAIN, allowed_methods=("GET", "POST"), raise_on_status=False,
            retry_after_max=_LONGEST_PAUSE,
        )  # fmt: skip
        self._session.mount("http://", HTTPAdapter(max_retries=again))
        self._session.mount("https://", HTTPAdapter(max_retries=again))
        self._session.headers["Accept"] = "application/json"
        if settings.token:
            self._session.headers["Authorization"] = f"Bearer {from_environment(settings.token, f'{key}.token')}"

    def get(self, url: str, parameters: dict[str, str | int], without: str) -> Any:
        """What the service has at an address; `without` ends the sentence when it refuses."""
        return self._asked("GET", url, without, params=parameters)

    def post(self, url: str, body: Any, without: str) -> Any:
        """What the service answers to a question. Asking twice must do no more than asking once."""
        return self._asked("POST", url, without, json=body)

    def _asked(self, method: str, url: str, without: str, **question: Any) -> Any:
        try:
            answer = self._session.request(method, url, timeout=self._timeout, **question)
        except requests.RequestException as error:
            raise ConfigurationError(f"{self._name}: {url} cannot be reached: {type(error).__name__}") from None
        if not answer.ok:
            raise ConfigurationError(f"{self._name}: {url} answers {answer.status_code} {answer.reason}; {without}")
        try:
            # a number with a point is exact: money never passes through a float
            return json.loads(answer.content, parse_float=Decimal)
        except (json.JSONDecodeError, UnicodeDecodeError):
            raise ConfigurationError(f"{self._name}: {url} does not answer with JSON") from None

    def close(self) -> None:
        self._session.close()


@contextmanager
def http_service(name: str, key: str, settings: HttpSettings) -> Iterator[HttpService]:
    """A service for a while."""
    service = HttpService(name, key, settings)
    try:
        yield service
    finally:
        service.close()
