"""An invented operator of any size: the inputs of one month, made to be measured.

Here belongs what the benchmark bills: one vendor, euros, one billing cycle from the first of the month,
a subscription for every 50 records, calls, messages and data sessions in three dialects, 200 prefixes,
time bands, increments, bundles, fees and discounts. Of a hundred records one is a duplicate and one is
broken. The same number of records makes the same bytes. What is interesting rather than large belongs
to examples/demo_company.py.

    python benchmarks/company.py OUTPUT_DIR [--udrs 1000000] [--mix plain|pricing]
"""

import argparse
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pricing_mix

FIRST_DAY = date(2026, 1, 1)
DAYS = 31
UDRS_PER_SUBSCRIPTION = 50

SETTINGS = """\
first_month = "2026-01"

[usage.voice]
time_format = "%Y-%m-%d %H:%M:%S"
time_zone = "Europe/Paris"

[usage.voice.columns]
record_id = "id"
service_identifier = "caller"
started_at = "started"
destination = "called"
quantity = "seconds"

[usage.voice.constants]
udr_type = "voice"
unit = "s"

[usage.voice.attributes]
cell = "cell"

[usage.sms]
delimiter = "|"

[usage.sms.columns]
record_id = "id"
service_identifier = "sender"
started_at = "sent"
destination = "receiver"

[usage.sms.constants]
udr_type = "sms"
quantity = "1"
unit = "message"

[usage.data]
delimiter = ";"
time_format = "epoch_seconds"

[usage.data.columns]
record_id = "session"
service_identifier = "msisdn"
started_at = "opened"
quantity = "volume"

[usage.data.constants]
udr_type = "data"
unit = "KB"

[usage.data.attributes]
network = "network"
"""

SMALL_TABLES = {
    "billing_cycles": "billing_cycle,anchor_day,run_day\nfirst,1,3\n",
    "catalogues": "catalogue_id,name,vendor_account_id\nMOBILE,Mobile,VENDOR\n",
    "tax_codes": "tax_code,name\nstandard,Standard rate\n",
    "tax_rates": "tax_code,country,rate\nstandard,FR,20\nstandard,DE,19\n",
    "udr_types": "udr_type,name,unit,identity_fields\nvoice,Call,s,source|record_id\n"
    "sms,Message,message,source|record_id\ndata,Data session,MB,source|record_id\n",
    "udr_type_attributes": "udr_type,attribute,mandatory,allowed_values\n"
    "data,network,true,3G|4G|5G\nvoice,cell,false,\n",
    "unit_conversions": "from_unit,to_unit,numerator,denominator\nKB,MB,1,1024\n",
    "products": "product_id,catalogue_id,name,product_type,udr_type,zone_set,time_band_set,tax_code\n"
    "VOICE,MOBILE,Calls,usage_service,voice,dial,week,standard\n"
    "SMS,MOBILE,Messages,usage_service,sms,dial,,standard\n"
    "DATA,MOBILE,Data,usage_service,data,,,standard\n"
    "PLAN,MOBILE,Mobile plan,termed_service,,,,standard\nSIM,MOBILE,SIM card,physical_good,,,,standard\n",
    "time_bands": "time_band_set,time_band_id,weekdays,start_time,end_time\nweek,peak,1-5,08:00,20:00\n"
    "week,off_peak,1-5,00:00,08:00\nweek,off_peak,1-5,20:00,24:00\nweek,weekend,6-7,00:00,24:00\n",
}

# Country codes by zone, as ITU-T E.164 deals them out; France itself has mobile and premium ranges.
ZONES = {
    "national": "33",
    "mobile": "336 337 33700",
    "premium": "3389 33899 3381",
    "europe": "30 31 32 34 36 39 40 41 43 44 45 46 47 48 49 350 351 352 353 354 355 356 357 358 359 370 371 372 373 "
    "374 375 376 377 378 380 381 382 383 385 386 387 389 420 421 423",
    "europe_mobile": "447 4915 4916 4917 393 346 347 3247 3248 316 417 4366 4369 467 479 486 3519 3538 35840 35850",
    "america": "1 51 52 53 54 55 56 57 58 500 501 502 503 504 505 506 507 509 590 591 592 593 594 595 596 597 598 599",
    "africa": "20 27 211 212 213 216 218 220 221 222 223 224 225 226 227 228 229 230 231 232 233 234 235 236 237 238 "
    "239 240 241 242 243 244 245 248 249 250 251 252 253 254 255 256 257 258 260 261 262 263 264 265 266 267 268",
    "asia": "60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98 670 673 852 853 855 856 880 886 960 961 962 963 "
    "964 965 966 967 968 970 971 972 973 974 975 976 977 992 993 994 995 996 998",
}

# Prices of 20 plans, P00 to P19, and tables that grow with the number of subscriptions.
TABLES = {
    "zone_prefixes": "SELECT 'dial' AS zone_set, prefix, zone_id FROM prefixes ORDER BY prefix",
    "price_plans": "SELECT format('P{:02d}', p) AS price_plan_id, 'MOBILE' AS catalogue_id, 'Plan ' || p AS name, "
    "'EUR' AS currency, 'base' AS plan_type, NULL AS base_plan_id FROM range(20) t(p)",
    # Half of the plans change their prices in the middle of the month.
    "rates": """
        WITH placed AS (
            SELECT 'VOICE' AS product_id, zone_id, band AS time_band_id, setup, minimum, step, cents, 60 AS price_per
            FROM (VALUES (NULL, NULL, 0.1, 60, 60, 99), ('national', 'peak', 0, 0, 1, 6),
                         ('national', NULL, 0, 0, 1, 3), ('mobile', 'peak', 0, 30, 1, 12),
                         ('mobile', NULL, 0, 30, 1, 9), ('premium', NULL, 0.5, 60, 60, 90),
                         ('europe', NULL, 0.05, 30, 30, 15), ('europe_mobile', NULL, 0.05, 30, 30, 25),
                         ('america', NULL, 0.08, 60, 60, 35), ('africa', NULL, 0.1, 60, 60, 79),
                         ('asia', 'weekend', 0.1, 60, 60, 49), ('asia', NULL, 0.1, 60, 60, 69)
            ) v(zone_id, band, setup, minimum, step, cents)
            UNION ALL FROM (VALUES ('SMS', NULL, NULL, 0, 0, 1, 15, 1), ('SMS', 'national', NULL, 0, 0, 1, 5, 1),
                                   ('SMS', 'mobile', NULL, 0, 0, 1, 7, 1), ('DATA', NULL, NULL, 0, 0, 0.1, 1.9, 10))
        ), spans AS (
            SELECT p, part, CASE WHEN part = 0 THEN NULL ELSE DATE '2026-01-16' END AS valid_from,
                   CASE WHEN part = 0 AND p % 2 = 0 THEN DATE '2026-01-16' END AS valid_to
            FROM range(20) t(p), range(2) s(part) WHERE part = 0 OR p % 2 = 0
        )
        SELECT format('R{:04d}', row_number() OVER (ORDER BY p, part, product_id, zone_id, time_band_id)) AS rate_id,
               format('P{:02d}', p) AS price_plan_id, product_id, zone_id, time_band_id, setup AS setup_fee,
               minimum AS minimum_quantity, step AS increment,
               ((cents + p % 7 * 0.1 + part * 0.5) / 100)::DECIMAL(12, 6) AS unit_price, price_per, valid_from, valid_to
        FROM placed, spans ORDER BY rate_id""",
    "bundles": """
        SELECT format('B-{}-{:02d}', product, p) AS bundle_id, included || ' ' || unit || ' included' AS name,
               format('P{:02d}', p) AS price_plan_id, product AS product_id, zone AS zone_id, included AS included_quantity
        FROM range(20) t(p), (VALUES ('VOICE', 'national', 's'), ('DATA', NULL, 'MB')) v(product, zone, unit),
             LATERAL (SELECT CASE product WHEN 'VOICE' THEN 900 + p % 4 * 1200
                                          ELSE 500 + p % 5 * 800 END AS included)
        WHERE p % 3 < CASE product WHEN 'VOICE' THEN 2 ELSE 1 END ORDER BY bundle_id""",
    # Two subscriptions an account; one account in ten is paid for by another, one in 25 is exempt from tax.
    "accounts": """
        SELECT 'VENDOR' AS account_id, 'Vendor' AS name, 'vendor' AS role, NULL AS bill_to_account_id,
               NULL AS vendor_account_id, 'FR' AS country, 'EUR' AS currency, 'Europe/Paris' AS time_zone,
               NULL AS tax_status, NULL AS billing_cycle, NULL AS classification
        UNION ALL
        SELECT format('A{:07d}', a), 'Customer ' || a, 'customer',
               CASE WHEN a % 10 = 9 THEN format('A{:07d}', a - 5) END, 'VENDOR',
               CASE WHEN a % 8 = 3 THEN 'DE' ELSE 'FR' END, 'EUR',
               CASE WHEN a % 8 = 3 THEN 'Europe/Berlin' ELSE 'Europe/Paris' END,
               CASE WHEN a % 25 = 7 THEN 'exempt' END, 'first', classification(a)
        FROM range(($subscriptions + 1) // 2) t(a)""",
    "imported_orders": """
        SELECT 'crm' AS source, format('O{:07d}', s) AS source_order_id, line AS source_line_id,
               '2025-11-01' AS ordered_on, format('A{:07d}', s // 2) AS account_id,
               format('S{:07d}', s) AS subscription_id, product AS product_id,
               CASE WHEN price_type = 'usage' THEN plan(s) END AS price_plan_id, price_type,
               CASE price_type WHEN 'recurring' THEN (10 + s % 20 + 0.99)::VARCHAR
                               WHEN 'one_time' THEN '5' END AS unit_price,
               CASE WHEN s % 200 = 5 THEN '2026-01-05' ELSE '2026-01-01' END AS start_date,
               CASE WHEN s % 200 = 6 AND product <> 'SIM' THEN '2026-01-25' END AS end_date,
               CASE WHEN price_type = 'usage' THEN number(s) END AS service_identifier
        FROM range($subscriptions) t(s),
             (VALUES (1, 'PLAN', 'recurring'), (2, 'VOICE', 'usage'), (3, 'SMS', 'usage'), (4, 'DATA', 'usage'),
                     (5, 'SIM', 'one_time')) v(line, product, price_type)
        WHERE product <> 'SIM' OR s % 20 = 0 ORDER BY s, line""",
    "discount_definitions": """
        SELECT 'LOYALTY' AS discount_definition_id, 'Loyalty' AS name, 'ad_hoc' AS given,
               'percentage' AS discount_type, 5 AS minimum_value, 15 AS maximum_value""",
    "discount_requests": """
        SELECT format('D{:07d}', s) AS discount_request_id, 'LOYALTY' AS discount_definition_id,
               format('S{:07d}', s) AS subscription_id, '2025-11-01' AS requested_on, 5 + s % 3 * 5 AS value
        FROM range($subscriptions) t(s) WHERE s % 15 = 4""",
}

# Who is on which plan, where all are on base plans.
PLAIN_MACROS = (
    "CREATE MACRO classification(a) AS NULL",
    "CREATE MACRO plan(s) AS format('P{:02d}', s % 20)",
)

MACROS = (
    "CREATE MACRO number(s) AS format('336{:08d}', s)",
    # A number from 0 to n - 1, as good as random, that depends on the record and on what it is for.
    "CREATE MACRO chance(record, purpose, n) AS (hash(record, purpose) % n)::BIGINT",
)

# Every record: i is its number, fault (below 1,000) and again (below 100) say what is wrong with it.
RECORDS = """
CREATE TEMP TABLE records AS
SELECT *, CASE WHEN fault = 0 THEN '33999' || caller ELSE number(caller) END AS service_identifier
FROM (
    SELECT i, CASE WHEN kind < 50 THEN 'voice' WHEN kind < 65 THEN 'sms' ELSE 'data' END AS source,
           $first_day + day::INTEGER AS day, epoch_us($first_day + day::INTEGER) // 1000000 + second AS at_second,
           CASE WHEN chance(i, 'heavy', 2) = 0 THEN chance(i, 'caller', $subscriptions)
                ELSE chance(i, 'caller', $subscriptions // 5 + 1) END AS caller,
           prefix || format('{:07d}', chance(i, 'called', 10000000)) AS called,
           CASE WHEN chance(i, 'unanswered', 20) = 0 THEN 0
                ELSE 1 + chance(i, 'units', 1 + chance(i, 'length', 720)) END AS units,
           chance(i, 'fault', 1000) AS fault, chance(i, 'again', 100) AS again
    FROM (
        SELECT i, chance(i, 'kind', 100) AS kind, i * $days // $udrs AS day, chance(i, 'second', 86400) AS second,
               CASE WHEN chance(i, 'abroad', 20) > 0 THEN 0
                    ELSE chance(i, 'prefix', (SELECT count(*) FROM prefixes)) END AS place
        FROM range($udrs) t(i)
    ) JOIN prefixes USING (place)
)"""

# Fields of a line by source. Of 1,000 records 10 are broken: unknown number (0), no number (1), no time (2),
# no such time (3), no quantity (4), no such quantity (5), negative (6), absurd (7), line cut short (8, 9).
TIMES = {
    "voice": "strftime(make_timestamp(at_second * 1000000), '%Y-%m-%d %H:%M:%S')",
    "sms": "strftime(make_timestamp(at_second * 1000000 - 3600000000), '%Y-%m-%dT%H:%M:%SZ')",
    "data": "(at_second - 3600)::VARCHAR",
}
UNITS = {"voice": "units", "data": "units * 977"}
_CALLER = "CASE WHEN fault <> 1 THEN service_identifier END"
_QUANTITY = (
    "CASE fault WHEN 4 THEN NULL WHEN 5 THEN 'many' WHEN 6 THEN '-' || {0} WHEN 7 THEN '9e17' ELSE ({0})::VARCHAR END"
)
LINES = {
    "voice": ("id,caller,started,called,seconds,cell", ("'v' || i", _CALLER, "started", "called",
              _QUANTITY.format(UNITS["voice"]), "'208-' || chance(i, 'cell', 5000)")),
    "sms": ("id|sender|sent|receiver", ("'m' || i", _CALLER, "started", "called")),
    "data": ("session;msisdn;opened;volume;network", ("'d' || i", _CALLER, "started", _QUANTITY.format(UNITS["data"]),
             "chance(i, 'network', 3) + 3 || 'G'")),
}  # fmt: skip


def make(folder: Path, udrs: int, mix: str = "plain"):
    """Write the inputs of a month with that many records."""
    prices = pricing_mix if mix == "pricing" else None
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    for macro in (*MACROS, *(prices.MACROS if prices else PLAIN_MACROS)):
        connection.execute(macro)
    zoned = [(prefix, zone) for zone, prefixes in ZONES.items() for prefix in prefixes.split()]
    connection.execute("CREATE TEMP TABLE prefixes (place BIGINT, prefix VARCHAR, zone_id VARCHAR)")
    connection.executemany("INSERT INTO prefixes VALUES (?, ?, ?)", [(n, *row) for n, row in enumerate(zoned)])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "billing.toml").write_text(SETTINGS, encoding="utf-8")
    for name, content in (SMALL_TABLES | (prices.SMALL_TABLES if prices else {})).items():
        (folder / f"{name}.csv").write_text(content, encoding="utf-8")
    subscriptions = max(20, udrs // UDRS_PER_SUBSCRIPTION)
    tables = TABLES | (prices.TABLES | prices.LATER if prices else {})
    for name, query in tables.items():
        given = {"subscriptions": subscriptions} if "$subscriptions" in query else None
        connection.execute(f"COPY ({query.replace('{folder}', str(folder))}) TO '{folder / name}.csv' (HEADER)", given)
    connection.execute(RECORDS, {"subscriptions": subscriptions, "udrs": udrs, "days": DAYS, "first_day": FIRST_DAY})
    for source in LINES:
        _write_usage(connection, folder, source)
    connection.close()


def _write_usage(connection: duckdb.DuckDBPyConnection, folder: Path, source: str):
    """A file per load day, the day after the events; half of the duplicates come a day later."""
    header, fields = LINES[source]
    delimiter = next(mark for mark in ",|;" if mark in header)
    texts = ", ".join(f"coalesce({field}, '')" for field in fields)
    line = f"concat_ws('{delimiter}', {texts})"
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE lines AS
        SELECT day + 1 AS load_day, at_second, i, again,
               CASE WHEN fault IN (8, 9) THEN line[:strpos(line, '{delimiter}') - 1] ELSE line END AS line
        FROM (
            SELECT *, {line} AS line
            FROM (
                SELECT *, CASE fault WHEN 2 THEN NULL WHEN 3 THEN '31/31/26' ELSE {TIMES[source]} END AS started
                FROM records WHERE source = '{source}'
            )
        )""")
    connection.execute(
        "INSERT INTO lines SELECT load_day + (i % 2)::INTEGER, at_second, i, again, line FROM lines WHERE again = 0"
    )
    for number in range(1, DAYS + 2):
        load_day = FIRST_DAY + timedelta(days=number)
        target = folder / "usage" / source / load_day.isoformat()
        target.mkdir(parents=True, exist_ok=True)
        connection.execute(
            f"COPY (SELECT line AS \"{header}\" FROM lines WHERE load_day = '{load_day}' ORDER BY at_second, i) "
            f"TO '{target / source}.csv' (HEADER, DELIMITER '\t', QUOTE '')"
        )


def main():
    parser = argparse.ArgumentParser(description="Write the inputs of a month to be measured.")
    parser.add_argument("output_dir", type=Path, metavar="OUTPUT_DIR")
    parser.add_argument("--udrs", type=int, default=1_000_000, help="usage records (default 1000000)")
    parser.add_argument("--mix", choices=("plain", "pricing"), default="plain", help="what prices are made of")
    options = parser.parse_args()
    make(options.output_dir, options.udrs, options.mix)


if __name__ == "__main__":
    main()
