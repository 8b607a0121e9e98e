-- What becomes due in the month: a header per order line with fees, its due periods, and their sums.
-- Every period is billed in advance from the first of a month, which is all that these orders have.

COPY (SELECT 'BH-' || order_line_id AS billing_header_id, order_line_id, ordered_line_id, NULL::BIGINT AS split_part, subscription_id, o.account_id AS service_account_id,
             a.payer_account_id, p.billing_cycle, p.time_zone, product_id, tax_code, price_type,
             billing_term_scheme_id, billing_frequency, CASE price_type WHEN 'recurring' THEN 'month' END AS period_unit,
             CASE price_type WHEN 'recurring' THEN 1 END::BIGINT AS period_length, billing_rule, ready_date,
             CASE price_type WHEN 'recurring' THEN 'billing_day' END AS alignment,
             coalesce(billing_day, anchor_day) AS billing_day,
             CASE price_type WHEN 'recurring' THEN 12 * year(start_date) + month(start_date) - 1
                  + CASE WHEN day(start_date) > coalesce(billing_day, anchor_day) THEN 1 ELSE 0 END
             END::BIGINT AS period_anchor, 'billing_period' AS price_period, 'calendar_days' AS proration, 'last' AS residual,
             pricing_source, NULL::VARCHAR AS rate_id, quantity, unit_price, net_price, tax_included, o.currency, start_date, end_date,
             min(start_date) OVER (PARTITION BY subscription_id, product_id) AS service_start, planned_end_date, replaced_as,
             asset_id, contract_id, opportunity_id, customer_reference
      FROM '$lake/order_lines.parquet' o
      JOIN '$lake/accounts.parquet' a USING (account_id)
      JOIN '$lake/accounts.parquet' p ON p.account_id = a.payer_account_id
      JOIN '$lake/billing_cycles.parquet' c ON c.billing_cycle = p.billing_cycle
      WHERE price_type <> 'usage' ORDER BY billing_header_id)
  TO '$lake/billing_headers.parquet' (COMPRESSION zstd);

CREATE TEMP TABLE due AS
SELECT '2026-01' AS month, *,
       CASE WHEN billed_days = full_days THEN net_price
            ELSE (rounded_quotient(ten_billionths(net_price) * (days_before + billed_days), full_days)
                  - rounded_quotient(ten_billionths(net_price) * days_before, full_days)) * 0.0000000001
       END::DECIMAL(28, 10) AS fee_amount
FROM (
    SELECT *, period_end - period_start AS billed_days,
           CASE billing_frequency WHEN 'one_time' THEN 0 ELSE period_start - full_start END AS days_before,
           CASE billing_frequency WHEN 'one_time' THEN 1 ELSE full_end - full_start END AS full_days,
           'BSR-' || order_line_id || ':' || period_start AS billing_schedule_record_id
    FROM (
        SELECT h.*, full_start, full_end,
               CASE billing_frequency WHEN 'one_time' THEN start_date ELSE greatest(full_start, start_date) END AS period_start,
               CASE billing_frequency WHEN 'one_time' THEN start_date + 1
                    ELSE least(full_end, coalesce(end_date, full_end)) END AS period_end
        FROM '$lake/billing_headers.parquet' h,
             (VALUES (DATE '2026-01-01', DATE '2026-02-01'), (DATE '2026-02-01', DATE '2026-03-01')) p(full_start, full_end)
        WHERE CASE billing_frequency WHEN 'one_time' THEN start_date >= full_start AND start_date < full_end
              ELSE start_date < full_end AND coalesce(end_date, DATE '9999-12-31') > full_start END
    ) WHERE period_start <= DATE '2026-02-01'
);

COPY (SELECT month, billing_cycle, 'BSD' || billing_schedule_record_id[4:] || ':fee' AS billing_schedule_detail_id,
             billing_schedule_record_id, billing_header_id, 'regular' AS record_type, 'fee' AS category,
             period_start, period_end, NULL::DECIMAL(18, 9) AS maturity, net_price AS full_price, days_before, billed_days,
             full_days, fee_amount, NULL::DECIMAL(28, 10) AS undivided_amount, currency
      FROM due ORDER BY billing_schedule_detail_id)
  TO '$lake/billing_schedule_details.parquet' (COMPRESSION zstd);

COPY (SELECT month, billing_cycle, billing_schedule_record_id, billing_header_id, period_start, period_end,
             period_start AS ready_for_invoice_date, 'pending_invoice' AS status, fee_amount, currency
      FROM due ORDER BY billing_schedule_record_id)
  TO '$lake/billing_schedule_records.parquet' (COMPRESSION zstd);

COPY (SELECT month, billing_cycle, billing_header_id, count(*) AS records, sum(fee_amount)::DECIMAL(28, 10) AS fee_amount,
             currency
      FROM due GROUP BY ALL ORDER BY billing_header_id)
  TO '$lake/billing_header_amounts.parquet' (COMPRESSION zstd);
