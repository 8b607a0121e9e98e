"""The exact operations as DuckDB macros."""


def _units(value: str, scale: int) -> str:
    # widened first: DuckDB keeps a product of two 64-bit decimals in 64 bits and would overflow
    widened = f"({value})::DECIMAL({min(37 - scale, 28)},{scale})"
    return f"({widened} * 1{'0' * scale}::DECIMAL({scale + 1},0))::HUGEINT"


def _divided(numerator: str, denominator: str) -> str:
    sign = f"CASE WHEN {numerator} < 0 THEN -1 ELSE 1 END::HUGEINT"
    return f"({sign} * ((2 * abs({numerator}) + {denominator}) // (2 * {denominator})))"


def _decimal(units: str, precision: int, scale: int) -> str:
    step = f"0.{'0' * (scale - 1)}1::DECIMAL({scale},{scale})"
    return f"TRY_CAST(TRY_CAST({units} AS DECIMAL({38 - scale},0)) * {step} AS DECIMAL({precision},{scale}))"


def _billionths(quantity: str) -> str:
    """The units of a quantity, without leaving 64 bits."""
    fraction = f"({quantity} - floor({quantity}))::DECIMAL(9,9)"
    return f"(floor({quantity})::BIGINT * 1000000000 + ({fraction} * 1000000000)::BIGINT)"


def _price() -> str:
    units = f"({_billionths('quantity')}::HUGEINT * {_units('unit_price', 12)})"
    return _decimal(_divided(units, f"(100 * {_billionths('price_per')}::HUGEINT)"), 28, 10)


# Integers of 64 bits divide twenty times faster than those of 128: most prices have up to 6 decimals, and
# then quantity (1e-9) times price (1e-6) has room there up to an amount of 9,000 before price_per divides it.
_IS_SMALL = """unit_price % 0.000001::DECIMAL(18,12) = 0 AND price_per % 1 = 0
        AND abs(quantity::DOUBLE * unit_price::DOUBLE) < 9000 AND price_per < 1000000"""


def _small_price() -> str:
    units = f"({_billionths('quantity')} * (unit_price::DECIMAL(18,6) * 1000000::DECIMAL(7,0))::BIGINT)"
    divisor = "(100000 * price_per::BIGINT)"
    rounded = f"sign({units}) * ((abs({units}) + {divisor} // 2) // {divisor})"
    return f"(({rounded})::DECIMAL(18,0) * 0.0000000001::DECIMAL(10,10))::DECIMAL(28,10)"


def _ratio() -> str:
    units = f"({_units('amount', 10)} * numerator::HUGEINT)"
    return _decimal(_divided(units, "denominator::HUGEINT"), 28, 10)


def _share() -> str:
    units = f"(sign(whole)::HUGEINT * {_units('amount', 10)} * {_units('part', 9)})"
    return _decimal(_divided(units, _units("abs(whole)", 9)), 28, 10)


def _conversion() -> str:
    units = f"({_units('quantity', 12)} * numerator::HUGEINT)"
    return _decimal(_divided(units, "(1000 * denominator::HUGEINT)"), 18, 9)


_ABOVE = "(abs(quantity) - minimum)"
_STEPPED = f"({_ABOVE} + CASE WHEN {_ABOVE} % step = 0 THEN 0 ELSE step - {_ABOVE} % step END)"
_ISO_INSTANT = r"\d{4}-\d\d-\d\d[T ]([01]\d|2[0-3]):\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d(:?\d\d)?)"
_TO_SECONDS = r"regexp_replace(time_text, '^(.{16})([Z+-])', '\1:00\2')"

MACROS = (
    "CREATE OR REPLACE TEMP MACRO exact_amount(amount) AS amount::DECIMAL(28,10)",
    "CREATE OR REPLACE TEMP MACRO exact_quantity(quantity) AS quantity::DECIMAL(18,9)",
    "CREATE OR REPLACE TEMP MACRO exact_integer(value) AS value::BIGINT",
    """CREATE OR REPLACE TEMP MACRO map_text(entries) AS array_to_string(list_transform(
        map_entries(entries), lambda e: e.key || chr(30) || coalesce(e.value, chr(31))), chr(30))""",
    "CREATE OR REPLACE TEMP MACRO digest_number(digest) AS ('0x' || digest[:15])::BIGINT::DECIMAL(38,0)",
    f"""CREATE OR REPLACE TEMP MACRO exact_price(quantity, unit_price, price_per) AS CASE
        WHEN {_IS_SMALL} THEN {_small_price()} ELSE {_price()} END""",
    f"""CREATE OR REPLACE TEMP MACRO exact_ratio(amount, numerator, denominator) AS CASE
        WHEN numerator = denominator THEN amount::DECIMAL(28,10) ELSE {_ratio()} END""",
    f"""CREATE OR REPLACE TEMP MACRO exact_share(amount, part, whole) AS CASE
        WHEN part = whole THEN amount::DECIMAL(28,10) ELSE {_share()} END""",
    f"""CREATE OR REPLACE TEMP MACRO exact_conversion(quantity, numerator, denominator) AS CASE
        WHEN numerator = denominator THEN TRY_CAST(quantity AS DECIMAL(18,9)) ELSE {_conversion()} END""",
    f"""CREATE OR REPLACE TEMP MACRO billed_units(quantity, minimum, step) AS (CASE
        WHEN quantity = 0 OR (minimum = 0 AND step = 0) THEN quantity
        WHEN abs(quantity) <= minimum THEN sign(quantity) * minimum
        WHEN step = 0 THEN quantity
        ELSE sign(quantity) * (minimum + {_STEPPED}) END)::DECIMAL(18,9)""",
    "CREATE OR REPLACE TEMP MACRO parsed_time(time_text, pattern) AS try_strptime(time_text, pattern)::TIMESTAMP",
    f"""CREATE OR REPLACE TEMP MACRO parsed_instant(time_text) AS CASE
        WHEN regexp_full_match(time_text, '{_ISO_INSTANT}')
        THEN timezone('UTC', try_cast({_TO_SECONDS} AS TIMESTAMPTZ)) END""",
)
