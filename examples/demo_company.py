"""The Orvane Group, an invented company with everything that a billing system meets: a demo in a folder.

Orvane sells mobile telephony, films and e-books, charging of electric cars, and a fleet software, in
France (EUR), the United Kingdom (GBP) and Japan (JPY, without cents); its French vendor also serves
viewers in Germany. On the first of the first month all customers were taken over from older systems.

    python examples/demo_company.py OUTPUT_DIR [--accounts 300] [--udrs-per-month 30000]
                                               [--months 2026-01..2026-03]

OUTPUT_DIR becomes an inputs folder: billing.toml, the reference tables, orders and discounts as CSV,
and usage files under usage/SOURCE/LOAD_DAY. Nine sources write nine dialects: local times and UTC,
epochs and ISO 8601, semicolons, tabs and bars, decimal commas, Latin-1, gzip and Parquet.

Worth looking for:

- FR-100000 is the VIP: a cheaper plan, and 10 % off everything. FR-500000 is exempt from VAT.
- GB-500000 pays for its region and its depot, in three levels; its ventures pay for themselves.
- Cycle monthly-1 runs from the 1st, monthly-15 from the 15th; usage goes on to the 14th after the
  last month, where the later cycle ends.
- Calls to Europe become cheaper with the second month, charging dearer in the middle of it.
- Some customers start, end or upgrade in the middle of a month; some British drivers charge in euros.
- One record of a hundred is a duplicate, late or broken; calls in the night of 29 March 2026, when
  European clocks change, have times that do not exist.

The same arguments always make the same bytes. Files are overwritten when they differ, never deleted.
"""

import argparse
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path
from random import Random

from demo import catalogue, dialling, market, prices, usage_types
from demo.customers import accounts, customers
from demo.days import months_between, usage_days
from demo.events import Event, Usage
from demo.faults import Arrival, Faults
from demo.files import write, write_table
from demo.orders import Service
from demo.sources import SOURCES, Source, source_of
from demo.subscriptions import order_book

_SEED = "orvane"


def main():
    options = _options()
    folder, months = options.output_dir, options.months
    billed = customers(options.accounts, Random(f"{_SEED}:customers"))
    book = order_book(billed, months, Random(f"{_SEED}:orders"))
    tables = {
        "billing_cycles": list(market.CYCLES),
        "accounts": accounts(billed),
        "catalogues": catalogue.catalogues(),
        "tax_codes": list(market.TAX_CODES),
        "tax_rates": market.tax_rates(),
        "udr_types": usage_types.udr_types(),
        "udr_type_attributes": usage_types.udr_type_attributes(),
        "unit_conversions": usage_types.unit_conversions(),
        "products": catalogue.products(),
        "price_plans": catalogue.price_plans(),
        "rates": prices.rates(months),
        "zone_prefixes": dialling.zone_prefixes() + prices.charging_zones(),
        "time_bands": prices.time_bands(),
        "offers": catalogue.offers(),
        "offer_products": catalogue.offer_products(),
        "bundles": prices.bundles(months),
        "imported_orders": book.lines,
        "discount_definitions": catalogue.discount_definitions(),
        "discount_requests": book.discounts,
    }
    for name, rows in tables.items():
        write_table(folder, name, rows)
    write(folder / "billing.toml", _settings(months[0]).encode())
    _write_usage(folder, months, book.services, options.udrs_per_month)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Write the inputs of the demo company.")
    parser.add_argument("output_dir", type=Path, metavar="OUTPUT_DIR")
    parser.add_argument("--accounts", type=int, default=300, help="customer accounts (default 300)")
    parser.add_argument("--udrs-per-month", type=int, default=30_000, help="usage records a month (default 30000)")
    parser.add_argument("--months", type=_months, default="2026-01..2026-03", help="default 2026-01..2026-03")
    return parser.parse_args()


def _months(text: str) -> list[date]:
    first, _, last = text.partition("..")
    return months_between(*(date.fromisoformat(f"{month}-01") for month in (first, last or first)))


def _settings(first_month: date) -> str:
    return "\n".join((f'first_month = "{first_month:%Y-%m}"\n', *(source.settings() for source in SOURCES)))


def _write_usage(folder: Path, months: list[date], services: list[Service], per_month: int):
    """Day by day; what is loaded on a later day waits until that day."""
    days = usage_days(months)
    last_load_day = days[-1] + timedelta(days=1)
    usage = Usage(services, per_month, _SEED)
    faults = {source: Faults(source, last_load_day, _SEED) for source in SOURCES}
    waiting = defaultdict(list)
    for day in days:
        for source, events in _events_by_source(usage, day).items():
            for arrival in faults[source].arrivals(day, events):
                waiting[arrival.load_day, source].append(arrival)
        for source in SOURCES:
            _write_load(folder, source, day, waiting.pop((day + timedelta(days=1), source), []))


def _events_by_source(usage: Usage, day: date) -> dict[Source, list[Event]]:
    """Each switch writes in the order in which calls began."""
    events = defaultdict(list)
    for udr_type in usage_types.PROFILES:
        for event in usage.events(udr_type, day):
            events[source_of(udr_type, event.service.market)].append(event)
    for of_source in events.values():
        of_source.sort(key=lambda event: event.fields["started_at"])
    return events


def _write_load(folder: Path, source: Source, day: date, arrivals: list[Arrival]):
    for suffix, is_resent in (("", False), ("-resent", True)):
        events = [arrival.event for arrival in arrivals if arrival.is_resent is is_resent]
        if events:
            load_folder = folder / "usage" / source.name / str(day + timedelta(days=1))
            write(load_folder / f"{source.name}-{day}{suffix}.{source.ending}", source.content(events))


if __name__ == "__main__":
    main()
