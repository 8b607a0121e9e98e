"""The European Union: its countries, and the rates that hold where a company has none of its own.

Both are those of the package `eu-vat-rates-data`, in the version that is installed: rates of the Commission's
database TEDB as of DATA_DAY. It has no history, and a list of reduced rates for some countries: which of them a
supply has is not in the data, so that only a country's single one is taken.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from importlib.metadata import version

import pyarrow as pa
from eu_vat_rates_data import data_version, get_all_rates

from billing_assets.contract import ALWAYS, FOREVER, InputTable

_OF_EU = {country: rates for country, rates in sorted(get_all_rates().items()) if rates["eu_member"]}
EU_COUNTRIES = tuple(_OF_EU)
DATA_DAY = date.fromisoformat(data_version)
SOURCE = f"eu-vat-rates-data {version('eu-vat-rates-data')}"
DEFAULT_RATES = ("standard", "reduced")


def default_rates(codes: Iterable[dict], own: Iterable[tuple[str, str]], table: InputTable) -> pa.Table:
    """The rows of tax_rates for tax codes with a default_rate, in countries without a row of the company's own.

    `own` are the pairs of tax code and country that have rows.
    """
    given = set(own)
    found = [
        (code["tax_code"], country, rate)
        for code in sorted(codes, key=lambda code: code["tax_code"])
        for country, rates in _OF_EU.items()
        if (rate := _rate(rates, code["default_rate"])) is not None and (code["tax_code"], country) not in given
    ]
    always, forever = date.fromisoformat(ALWAYS), date.fromisoformat(FOREVER)
    return pa.Table.from_pylist(
        [
            {"tax_code": code, "country": country, "rate": rate, "valid_from": always, "valid_to": forever,
             "source_file": SOURCE, "source_line": line}
            for line, (code, country, rate) in enumerate(found, start=1)
        ],
        schema=table.arrow_schema,
    )  # fmt: skip


def _rate(rates: dict, kind: str | None) -> Decimal | None:
    """A country's rate of a kind, unless there is none, or more than one to choose from."""
    listed = {"standard": [rates["standard"]], "reduced": rates["reduced"]}.get(kind or "", [])
    # the package has floats, whose shortest text is the published rate
    return Decimal(str(listed[0])).quantize(Decimal("1.000000")) if len(listed) == 1 else None
