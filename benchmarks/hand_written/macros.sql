-- What the other files use: ids, and integers that divide exactly. DuckDB raises when a product overflows.

CREATE TEMP MACRO shown(value) AS coalesce(value::VARCHAR, chr(30));

-- A quantity or an amount as a whole number, 1 as 1,000,000,000 or 10,000,000,000. The first keeps to 64 bits.
CREATE TEMP MACRO billionths(quantity) AS
    floor(quantity)::BIGINT * 1000000000 + ((quantity - floor(quantity))::DECIMAL(9, 9) * 1000000000)::BIGINT;
CREATE TEMP MACRO ten_billionths(amount) AS (amount * 10000000000::DECIMAL(11, 0))::BIGINT;

-- Rounded half away from zero; the divisor is positive.
CREATE TEMP MACRO rounded_quotient(a, b) AS sign(a) * ((2 * abs(a) + b) // (2 * b));

CREATE TEMP MACRO as_quantity(billionths) AS (billionths * 0.000000001)::DECIMAL(18, 9);
CREATE TEMP MACRO as_amount(ten_billionths) AS (ten_billionths * 0.0000000001)::DECIMAL(28, 10);

-- Nobody's prices include tax.
CREATE TEMP MACRO item_key(
    month, item_type, payer, service_account, subscription, product, source_table, source_id, tax_code,
    service_start, service_end, currency
) AS md5(concat_ws(chr(31), month, item_type, 'vendor_to_customer', payer, shown(service_account), shown(subscription),
    shown(product), source_table, source_id, tax_code, 'false', service_start, service_end, currency));

CREATE TEMP MACRO item_id(item_key, quantity, billed_quantity, amount) AS
    md5(concat_ws(chr(31), item_key, shown(quantity), shown(billed_quantity), amount));
