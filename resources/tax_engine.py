"""The tax engine of [tax_engine] in billing.toml: asked over HTTP in JSON, batch by batch.

A batch is a POST of {"requests": [{"request_id", …}]}; the answer is {"answers": [{"request_id", "taxes": [{"level",
"jurisdiction", "name", "rate", "taxable_amount", "amount"}]}]}. Numbers are decimals, as text or not.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, ValidationError

from billing_assets.contract import ConfigurationError
from billing_assets.exact import AMOUNT, PERCENT
from billing_assets.taxes.engine import TaxLine
from billing_assets.taxes.tables import LEVELS
from resources.http_json import HttpService, HttpSettings, http_service
from resources.section import from_environment

_NAME = "tax engine"
_Amount = Annotated[Decimal, Field(max_digits=AMOUNT.precision, decimal_places=AMOUNT.scale)]
_Percent = Annotated[Decimal, Field(max_digits=PERCENT.precision, decimal_places=PERCENT.scale)]


class TaxEngineSettings(HttpSettings):
    """Where the tax engine is, and how it is asked."""

    url: str
    batch_size: int = Field(default=200, gt=0)


class _Tax(BaseModel):
    level: Literal[LEVELS]
    jurisdiction: str
    name: str
    rate: _Percent | None = None
    taxable_amount: _Amount
    amount: _Amount


class _Answer(BaseModel):
    request_id: str
    taxes: list[_Tax]


class _Answers(BaseModel):
    answers: list[_Answer]


class HttpTaxEngine:
    """A TaxEngine (billing_assets/taxes/engine.py) that is a service."""

    def __init__(self, service: HttpService, settings: TaxEngineSettings):
        self.batch_size = settings.batch_size
        self._service = service
        self._url = from_environment(settings.url, "tax_engine.url")

    def taxes(self, requests: Sequence[dict]) -> list[list[TaxLine]]:
        """The taxes of each request, in their order."""
        body = {"requests": [{name: _as_json(value) for name, value in request.items()} for request in requests]}
        said = self._service.post(self._url, body, without="what it answered before is kept")
        try:
            answers = {answer.request_id: answer.taxes for answer in _Answers.model_validate(said).answers}
        except ValidationError as error:
            problem = error.errors()[0]
            where = ".".join(str(part) for part in problem["loc"])
            raise ConfigurationError(f"{_NAME}: {self._url} answers wrongly: {where}: {problem['msg']}") from None
        for request in requests:
            if request["request_id"] not in answers:
                raise ConfigurationError(f"{_NAME}: {self._url} does not answer request {request['request_id']}")
        return [[TaxLine(**dict(tax)) for tax in answers[request["request_id"]]] for request in requests]


@contextmanager
def http_tax_engine(settings: TaxEngineSettings) -> Iterator[HttpTaxEngine]:
    """The tax engine for a while."""
    with http_service(_NAME, "tax_engine", settings) as service:
        yield HttpTaxEngine(service, settings)


def _as_json(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, date) else value
