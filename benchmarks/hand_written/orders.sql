-- From imported orders to order lines, subscriptions, and the services that usage is recognised by.

CREATE TEMP TABLE imported AS
SELECT source, source_order_id, source_line_id, ordered_on::DATE AS ordered_on, account_id, subscription_id,
       NULL::VARCHAR AS offer_id, product_id, price_plan_id, price_type, NULL::VARCHAR AS billing_term_scheme_id,
       NULL::VARCHAR AS billing_rule, NULL::VARCHAR AS billing_frequency, NULL::BIGINT AS frequency_count, NULL::VARCHAR AS frequency_unit,
       NULL::BIGINT AS billing_day, NULL::DATE AS ready_date, 1::DECIMAL(15, 9) AS quantity, unit_price::DECIMAL(22, 10) AS unit_price,
       NULL::VARCHAR AS currency, NULL::VARCHAR AS requester_id, start_date::DATE AS start_date, end_date::DATE AS end_date, service_identifier,
       NULL::DECIMAL(15, 9) AS fulfilled_quantity, NULL::VARCHAR AS asset_id, NULL::VARCHAR AS contract_id,
       NULL::VARCHAR AS opportunity_id, NULL::VARCHAR AS customer_reference,
       'imported_orders.csv' AS source_file, row_number() OVER () + 1 AS source_line
FROM read_csv('$inputs/imported_orders.csv', all_varchar = true);

COPY (FROM imported ORDER BY source, source_order_id, source_line_id)
  TO '$lake/imported_orders.parquet' (COMPRESSION zstd);

CREATE TEMP TABLE judged_orders AS
SELECT i.*, p.product_type, p.udr_type, p.tax_code, a.currency AS line_currency,
       CASE WHEN a.account_id IS NULL THEN 'UNKNOWN_ACCOUNT'
            WHEN p.product_id IS NULL THEN 'UNKNOWN_PRODUCT'
            WHEN a.role IN ('linked', 'vendor') THEN 'ACCOUNT_NOT_BILLED'
            WHEN i.price_plan_id IS NOT NULL AND l.price_plan_id IS NULL THEN 'UNKNOWN_PRICE_PLAN'
            WHEN (i.price_type = 'usage') <> (p.product_type = 'usage_service') THEN 'WRONG_PRICE_TYPE'
            WHEN i.price_type = 'usage' AND service_identifier IS NULL THEN 'MISSING_SERVICE_IDENTIFIER'
            WHEN i.price_type <> 'usage' AND unit_price IS NULL THEN 'MISSING_PRICE'
            WHEN end_date <= start_date THEN 'END_BEFORE_START'
            WHEN i.price_type = 'usage' AND start_date < max(coalesce(end_date, DATE '9999-12-31')) OVER (
                PARTITION BY service_identifier, p.udr_type, i.price_type ORDER BY start_date, i.source_line
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) THEN 'OVERLAPPING_SERVICE'
       END AS reason
FROM imported i
LEFT JOIN '$lake/accounts.parquet' a USING (account_id)
LEFT JOIN '$lake/products.parquet' p USING (product_id)
LEFT JOIN '$lake/price_plans.parquet' l USING (price_plan_id);

CREATE TEMP TABLE order_lines AS
SELECT concat_ws(':', source, source_order_id, source_line_id) AS order_line_id,
       concat_ws(':', source, source_order_id, source_line_id) AS ordered_line_id, 1::BIGINT AS version, 'new' AS action,
       source, source_order_id, source_line_id,
       ordered_on, account_id, subscription_id, offer_id, product_id, product_type, udr_type, tax_code, price_plan_id,
       price_type, billing_term_scheme_id, 'in_advance' AS billing_rule,
       CASE price_type WHEN 'one_time' THEN 'one_time' WHEN 'recurring' THEN 'monthly' END AS billing_frequency, frequency_count,
       frequency_unit, billing_day,
       ready_date, quantity,
       CASE price_type WHEN 'usage' THEN 0 ELSE unit_price END::DECIMAL(22, 10) AS unit_price,
       CASE price_type WHEN 'usage' THEN 0 ELSE quantity * unit_price END::DECIMAL(28, 10) AS net_price,
       false AS tax_included,
       CASE price_type WHEN 'usage' THEN 'usage' ELSE 'order_line' END AS pricing_source, line_currency AS currency,
       start_date, end_date, service_identifier, start_date AS aligned_from, end_date AS planned_end_date,
       NULL::VARCHAR AS replaced_as, asset_id, contract_id, opportunity_id, customer_reference,
       source_file, source_line
FROM judged_orders WHERE reason IS NULL;

COPY (FROM order_lines ORDER BY order_line_id) TO '$lake/order_lines.parquet' (COMPRESSION zstd);
COPY (SELECT source, source_order_id, source_line_id, reason, NULL::VARCHAR AS detail, source_file, source_line
      FROM judged_orders WHERE reason IS NOT NULL ORDER BY ALL)
  TO '$lake/rejected_orders.parquet' (COMPRESSION zstd);

COPY (SELECT subscription_id, min(account_id) AS account_id, min(price_plan_id) AS price_plan_id,
             min(billing_term_scheme_id) AS billing_term_scheme_id, min(start_date) AS start_date,
             CASE WHEN count(*) = count(end_date) THEN max(end_date) END AS end_date, count(*) AS order_lines
      FROM order_lines GROUP BY subscription_id ORDER BY subscription_id)
  TO '$lake/subscriptions.parquet' (COMPRESSION zstd);

-- A service lives from local midnight to local midnight; outside of the month's offsets any day will do. A conditional
-- plan is for businesses, others are on its base plan.
COPY (SELECT order_line_id, service_identifier, udr_type, product_id, subscription_id, o.account_id, payer_account_id,
             CASE WHEN plan_type = 'conditional' AND classification <> 'business' THEN base_plan_id
                  ELSE price_plan_id END AS price_plan_id, a.time_zone, s.utc_hour AS start_at, e.utc_hour AS end_at
      FROM order_lines o JOIN '$lake/accounts.parquet' a USING (account_id)
      LEFT JOIN '$lake/price_plans.parquet' USING (price_plan_id)
      JOIN offsets s ON s.time_zone = a.time_zone AND s.local_hour = start_date
      LEFT JOIN offsets e ON e.time_zone = a.time_zone AND e.local_hour = end_date
      WHERE price_type = 'usage' ORDER BY order_line_id)
  TO '$lake/subscription_services.parquet' (COMPRESSION zstd);

CREATE TEMP TABLE requests AS
SELECT r.*, GREATEST(requested_on, s.start_date) AS valid_from,
       CASE WHEN s.subscription_id IS NULL THEN 'UNKNOWN_SUBSCRIPTION'
            WHEN r.value < minimum_value::DECIMAL(28, 10) OR r.value > maximum_value::DECIMAL(28, 10)
            THEN 'VALUE_NOT_ALLOWED'
            WHEN row_number() OVER (PARTITION BY r.subscription_id ORDER BY line) > 1 THEN 'OVERLAPPING_DISCOUNT'
       END AS reason, name
FROM (SELECT * REPLACE (requested_on::DATE AS requested_on, value::DECIMAL(28, 10) AS value), row_number() OVER () + 1 AS line
      FROM read_csv('$inputs/discount_requests.csv', all_varchar = true)) r
JOIN read_csv('$inputs/discount_definitions.csv', all_varchar = true) d USING (discount_definition_id)
LEFT JOIN '$lake/subscriptions.parquet' s USING (subscription_id);

COPY (SELECT discount_request_id, discount_definition_id, subscription_id, NULL::VARCHAR AS account_id, NULL::VARCHAR AS job_id,
             NULL::VARCHAR AS requester_id, NULL::VARCHAR AS request_reason, requested_on, NULL::DATE AS start_date,
             NULL::DATE AS end_date, value, 'approved' AS state, NULL::VARCHAR AS decided_by,
             NULL::VARCHAR AS decision_comment, 'discount_requests.csv' AS source_file, line AS source_line
      FROM requests WHERE reason IS NULL ORDER BY discount_request_id)
  TO '$lake/discount_requests.parquet' (COMPRESSION zstd);
COPY (SELECT discount_request_id AS discount_id, subscription_id, discount_definition_id, 'subscription' AS target,
             subscription_id AS target_id, name, 'percentage' AS discount_type, value, NULL::VARCHAR AS currency,
             NULL::VARCHAR AS unit, 0::BIGINT AS priority, false AS reduces_commitments,
             'any_day' AS starts_on, valid_from, DATE '9999-12-31' AS valid_to,
             'discount_requests.csv' AS source_file, line AS source_line
      FROM requests WHERE reason IS NULL ORDER BY discount_id)
  TO '$lake/discounts.parquet' (COMPRESSION zstd);
COPY (SELECT discount_request_id, reason, NULL::VARCHAR AS detail, 'discount_requests.csv' AS source_file,
             line AS source_line
      FROM requests WHERE reason IS NOT NULL ORDER BY discount_request_id)
  TO '$lake/rejected_discounts.parquet' (COMPRESSION zstd);
