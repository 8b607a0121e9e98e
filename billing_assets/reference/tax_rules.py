"""What makes the configuration of tax unusable: codes, rates and regimes."""

from collections.abc import Callable, Iterator, Sequence

import ibis.expr.types as ir

from billing_assets.contract import ConfigurationError
from billing_assets.reference.broken import Rule, broken, outside, unknown, validity
from billing_assets.reference.tables.vocabulary import ANY
from billing_assets.taxation.regimes import ENGINE, REGIMES


def tax_rules(countries: Sequence[str]) -> Callable[[dict[str, ir.Table]], Iterator[Rule]]:
    """The rules about tax_rates and tax_regimes, with the countries that there are."""

    def rules(t: dict[str, ir.Table]) -> Iterator[Rule]:
        rates, regimes = t["tax_rates"], t["tax_regimes"]
        yield broken(rates, ~rates.country.isin(countries), "country", "is no ISO 3166 country")
        yield unknown(rates, "tax_code", t["tax_codes"])
        yield outside(rates, "rate", 0, 100)
        yield from validity(rates, "tax_code", "country")
        yield broken(regimes, ~regimes.country.isin((*countries, ANY)), "country", "is no ISO 3166 country")
        yield broken(regimes, ~regimes.regime.isin(tuple(REGIMES)), "regime", "is no registered tax regime")
        vendors = t["accounts"].filter(t["accounts"].role.isin(("vendor", "reseller")))
        named = regimes.filter(regimes.vendor_account_id != ANY)
        yield unknown(named, "vendor_account_id", vendors, "account_id", "vendor")

    return rules


def require_engine(is_configured: bool, tables: dict[str, ir.Table], rows: Callable[[ir.Table], list[dict]]) -> None:
    """Raise ConfigurationError for a regime that asks a tax engine, where billing.toml names none."""
    regimes = tables["tax_regimes"]
    for row in [] if is_configured else rows(regimes.filter(regimes.regime == ENGINE).limit(1)):
        raise ConfigurationError(
            f"{row['source_file']}, line {row['source_line']}: regime {ENGINE!r} needs the section [tax_engine] of "
            "billing.toml"
        )
