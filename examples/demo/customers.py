"""Who the customers are: individuals, enterprises and groups of enterprises, with invented names.

The accounts that a reader looks for have a place of their own: the first French one is the VIP, the
second is exempt from VAT, and the first British ones are a group of three levels that pays centrally.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, islice
from random import Random

from demo.addresses import address, vendor_numbers
from demo.market import BRITAIN, CYCLES, FRANCE, GERMANY, GROUP_ACCOUNT, HOME, MARKETS, Residence

HOLDING = "GB-HOLDING"
_MARKET_PATTERN = ("FR", "GB", "JP", "FR", "GB", "FR", "FR", "JP", "GB", "FR")

_GIVEN_NAMES = {
    "FR": ("Alix", "Camille", "Élodie", "Jules", "Maëlle", "Noé", "Solène", "Théo"),
    "GB": ("Amber", "Callum", "Freya", "Isla", "Oscar", "Poppy", "Rowan", "Toby"),
    "JP": ("Aoi", "Haruto", "Hina", "Kaito", "Ren", "Sakura", "Sora", "Yui"),
    "DE": ("Anke", "Finn", "Jule", "Lennart", "Malte", "Wiebke", "Jörn", "Svenja"),
}
_FAMILY_NAMES = {
    "FR": ("Brévaux", "Lormiel", "Castrenne", "Dauvillac", "Estervaux", "Fontrieul", "Garandelle", "Hautverne"),
    "GB": ("Ashmorrow", "Brindlewick", "Carrowby", "Dunsmerle", "Elverstoke", "Fenholtby", "Grimsdell", "O'Harkwell"),
    "JP": ("Hoshimine", "Kazebayashi", "Tsukigahara", "Amagishi", "Mizukumo", "Yukinohara", "Akanezawa", "Midorihara"),
    "DE": ("Ährenbrook", "Birkenhoop", "Dornwarder", "Eschenfleth", "Lindquell", "Moorkamp", "Ostenried", "Tannbrügg"),
}  # fmt: skip
_FIRM_NAMES = ("Zarvelle", "Quintore", "Belmarra", "Ostrelle", "Vandrix", "Calomere", "Trivane", "Lumarque")
_FIRM_TRADES = {
    "FR": ("Logistique SAS", "Santé SARL", "Énergies SAS", "Conseil & Fils"),
    "GB": ("Logistics Ltd", "Foods, Fish & Sons Ltd", "Engineering plc", "Care Ltd"),
    "JP": ("Shoji KK", "Seisakusho KK", "Unyu KK", "Kagaku KK"),
}


@dataclass(frozen=True, slots=True)
class Customer:
    """An account that is billed, or that another one pays for."""

    account_id: str
    name: str
    residence: Residence
    billing_cycle: str
    is_enterprise: bool = False
    parent_account_id: str | None = None
    bill_to_account_id: str | None = None
    classification: str = "standard"
    tax_status: str = "taxable"

    @property
    def is_vip(self) -> bool:
        return self.classification == "VIP"

    @property
    def is_branch(self) -> bool:
        return self.bill_to_account_id is not None


def customers(number: int, rng: Random) -> list[Customer]:
    return list(islice(_all_customers(rng), number))


def _all_customers(rng: Random) -> Iterator[Customer]:
    yield _vip()
    yield _institute()
    yield from _trading_group()
    for ordinal in count(1):
        country = _MARKET_PATTERN[ordinal % len(_MARKET_PATTERN)]
        cycle = CYCLES[1 if rng.random() < 0.4 else 0]["billing_cycle"]
        if rng.random() < 0.14:
            yield from _enterprise(ordinal, country, cycle, rng)
        else:
            yield _individual(ordinal, country, cycle, rng)


def _individual(ordinal: int, country: str, cycle: str, rng: Random) -> Customer:
    residence = GERMANY if country == "FR" and rng.random() < 0.05 else HOME[country]
    names = _pick(_GIVEN_NAMES[residence.country], rng), _pick(_FAMILY_NAMES[residence.country], rng)
    return Customer(f"{country}-{100_000 + ordinal}", " ".join(names), residence, cycle)


def _enterprise(ordinal: int, country: str, cycle: str, rng: Random) -> Iterator[Customer]:
    """An enterprise; every third one has branches, which it pays for."""
    firm = f"{_pick(_FIRM_NAMES, rng)} {_pick(_FIRM_TRADES[country], rng)}"
    head = Customer(f"{country}-{500_000 + ordinal}", firm, HOME[country], cycle, is_enterprise=True)
    yield head
    for branch in range(1, 3 if rng.random() < 0.33 else 1):
        yield _branch(f"{head.account_id}-{branch}", f"{firm}, branch {branch}", head)


def _branch(account_id: str, title: str, above: Customer) -> Customer:
    return Customer(
        account_id, title, above.residence, above.billing_cycle, is_enterprise=True,
        parent_account_id=above.account_id, bill_to_account_id=above.account_id,
    )  # fmt: skip


def _pick(names: tuple[str, ...], rng: Random) -> str:
    return names[int(rng.random() * len(names))]


def _vip() -> Customer:
    return Customer("FR-100000", "Ombeline Sartrevelle", HOME["FR"], "monthly-1", classification="VIP")


def _institute() -> Customer:
    return Customer(
        "FR-500000", "Institut intergouvernemental des Marées", HOME["FR"], "monthly-15", is_enterprise=True,
        tax_status="exempt",
    )  # fmt: skip


def _trading_group() -> Iterator[Customer]:
    """A depot below a region below the head office, and a venture that pays for itself."""
    head = Customer(
        "GB-500000", "Marrowgate Trading plc", HOME["GB"], "monthly-1", is_enterprise=True,
        parent_account_id=HOLDING,
    )  # fmt: skip
    region = _branch("GB-500000-1", "Marrowgate Trading plc, northern region", head)
    yield head
    yield region
    yield _branch("GB-500000-1-1", "Marrowgate Trading plc, depot 11", region)
    yield Customer(
        "GB-500000-2", "Marrowgate Ventures Ltd", HOME["GB"], "monthly-15", is_enterprise=True,
        parent_account_id=head.account_id,
    )  # fmt: skip


def accounts(billed: list[Customer]) -> list[dict]:
    """The accounts table: the group with its vendors, a holding that only links, and the customers."""
    group = _linked(GROUP_ACCOUNT, "Orvane Group", FRANCE.code)
    vendors = [
        _unbilled(m.vendor_id, m.vendor_name, "vendor", m.code)
        | {"parent_account_id": GROUP_ACCOUNT}
        | vendor_numbers(m.code)
        for m in MARKETS
    ]
    return [group, *vendors, _linked(HOLDING, "Marrowgate Holdings", BRITAIN.code), *map(_account, billed)]


def _linked(account_id: str, title: str, country: str) -> dict:
    return _unbilled(account_id, title, "linked", country)


def _unbilled(account_id: str, title: str, role: str, country: str) -> dict:
    return {
        "account_id": account_id,
        "name": title,
        "role": role,
        "account_type": "enterprise",
        "parent_account_id": None,
        "bill_to_account_id": None,
        "vendor_account_id": None,
        "country": country,
        "currency": HOME[country].market.currency,
        "time_zone": HOME[country].time_zone,
        "classification": None,
        "tax_status": None,
        "billing_cycle": None,
    } | address(account_id, country, is_firm=True)


def _account(customer: Customer) -> dict:
    residence = customer.residence
    return {
        "account_id": customer.account_id,
        "name": customer.name,
        "role": "customer",
        "account_type": "enterprise" if customer.is_enterprise else "individual",
        "parent_account_id": customer.parent_account_id,
        "bill_to_account_id": customer.bill_to_account_id,
        "vendor_account_id": residence.market.vendor_id,
        "country": residence.country,
        "currency": residence.market.currency,
        "time_zone": residence.time_zone,
        "classification": customer.classification,
        "tax_status": customer.tax_status,
        "billing_cycle": customer.billing_cycle,
    } | address(customer.account_id, residence.country, customer.is_enterprise)
