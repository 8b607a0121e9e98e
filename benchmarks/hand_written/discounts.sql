-- What discounts take off the month's usage, bundles and fees, per product, tax code and service period.

COPY (
    WITH given AS (
        SELECT discount_id, subscription_id, name, discount_type, value, valid_from, valid_to FROM '$lake/discounts.parquet'
    ), charged AS (
        SELECT subscription_id, discount_id, payer_account_id, service_account_id, product_id, p.tax_code, currency,
               service_start, service_end, r.amount
        FROM rated r JOIN given USING (subscription_id) JOIN '$lake/products.parquet' p USING (product_id)
        WHERE local_at::DATE >= valid_from AND local_at::DATE < valid_to
        UNION ALL
        SELECT subscription_id, discount_id, payer_account_id, service_account_id, product_id, tax_code, currency,
               service_start, service_end, b.amount
        FROM '$lake/bundle_items.parquet' b JOIN given USING (subscription_id) JOIN '$lake/products.parquet' USING (product_id)
        WHERE local_at::DATE >= valid_from AND local_at::DATE < valid_to
        UNION ALL
        SELECT subscription_id, discount_id, payer_account_id, service_account_id, product_id, f.tax_code, currency,
               service_start, service_end, f.amount
        FROM '$lake/fee_items.parquet' f JOIN given USING (subscription_id)
        WHERE service_start >= valid_from AND service_start < valid_to
    ), discounted AS (
        SELECT c.*, month, billing_cycle, name AS label, discount_type, value,
               -as_amount(rounded_quotient(ten_billionths(c.base)::HUGEINT * (value * 1000000)::BIGINT, 100000000)) AS amount,
               item_key(month, 'discount', payer_account_id, service_account_id, subscription_id, product_id,
                        'discounts', discount_id, tax_code, c.service_start, c.service_end, currency) AS item_key
        FROM (SELECT * EXCLUDE (amount), sum(amount) AS base FROM charged GROUP BY ALL) c
        JOIN given USING (subscription_id, discount_id)
        JOIN (SELECT payer_account_id, month, billing_cycle FROM windows) USING (payer_account_id)
    )
    SELECT month, billing_cycle, item_id(item_key, NULL, NULL, amount) AS item_id, item_key, 'discount' AS item_type,
           'vendor_to_customer' AS leg, payer_account_id, service_account_id, subscription_id, product_id, label, NULL::VARCHAR AS component,
           'discounts' AS source_table, discount_id AS source_id, NULL::VARCHAR AS price_plan_id,
           NULL::VARCHAR AS rate_id, NULL::VARCHAR AS zone_id, NULL::VARCHAR AS time_band_id, NULL::VARCHAR AS unit,
           tax_code, service_start, service_end, 0::BIGINT AS events, NULL::DECIMAL(18, 9) AS quantity,
           NULL::DECIMAL(18, 9) AS billed_quantity, NULL::DECIMAL(24, 12) AS unit_price, NULL::DECIMAL(18, 9) AS price_per,
           false AS tax_included, amount, currency,
           discount_type, value, base::DECIMAL(28, 10) AS base_amount, NULL::DECIMAL(28, 10) AS whole_amount,
           NULL::DECIMAL(18, 9) AS whole_quantity
    FROM discounted WHERE amount <> 0 ORDER BY item_id
) TO '$lake/discount_items.parquet' (COMPRESSION zstd);
