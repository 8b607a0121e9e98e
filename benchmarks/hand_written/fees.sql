-- The fees that become due in the month, as items.

COPY (
    SELECT month, billing_cycle,
           item_id(item_key, quantity, quantity, amount) AS item_id, item_key, 'fee' AS item_type,
           'vendor_to_customer' AS leg, payer_account_id, service_account_id, subscription_id, product_id, label, NULL::VARCHAR AS component,
           'billing_schedule_details' AS source_table, source_id, NULL::VARCHAR AS price_plan_id, NULL::VARCHAR AS rate_id,
           NULL::VARCHAR AS zone_id, NULL::VARCHAR AS time_band_id, 'piece' AS unit, tax_code, service_start, service_end,
           1::BIGINT AS events, quantity, quantity AS billed_quantity,
           CASE WHEN amount = full_price THEN as_amount(rounded_quotient(ten_billionths(full_price)::HUGEINT * 1000000000,
               billionths(quantity))) END::DECIMAL(24, 12) AS unit_price,
           1::DECIMAL(18, 9) AS price_per, false AS tax_included, amount, currency
    FROM (
        SELECT month, d.billing_cycle, payer_account_id, service_account_id, subscription_id, product_id, p.name AS label,
               billing_schedule_detail_id AS source_id, h.tax_code, period_start AS service_start,
               period_end AS service_end, quantity::DECIMAL(18, 9) AS quantity, fee_amount AS amount, full_price, d.currency,
               item_key(month, 'fee', payer_account_id, service_account_id, subscription_id, product_id,
                        'billing_schedule_details', source_id, h.tax_code, period_start, period_end, d.currency) AS item_key
        FROM '$lake/billing_schedule_details.parquet' d JOIN '$lake/billing_headers.parquet' h USING (billing_header_id)
        JOIN '$lake/products.parquet' p USING (product_id)
    ) ORDER BY item_id
) TO '$lake/fee_items.parquet' (COMPRESSION zstd);
