-- Accounts, catalogue, prices and rules as typed tables, each row with its file and line.
-- A configuration is taken as it is here: what makes one unusable is not looked for.

COPY (SELECT billing_cycle, anchor_day::BIGINT AS anchor_day, run_day::BIGINT AS run_day,
             'billing_cycles.csv' AS source_file, row_number() OVER () + 1 AS source_line
      FROM read_csv('$inputs/billing_cycles.csv', all_varchar = true) ORDER BY billing_cycle)
  TO '$lake/billing_cycles.parquet' (COMPRESSION zstd);

-- Who pays: the account at the end of the bill-to chain.
CREATE TEMP TABLE imported_accounts AS
SELECT *, row_number() OVER () + 1 AS source_line FROM read_csv('$inputs/accounts.csv', all_varchar = true);
COPY (
    WITH RECURSIVE payers AS (
        SELECT account_id, account_id AS payer_account_id, bill_to_account_id AS next FROM imported_accounts
        UNION ALL
        SELECT p.account_id, a.account_id, a.bill_to_account_id
        FROM payers p JOIN imported_accounts a ON a.account_id = p.next
    )
    SELECT account_id, name, role, 'individual' AS account_type, NULL::VARCHAR AS parent_account_id, bill_to_account_id,
           vendor_account_id, country, currency, time_zone, coalesce(classification, 'standard') AS classification,
           coalesce(tax_status, 'taxable') AS tax_status, billing_cycle, 'none' AS invoice_split, NULL::VARCHAR AS vat_id,
           NULL::VARCHAR AS division,
           NULL::VARCHAR AS service_location, NULL::VARCHAR AS billing_location,
           NULL::VARCHAR AS registration_number, NULL::VARCHAR AS tax_number, NULL::VARCHAR AS street,
           NULL::VARCHAR AS postal_code, NULL::VARCHAR AS city, NULL::VARCHAR AS endpoint_scheme,
           NULL::VARCHAR AS endpoint_id, NULL::VARCHAR AS buyer_reference, NULL::VARCHAR AS iban, NULL::VARCHAR AS bic,
           'en' AS language, 30::BIGINT AS payment_days, 'issue_date' AS payment_from,
           NULL::DATE AS closed_on, payer_account_id, NULL::BOOLEAN AS vat_id_well_formed,
           'accounts.csv' AS source_file, source_line
    FROM imported_accounts JOIN payers USING (account_id) WHERE next IS NULL ORDER BY account_id
) TO '$lake/accounts.parquet' (COMPRESSION zstd);

COPY (SELECT *, 'catalogues.csv' AS source_file, row_number() OVER () + 1 AS source_line
      FROM read_csv('$inputs/catalogues.csv', all_varchar = true) ORDER BY catalogue_id)
  TO '$lake/catalogues.parquet' (COMPRESSION zstd);

COPY (SELECT *, 'services' AS supply, NULL::VARCHAR AS default_rate, 'tax_codes.csv' AS source_file, row_number() OVER () + 1 AS source_line
      FROM read_csv('$inputs/tax_codes.csv', all_varchar = true) ORDER BY tax_code)
  TO '$lake/tax_codes.parquet' (COMPRESSION zstd);

COPY (SELECT tax_code, country, rate::DECIMAL(9, 6) AS rate, DATE '1900-01-01' AS valid_from,
             DATE '9999-12-31' AS valid_to, 'tax_rates.csv' AS source_file, row_number() OVER () + 1 AS source_line
      FROM read_csv('$inputs/tax_rates.csv', all_varchar = true) ORDER BY tax_code, country)
  TO '$lake/tax_rates.parquet' (COMPRESSION zstd);

COPY (SELECT product_id, catalogue_id, name, product_type, udr_type, zone_set, time_band_set, tax_code,
             NULL::VARCHAR AS accounting_code, 'products.csv' AS source_file, row_number() OVER () + 1 AS source_line
      FROM read_csv('$inputs/products.csv', all_varchar = true) ORDER BY product_id)
  TO '$lake/products.parquet' (COMPRESSION zstd);

COPY (SELECT *, 'price_plans.csv' AS source_file, row_number() OVER () + 1 AS source_line
      FROM read_csv('$inputs/price_plans.csv', all_varchar = true) ORDER BY price_plan_id)
  TO '$lake/price_plans.parquet' (COMPRESSION zstd);

COPY (SELECT rate_id, price_plan_id, product_id, zone_id, time_band_id, setup_fee::DECIMAL(28, 10) AS setup_fee,
             0::DECIMAL(28, 10) AS minimum_amount, minimum_quantity::DECIMAL(18, 9) AS minimum_quantity,
             increment::DECIMAL(18, 9) AS increment, unit_price::DECIMAL(18, 12) AS unit_price,
             price_per::DECIMAL(18, 9) AS price_per, coalesce(valid_from::DATE, DATE '1900-01-01') AS valid_from,
             coalesce(valid_to::DATE, DATE '9999-12-31') AS valid_to, 'rates.csv' AS source_file,
             row_number() OVER () + 1 AS source_line
      FROM read_csv('$inputs/rates.csv', all_varchar = true) ORDER BY rate_id)
  TO '$lake/rates.parquet' (COMPRESSION zstd);

COPY (SELECT *, 'zone_prefixes.csv' AS source_file, row_number() OVER () + 1 AS source_line
      FROM read_csv('$inputs/zone_prefixes.csv', all_varchar = true) ORDER BY zone_set, prefix)
  TO '$lake/zone_prefixes.parquet' (COMPRESSION zstd);

COPY (SELECT *, 'time_bands.csv' AS source_file, row_number() OVER () + 1 AS source_line
      FROM read_csv('$inputs/time_bands.csv', all_varchar = true) ORDER BY ALL)
  TO '$lake/time_bands.parquet' (COMPRESSION zstd);

COPY (SELECT udr_type, name, unit, identity_fields, false AS allow_negative,
             400000000::DECIMAL(18, 9) AS maximum_quantity, 'udr_types.csv' AS source_file,
             row_number() OVER () + 1 AS source_line
      FROM read_csv('$inputs/udr_types.csv', all_varchar = true) ORDER BY udr_type)
  TO '$lake/udr_types.parquet' (COMPRESSION zstd);

COPY (SELECT udr_type, attribute, 'text' AS attribute_type, mandatory::BOOLEAN AS mandatory, allowed_values,
             'udr_type_attributes.csv' AS source_file, row_number() OVER () + 1 AS source_line
      FROM read_csv('$inputs/udr_type_attributes.csv', all_varchar = true) ORDER BY udr_type, attribute)
  TO '$lake/udr_type_attributes.parquet' (COMPRESSION zstd);

COPY (SELECT from_unit, to_unit, numerator::BIGINT AS numerator, denominator::BIGINT AS denominator,
             'unit_conversions.csv' AS source_file, row_number() OVER () + 1 AS source_line
      FROM read_csv('$inputs/unit_conversions.csv', all_varchar = true) ORDER BY from_unit, to_unit)
  TO '$lake/unit_conversions.parquet' (COMPRESSION zstd);

COPY (SELECT bundle_id, name, price_plan_id, product_id, zone_id, 'include' AS effect,
             'billed_quantity' AS measure, 'sum' AS aggregation, 'subscription' AS scope,
             included_quantity::DECIMAL(18, 9) AS included_quantity, 0::BIGINT AS priority, 'time' AS cover_order,
             false AS covers_setup_fee, false AS counts_in_tiers, 'none' AS proration, NULL::BIGINT AS rollover_months,
             NULL::DECIMAL(18, 9) AS rollover_maximum, NULL::VARCHAR AS overage_rate_id,
             DATE '1900-01-01' AS valid_from, DATE '9999-12-31' AS valid_to, 'bundles.csv' AS source_file,
             row_number() OVER () + 1 AS source_line
      FROM read_csv('$inputs/bundles.csv', all_varchar = true) ORDER BY bundle_id)
  TO '$lake/bundles.parquet' (COMPRESSION zstd);

-- How far each time zone is ahead of UTC, by the hour, in which clocks change.
CREATE TEMP TABLE offsets AS
SELECT time_zone, utc_hour, date_diff('second', utc_hour, local_hour) AS seconds, local_hour
FROM (
    SELECT time_zone, utc_hour, timezone(time_zone, timezone('UTC', utc_hour)) AS local_hour
    FROM (SELECT DISTINCT time_zone FROM '$lake/accounts.parquet'),
         generate_series(TIMESTAMP '2025-12-31', TIMESTAMP '2026-02-02', INTERVAL 1 HOUR) h(utc_hour)
);

-- The month's window of each payer; the first month of a company takes earlier usage as well.
CREATE TEMP TABLE windows AS
SELECT account_id AS payer_account_id, '2026-01' AS month, billing_cycle, DATE '2026-01-01' AS service_start,
       DATE '2026-02-01' AS service_end, TIMESTAMP '2025-12-01' AS start_at, utc_hour AS end_at
FROM '$lake/accounts.parquet' a
JOIN offsets e ON e.time_zone = a.time_zone AND e.local_hour = TIMESTAMP '2026-02-01'
WHERE billing_cycle IS NOT NULL;
