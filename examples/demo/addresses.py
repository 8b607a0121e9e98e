"""Where the accounts live, and what their documents say of them: invented streets and numbers, the same each time."""

from zlib import crc32

_TOWNS = {
    "FR": (("69002", "Lyon"), ("44000", "Nantes"), ("67000", "Strasbourg"), ("13001", "Marseille")),
    "GB": (("M1 1AE", "Manchester"), ("BS1 4ST", "Bristol"), ("EH1 1YZ", "Edinburgh"), ("LS1 4DY", "Leeds")),
    "JP": (("100-0001", "Tokyo"), ("530-0001", "Osaka"), ("600-8216", "Kyoto"), ("810-0001", "Fukuoka")),
    "DE": (("10115", "Berlin"), ("20095", "Hamburg"), ("50667", "Köln"), ("80331", "München")),
}
_STREETS = {
    "FR": ("{} rue des Tilleuls", "{} avenue du Port", "{} place du Marché", "{} quai des Brumes"),
    "GB": ("{} Harbour Road", "{} Mill Lane", "{} Station Street", "{} Elm Gardens"),
    "JP": ("{} Sakura-dori", "{} Minato-cho", "{} Kawabata", "{} Yamate"),
    "DE": ("Lindenstraße {}", "Hafenweg {}", "Am Markt {}", "Mühlengasse {}"),
}
_LANGUAGES = {"FR": "fr", "DE": "de"}
_NATIONAL_NUMBER = "0060"


def address(account_id: str, country: str, is_firm: bool) -> dict:
    """Address and language; of firms an electronic address as well, which e-invoices need."""
    drawn = crc32(account_id.encode())
    postal_code, city = _TOWNS[country][drawn % 4]
    return {
        "street": _STREETS[country][drawn // 4 % 4].format(1 + drawn // 16 % 98),
        "postal_code": postal_code,
        "city": city,
        "endpoint_scheme": _NATIONAL_NUMBER if is_firm else None,
        "endpoint_id": f"{drawn % 10**9:09}" if is_firm else None,
        "language": _LANGUAGES.get(country, "en"),
        "registration_number": None,
        "tax_number": None,
        "iban": None,
    }


def vendor_numbers(country: str) -> dict:
    """What the invoices of a vendor name: where it is registered, and where it is paid to."""
    iban = {"FR": "FR7630006000011234567890189", "GB": "GB33BUKB20201555555555"}.get(country)
    return {"registration_number": f"{country}-2026-0417", "tax_number": f"{country} 417 2026", "iban": iban}
