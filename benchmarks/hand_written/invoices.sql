-- Invoice lines whose rounded amounts add up, what rounding did to them, and totals. Euros have two digits.

ALTER TABLE placed ADD COLUMN invoice_line_id VARCHAR;
UPDATE placed SET invoice_line_id = md5(concat_ws(chr(31), month, billing_cycle, invoice_id, item_type, label,
    shown(component), shown(subscription_id), shown(product_id), shown(zone_id), service_start, service_end, chr(30),
    shown(unit), tax_code, tax_category, chr(30), shown(rate), country, currency, 'false', 0::DECIMAL(9, 6)));

CREATE TEMP TABLE lines AS
WITH summed AS (
    SELECT invoice_line_id, any_value(month) AS month, any_value(billing_cycle) AS billing_cycle,
           any_value(invoice_id) AS invoice_id, any_value(item_type) AS item_type, any_value(label) AS label, any_value(component) AS component,
           any_value(subscription_id) AS subscription_id, any_value(product_id) AS product_id,
           any_value(zone_id) AS zone_id, any_value(service_start) AS service_start,
           any_value(service_end) AS service_end, any_value(unit) AS unit, any_value(tax_code) AS tax_code,
           any_value(tax_category) AS tax_category, any_value(rate) AS tax_rate, any_value(country) AS country,
           any_value(currency) AS currency, any_value(payer_account_id) AS payer_account_id,
           sum(events)::BIGINT AS events, sum(quantity)::DECIMAL(18, 9) AS quantity,
           sum(billed_quantity)::DECIMAL(18, 9) AS billed_quantity,
           count(unit_price) = count(*) AND min(unit_price) = max(unit_price) AND min(price_per) = max(price_per) AS has_price,
           any_value(unit_price) AS unit_price, any_value(price_per) AS price_per, sum(amount)::DECIMAL(28, 10) AS exact_amount
    FROM placed GROUP BY invoice_line_id
), services AS (
    -- of a service together first, so that usage and the bundle that covers it cancel out
    SELECT invoice_id, tax_code, tax_category, tax_rate, country, subscription_id, product_id, zone_id, service_start, service_end,
           sum(exact_amount) AS exact, min(invoice_line_id) AS first_line
    FROM summed GROUP BY ALL
), ranked_services AS (
    SELECT *, sum(exact) OVER g::DECIMAL(28, 2) AS net, floor(exact * 100)::BIGINT AS down,
           sum(floor(exact * 100)::BIGINT) OVER g AS floors,
           row_number() OVER (PARTITION BY invoice_id, tax_code, tax_category, tax_rate, country
                              ORDER BY exact * 100 - floor(exact * 100) DESC, first_line) AS place
    FROM services WINDOW g AS (PARTITION BY invoice_id, tax_code, tax_category, tax_rate, country)
), shared AS (
    SELECT * EXCLUDE (exact, net, down, floors, place, first_line),
           down + CASE WHEN place <= (net * 100)::BIGINT - floors THEN 1 ELSE 0 END AS coins
    FROM ranked_services
), floored AS (
    SELECT s.*, coins, floor(exact_amount * 100)::BIGINT AS down, exact_amount * 100 - floor(exact_amount * 100) AS lost
    FROM summed s JOIN shared r
      ON s.invoice_id = r.invoice_id AND s.tax_code = r.tax_code AND s.tax_category = r.tax_category
     AND s.tax_rate = r.tax_rate AND s.country = r.country AND s.product_id = r.product_id
     AND s.subscription_id IS NOT DISTINCT FROM r.subscription_id AND s.zone_id IS NOT DISTINCT FROM r.zone_id
     AND s.service_start = r.service_start AND s.service_end = r.service_end
), ranked AS (
    SELECT *, sum(down) OVER g AS floors, row_number() OVER (PARTITION BY invoice_id, tax_code, tax_category, tax_rate, country, subscription_id, product_id,
                              zone_id, service_start, service_end ORDER BY lost DESC, invoice_line_id) AS place
    FROM floored WINDOW g AS (PARTITION BY invoice_id, tax_code, tax_category, tax_rate, country, subscription_id, product_id,
                              zone_id, service_start, service_end)
)
SELECT * EXCLUDE (coins), ((down + CASE WHEN place <= coins - floors THEN 1 ELSE 0 END) * 0.01)::DECIMAL(28, 10) AS net_amount
FROM ranked;

COPY (SELECT month, billing_cycle, invoice_line_id, invoice_id,
             row_number() OVER (PARTITION BY invoice_id
                                ORDER BY subscription_id, product_id, item_type = 'discount', zone_id, service_start,
                                         item_type = 'bundle', invoice_line_id) AS line_number,
             item_type, label, component, subscription_id, product_id, zone_id, service_start, service_end,
             NULL::VARCHAR AS corrects_month, events, quantity, billed_quantity, unit,
             CASE WHEN has_price THEN unit_price END AS unit_price, CASE WHEN has_price THEN price_per END AS price_per,
             tax_code, tax_category, NULL::VARCHAR AS exemption_reason_code, NULL::VARCHAR AS certificate_id, country,
             concat_ws(':', tax_code, country, tax_category, tax_rate) AS tax_group, 'vat' AS tax_regime,
             'tax_group' AS tax_rounding, tax_rate,
             false AS tax_included, 0::DECIMAL(9, 6) AS included_rate, exact_amount, net_amount AS price_amount, net_amount,
             currency
      FROM lines ORDER BY invoice_line_id)
  TO '$lake/invoice_lines.parquet' (COMPRESSION zstd);

COPY (
    WITH keyed AS (
        SELECT *, (net_amount - exact_amount)::DECIMAL(28, 10) AS amount,
               item_key(month, 'rounding', payer_account_id, NULL, subscription_id, product_id, 'invoice_lines',
                        invoice_line_id, tax_code, service_start, service_end, currency) AS item_key
        FROM lines WHERE net_amount <> exact_amount
    )
    SELECT * FROM (
        SELECT * EXCLUDE (country, rate, tax_category, invoice_part, caller_location, called_location), NULL::VARCHAR AS carried_from,
               NULL::VARCHAR AS corrects_month FROM placed
        UNION ALL BY NAME
        SELECT month, billing_cycle, item_id(item_key, NULL, NULL, amount) AS item_id, item_key, 'rounding' AS item_type,
               'vendor_to_customer' AS leg, payer_account_id, subscription_id, product_id, 'Rounding' AS label,
               'invoice_lines' AS source_table, invoice_line_id AS source_id, zone_id, unit, tax_code, service_start,
               service_end, 0::BIGINT AS events, false AS tax_included, amount, currency, invoice_id, invoice_line_id
        FROM keyed
        UNION ALL BY NAME
        SELECT * EXCLUDE (tax_regime, tax_rounding, tax_category, exemption_reason_code, exemption_reason, certificate_id,
                         country, tax_level, jurisdiction, rate, included_rate, base_amount, price_amount, exact_amount) FROM '$lake/tax_items.parquet'
    ) ORDER BY item_id
) TO '$lake/billed_items.parquet' (COMPRESSION zstd);

COPY (SELECT t.month, t.billing_cycle, invoice_id,
             CASE WHEN net_amount + tax_amount < 0 THEN 'credit_note' ELSE 'invoice' END AS document_type, t.payer_account_id, NULL::VARCHAR AS invoice_part,
             a.vendor_account_id, service_start AS period_start, service_end AS period_end,
             service_end AS issue_date, service_end + 30 AS due_date, start_at AS usage_from,
             end_at AS usage_to, lines, net_amount, tax_amount,
             (net_amount + tax_amount)::DECIMAL(28, 10) AS gross_amount, t.currency
      FROM (SELECT month, billing_cycle, invoice_id, payer_account_id, currency, sum(amount)::DECIMAL(28, 10) AS tax_amount
            FROM '$lake/tax_items.parquet' GROUP BY ALL) t
      JOIN (SELECT invoice_id, count(*) AS lines, sum(net_amount)::DECIMAL(28, 10) AS net_amount
            FROM lines GROUP BY invoice_id) n USING (invoice_id)
      JOIN '$lake/accounts.parquet' a ON a.account_id = t.payer_account_id
      JOIN windows w ON w.payer_account_id = t.payer_account_id ORDER BY invoice_id)
  TO '$lake/invoices.parquet' (COMPRESSION zstd);
