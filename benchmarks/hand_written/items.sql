-- Every pre-tax item of the month: usage and bundles summed up from their events, fees, discounts.
-- Events of one charge_key have everything else in common, so that they are grouped by it alone.

COPY (
    WITH usage AS (
        SELECT charge_key, any_value(payer_account_id) AS payer_account_id, any_value(service_account_id) AS service_account_id,
               any_value(subscription_id) AS subscription_id, any_value(product_id) AS product_id,
               any_value(price_plan_id) AS price_plan_id, any_value(rate_id) AS rate_id, any_value(zone_id) AS zone_id,
               any_value(time_band_id) AS time_band_id, any_value(unit) AS unit, count(*) AS events,
               sum(quantity) AS quantity, sum(billed_quantity) AS billed_quantity, sum(amount) AS amount,
               max(unit_price) AS unit_price, max(price_per) AS price_per, any_value(currency) AS currency
        FROM rated GROUP BY charge_key
    ), covered AS (
        SELECT charge_key, bundle_id, any_value(payer_account_id) AS payer_account_id,
               any_value(service_account_id) AS service_account_id, any_value(subscription_id) AS subscription_id,
               any_value(product_id) AS product_id, any_value(zone_id) AS zone_id, any_value(unit) AS unit,
               count(*) AS events, sum(covered_quantity) AS quantity, sum(amount) AS amount, any_value(currency) AS currency
        FROM '$lake/bundle_items.parquet' GROUP BY charge_key, bundle_id
    ), summed AS (
        SELECT 'usage' AS item_type, 'rated_items' AS source_table, charge_key AS source_id, p.name AS label,
               payer_account_id, service_account_id, subscription_id, product_id, price_plan_id, rate_id, zone_id,
               time_band_id, unit, tax_code, events, quantity, billed_quantity, amount, currency,
               abs(amount - as_amount(rounded_quotient(billionths(billed_quantity)::HUGEINT * billionths(unit_price * 1000),
                                                       billionths(price_per)::HUGEINT * 100))) <= events * 0.0000000001 AS is_price,
               unit_price, price_per
        FROM usage JOIN '$lake/products.parquet' p USING (product_id)
        UNION ALL
        SELECT 'bundle', 'bundle_items', bundle_id || ':' || charge_key || ':included', b.name, payer_account_id, service_account_id,
               subscription_id, c.product_id, b.price_plan_id, NULL, c.zone_id, NULL, unit, tax_code, events, quantity,
               quantity, amount, currency, false, NULL, NULL
        FROM covered c JOIN '$lake/products.parquet' p ON p.product_id = c.product_id
        JOIN '$lake/bundles.parquet' b USING (bundle_id)
    ), keyed AS (
        SELECT *, quantity::DECIMAL(18, 9) AS units, billed_quantity::DECIMAL(18, 9) AS billed_units,
               amount::DECIMAL(28, 10) AS money,
               item_key(month, item_type, payer_account_id, service_account_id, subscription_id, product_id, source_table,
                        source_id, tax_code, service_start, service_end, currency) AS item_key
        FROM summed JOIN windows USING (payer_account_id)
    )
    SELECT * FROM (
        SELECT month, billing_cycle, item_id(item_key, units, billed_units, money) AS item_id, item_key, item_type,
               'vendor_to_customer' AS leg, payer_account_id, service_account_id, subscription_id, product_id, label,
               NULL::VARCHAR AS component, source_table, source_id, price_plan_id, rate_id, zone_id, time_band_id, unit, tax_code, service_start,
               service_end, events, units AS quantity, billed_units AS billed_quantity, CASE WHEN is_price THEN unit_price END::DECIMAL(24, 12) AS unit_price,
               CASE WHEN is_price THEN price_per END::DECIMAL(18, 9) AS price_per, false AS tax_included, money AS amount,
               currency, NULL::VARCHAR AS invoice_part, NULL::VARCHAR AS caller_location, NULL::VARCHAR AS called_location
        FROM keyed
        UNION ALL BY NAME FROM '$lake/fee_items.parquet'
        UNION ALL BY NAME SELECT * EXCLUDE (discount_type, value, base_amount, whole_amount, whole_quantity)
        FROM '$lake/discount_items.parquet'
    ) ORDER BY item_id
) TO '$lake/charge_items.parquet' (COMPRESSION zstd);
