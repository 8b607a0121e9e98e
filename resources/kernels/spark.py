"""The exact operations as Spark SQL functions.

Spark's `div` ends at 64 bits and its `/` rounds where its type says, so a quotient is taken of what divides without a
remainder. An argument that is a call is computed even where a CASE leaves it out: every step gives NULL, never an
error, for what has no room.
"""

# The types count on it: a product of decimals keeps its scale, and overflows rather than lose digits.
SETTINGS = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.decimalOperations.allowPrecisionLoss": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
}

_AMOUNT = "DECIMAL(28,10)"
_QUANTITY = "DECIMAL(18,9)"
_UNIT_PRICE = "DECIMAL(18,12)"
_SOURCE_QUANTITY = "DECIMAL(24,12)"
_UNITS = "DECIMAL(38,0)"
# 20 digits: then a quotient of 38 digits keeps 28 before its point, as many as an amount has units
_DIVISOR = "DECIMAL(20,0)"


def _units(value: str, scale: int) -> str:
    return f"TRY_CAST(TRY_MULTIPLY({value}, CAST(1{'0' * scale} AS DECIMAL({scale + 1},0))) AS {_UNITS})"


def _decimal(units: str, precision: int, scale: int) -> str:
    step = f"0.{'0' * (scale - 1)}1"
    return f"TRY_CAST(TRY_CAST({units} AS DECIMAL(28,0)) * {step} AS DECIMAL({precision},{scale}))"


def _function(name: str, arguments: str, returns: str, body: str) -> str:
    return f"CREATE OR REPLACE TEMPORARY FUNCTION {name}({arguments}) RETURNS {returns} RETURN {body}"


_REMAINDER = "TRY_MOD(ABS(numerator), denominator)"
_WHOLE = f"TRY_DIVIDE(ABS(numerator) - {_REMAINDER}, denominator)"
_NEAREST = f"TRY_ADD({_WHOLE}, CASE WHEN 2 * {_REMAINDER} >= denominator THEN 1 ELSE 0 END)"
_ABOVE = "(ABS(quantity) - minimum)"
_STEPPED = f"({_ABOVE} + CASE WHEN {_ABOVE} % step = 0 THEN 0 ELSE step - {_ABOVE} % step END)"
_CHARGED = f"""CASE
    WHEN ABS(quantity) <= minimum THEN minimum WHEN step = 0 THEN ABS(quantity) ELSE minimum + {_STEPPED} END"""
_MONTHS = "janfebmaraprmayjunjulaugsepoctnovdec"
_HOUR = "CASE half WHEN '' THEN hour ELSE STRING(TRY_CAST(hour AS INT) % 12 + IF(UPPER(half) = 'PM', 12, 0)) END"
_ISO_INSTANT = r"^\\d{4}-\\d\\d-\\d\\d[T ]([01]\\d|2[0-3]):\\d\\d(:\\d\\d(\\.\\d+)?)?(Z|[+-]\\d\\d(:?\\d\\d)?)\\z"
_TO_SECONDS = "REGEXP_REPLACE(time_text, '^(.{16})([Z+-])', '$1:00$2')"

FUNCTIONS = (
    _function("exact_amount", "amount DECIMAL(38,10)", _AMOUNT, f"CAST(amount AS {_AMOUNT})"),
    _function("exact_quantity", "quantity DECIMAL(38,9)", _QUANTITY, f"CAST(quantity AS {_QUANTITY})"),
    _function("exact_integer", "value BIGINT", "BIGINT", "value"),
    _function(
        "map_text", "entries MAP<STRING, STRING>", "STRING",
        """ARRAY_JOIN(TRANSFORM(
        MAP_ENTRIES(entries), e -> CONCAT(e.key, CHR(30), COALESCE(e.value, CHR(31)))), CHR(30))""",
    ),
    _function("digest_number", "digest STRING", _UNITS, f"CAST(CONV(LEFT(digest, 15), 16, 10) AS {_UNITS})"),
    _function(
        "divided", f"numerator {_UNITS}, denominator {_DIVISOR}", _UNITS,
        f"TRY_CAST(CASE WHEN numerator < 0 THEN -{_NEAREST} ELSE {_NEAREST} END AS {_UNITS})",
    ),
    _function(
        "exact_price", f"quantity {_QUANTITY}, unit_price {_UNIT_PRICE}, price_per {_QUANTITY}", _AMOUNT,
        _decimal(f"divided(TRY_MULTIPLY({_units('quantity', 9)}, {_units('unit_price', 12)}), "
                 f"100 * {_units('price_per', 9)})", 28, 10),
    ),
    _function(
        "exact_ratio", f"amount {_AMOUNT}, numerator BIGINT, denominator BIGINT", _AMOUNT,
        f"""CASE WHEN numerator = denominator THEN amount
        ELSE {_decimal(f"divided(TRY_MULTIPLY({_units('amount', 10)}, numerator), denominator)", 28, 10)} END""",
    ),
    _function(
        "exact_share", f"amount {_AMOUNT}, part {_QUANTITY}, whole {_QUANTITY}", _AMOUNT,
        f"""CASE WHEN part = whole THEN amount
        ELSE {_decimal(f"divided(TRY_MULTIPLY({_units('amount', 10)}, CASE WHEN whole < 0 THEN -1 ELSE 1 END "
                       f"* {_units('part', 9)}), {_units('ABS(whole)', 9)})", 28, 10)} END""",
    ),
    _function(
        "exact_conversion", f"quantity {_SOURCE_QUANTITY}, numerator BIGINT, denominator BIGINT", _QUANTITY,
        f"""CASE WHEN numerator = denominator THEN TRY_CAST(quantity AS {_QUANTITY})
        ELSE {_decimal(f"divided(TRY_MULTIPLY({_units('quantity', 12)}, numerator), 1000 * denominator)", 18, 9)}
        END""",
    ),
    _function(
        "billed_units", f"quantity {_QUANTITY}, minimum {_QUANTITY}, step {_QUANTITY}", _QUANTITY,
        f"""CAST(CASE WHEN quantity = 0 OR (minimum = 0 AND step = 0) THEN quantity
        WHEN quantity < 0 THEN -{_CHARGED} ELSE {_CHARGED} END AS {_QUANTITY})""",
    ),
    _function(
        "year_of_two_digits", "digits STRING", "STRING",
        "STRING(TRY_CAST(digits AS INT) + CASE WHEN TRY_CAST(digits AS INT) < 69 THEN 2000 ELSE 1900 END)",
    ),
    _function(
        "month_of_name", "name STRING", "STRING",
        f"STRING((LOCATE(LOWER(LEFT(name, 3)), '{_MONTHS}') + 2) DIV 3)",
    ),
    _function(
        "time_of_parts",
        "year STRING, month STRING, day STRING, hour STRING, half STRING, minute STRING, second STRING, "
        "fraction STRING, zone STRING",
        "TIMESTAMP_NTZ",
        f"""CAST(TRY_CAST(CONCAT(LPAD(year, 4, '0'), '-', month, '-', day, ' ', {_HOUR}, ':', minute, ':', second, '.',
        fraction, zone) AS TIMESTAMP_LTZ) AS TIMESTAMP_NTZ)""",
    ),
    _function(
        "parsed_instant", "time_text STRING", "TIMESTAMP_NTZ",
        f"""CASE WHEN time_text RLIKE '{_ISO_INSTANT}'
        THEN CAST(TRY_CAST({_TO_SECONDS} AS TIMESTAMP_LTZ) AS TIMESTAMP_NTZ) END""",
    ),
)  # fmt: skip
