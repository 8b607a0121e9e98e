-- Tax per invoice and tax group: the sum of the group, rounded once, times the rate, rounded once.

-- Items with their tax group; the invoices use it as well.
CREATE TEMP TABLE placed AS
SELECT i.*, month || '-' || i.payer_account_id || '-' || i.currency AS invoice_id, country,
       CASE WHEN tax_status = 'exempt' THEN 0::DECIMAL(9, 6) ELSE r.rate END AS rate,
       CASE WHEN tax_status = 'exempt' THEN 'E' WHEN r.rate = 0 THEN 'Z' ELSE 'S' END AS tax_category
FROM '$lake/charge_items.parquet' i
JOIN '$lake/accounts.parquet' a ON a.account_id = i.payer_account_id
LEFT JOIN '$lake/tax_rates.parquet' r USING (tax_code, country)
WHERE r.rate IS NULL OR (service_end - 1 >= valid_from AND service_end - 1 < valid_to);

COPY (
    WITH summed AS (
        SELECT month, billing_cycle, payer_account_id, invoice_id, tax_code, tax_category, rate, country, currency,
               sum(amount)::DECIMAL(28, 10) AS exact_amount, count(*) AS events,
               exact_amount::DECIMAL(28, 2)::DECIMAL(28, 10) AS base_amount
        FROM placed GROUP BY ALL
    ), keyed AS (
        SELECT s.*, service_start, service_end, concat_ws(':', tax_code, country, tax_category, rate) AS source_id,
               as_amount(rounded_quotient(ten_billionths(base_amount)::HUGEINT * (rate * 1000000)::BIGINT, 100000000))
                   ::DECIMAL(28, 2)::DECIMAL(28, 10) AS amount,
               item_key(month, 'tax', payer_account_id, NULL, NULL, NULL, 'tax_rates', source_id, tax_code, service_start,
                        service_end, currency) AS item_key
        FROM summed s JOIN windows USING (month, billing_cycle, payer_account_id)
    )
    SELECT month, billing_cycle, item_id(item_key, NULL, NULL, amount) AS item_id, item_key, 'tax' AS item_type,
           'vendor_to_customer' AS leg, payer_account_id, NULL::VARCHAR AS service_account_id,
           NULL::VARCHAR AS subscription_id, NULL::VARCHAR AS product_id, name AS label, NULL::VARCHAR AS component, 'tax_rates' AS source_table,
           source_id, NULL::VARCHAR AS price_plan_id, NULL::VARCHAR AS rate_id, NULL::VARCHAR AS zone_id,
           NULL::VARCHAR AS time_band_id, NULL::VARCHAR AS unit, tax_code, service_start, service_end, events,
           NULL::DECIMAL(18, 9) AS quantity, NULL::DECIMAL(18, 9) AS billed_quantity,
           NULL::DECIMAL(24, 12) AS unit_price, NULL::DECIMAL(18, 9) AS price_per, false AS tax_included, amount, currency,
           invoice_id, 'vat' AS tax_regime, 'tax_group' AS tax_rounding, tax_category,
           NULL::VARCHAR AS exemption_reason_code, CASE tax_category WHEN 'E' THEN 'Exempt from tax' END AS exemption_reason,
           NULL::VARCHAR AS certificate_id, country, NULL::VARCHAR AS tax_level, NULL::VARCHAR AS jurisdiction, rate, 0::DECIMAL(9, 6) AS included_rate, base_amount,
           base_amount AS price_amount, exact_amount
    FROM keyed JOIN '$lake/tax_codes.parquet' USING (tax_code) ORDER BY item_id
) TO '$lake/tax_items.parquet' (COMPRESSION zstd);
