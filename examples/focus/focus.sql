-- The company behind a FOCUS 1.0 cost and usage file: each view is one input of the billing run.
-- The file lies in the table `focus`, column by column as text; NULL is written as NULL or left empty.

CREATE VIEW bill AS
SELECT
    Id AS line_id,
    BillingAccountId AS payer,
    NULLIF(NULLIF(BillingAccountName, 'NULL'), '') AS payer_name,
    NULLIF(NULLIF(SubAccountId, 'NULL'), '') AS account,
    NULLIF(NULLIF(SubAccountName, 'NULL'), '') AS account_name,
    BillingCurrency AS currency,
    SUBSTR(BillingPeriodStart, 1, 10) AS period_start,
    SUBSTR(ChargePeriodStart, 1, 10) AS used_on,
    ChargeDescription AS description,
    NULLIF(NULLIF(SkuId, 'NULL'), '') AS sku,
    NULLIF(NULLIF(SkuPriceId, 'NULL'), '') AS price_id,
    NULLIF(NULLIF(ListUnitPrice, 'NULL'), '') AS list_price,
    ListCost AS list_cost,
    NULLIF(NULLIF(PricingUnit, 'NULL'), '') AS unit
FROM focus;

-- Who bills, who pays, who uses.

CREATE VIEW billing_cycles AS
SELECT 'monthly' AS billing_cycle, 1 AS anchor_day, 3 AS run_day;

CREATE VIEW accounts AS
SELECT
    'RESELLER' AS account_id, 'Cloud reseller' AS name, 'vendor' AS role, 'enterprise' AS account_type,
    NULL AS bill_to_account_id, NULL AS vendor_account_id, 'US' AS country, 'USD' AS currency,
    'UTC' AS time_zone, NULL AS billing_cycle
UNION ALL
SELECT
    payer, COALESCE(MAX(payer_name), payer), 'customer', 'enterprise', NULL, 'RESELLER', 'US', currency, 'UTC',
    'monthly'
FROM bill
GROUP BY payer, currency
UNION ALL
SELECT
    account, COALESCE(MAX(account_name), account), 'customer', 'enterprise', payer, 'RESELLER', 'US', currency, 'UTC',
    'monthly'
FROM bill
WHERE account IS NOT NULL AND account NOT IN (SELECT payer FROM bill)
GROUP BY account, payer, currency;

-- What is sold: a product per SKU, counted in its pricing unit. A unit that costs more than 1 is counted in
-- thousandths, because a quantity has nine decimals, and its file eleven.

CREATE VIEW units AS
SELECT
    unit,
    CASE WHEN MAX(list_price + 0) > 1 THEN '0.001 ' || unit ELSE unit END AS counted_in,
    CASE WHEN MAX(list_price + 0) > 1 THEN 1000 ELSE 1 END AS per_unit
FROM bill
WHERE unit IS NOT NULL
GROUP BY unit;

CREATE VIEW skus AS
SELECT sku, unit, MIN(description) AS name, COUNT(DISTINCT COALESCE(price_id, '')) > 1 AS has_several_prices
FROM bill
WHERE sku IS NOT NULL AND unit IS NOT NULL
GROUP BY sku, unit;

CREATE VIEW catalogues AS
SELECT 'CLOUD' AS catalogue_id, 'Cloud services' AS name, 'RESELLER' AS vendor_account_id;

CREATE VIEW tax_codes AS
SELECT 'CLOUD' AS tax_code, 'Cloud services' AS name;

CREATE VIEW tax_rates AS
SELECT 'CLOUD' AS tax_code, 'US' AS country, 0 AS rate;

CREATE VIEW udr_types AS
SELECT unit AS udr_type, unit AS name, counted_in AS unit, 'source|record_id' AS identity_fields,
    'true' AS allow_negative
FROM units;

CREATE VIEW udr_type_attributes AS
SELECT unit AS udr_type, 'expected_amount' AS attribute, 'number' AS attribute_type
FROM units;

CREATE VIEW unit_conversions AS
SELECT unit AS from_unit, counted_in AS to_unit, per_unit AS numerator
FROM units
WHERE per_unit > 1;

CREATE VIEW products AS
SELECT
    sku AS product_id, 'CLOUD' AS catalogue_id, name, 'usage_service' AS product_type, unit AS udr_type,
    CASE WHEN has_several_prices THEN sku END AS zone_set, 'CLOUD' AS tax_code
FROM skus
UNION ALL
SELECT 'line ' || line_id, 'CLOUD', description, 'one_time_service', NULL, NULL, 'CLOUD'
FROM unpriced;

-- What it costs: a rate per SKU. Where a SKU has several prices (tiers, regions), each is a zone of its own, which the
-- SKU price of a line leads to: that is the destination of its usage.

CREATE VIEW price_plans AS
SELECT DISTINCT 'LIST ' || currency AS price_plan_id, 'CLOUD' AS catalogue_id, 'List prices' AS name, currency
FROM bill;

CREATE VIEW zone_prefixes AS
SELECT DISTINCT sku AS zone_set, price_id AS prefix, price_id AS zone_id
FROM bill JOIN skus USING (sku, unit)
WHERE has_several_prices AND price_id IS NOT NULL;

CREATE VIEW rates AS
SELECT DISTINCT
    COALESCE(price_id, sku) || ' ' || currency AS rate_id, 'LIST ' || currency AS price_plan_id, sku AS product_id,
    CASE WHEN has_several_prices THEN price_id END AS zone_id, COALESCE(list_price, '0') AS unit_price,
    per_unit AS price_per
FROM bill JOIN skus USING (sku, unit) JOIN units USING (unit);

-- What was ordered: each sub-account every unit that it used.

CREATE VIEW usage_orders AS
SELECT
    'focus' AS source, account AS source_order_id, unit AS source_line_id, MIN(used_on) AS ordered_on,
    account AS account_id, account AS subscription_id, MIN(sku) AS product_id,
    'LIST ' || currency AS price_plan_id, 'usage' AS price_type, 'in_arrears' AS billing_rule, NULL AS unit_price,
    MIN(used_on) AS start_date, account AS service_identifier
FROM bill
WHERE account IS NOT NULL AND sku IS NOT NULL AND unit IS NOT NULL
GROUP BY account, unit, currency;

-- Lines with a cost and no price (credits) cannot be rated: at list prices, each is ordered once, for its cost.

CREATE VIEW unpriced AS
SELECT * FROM bill WHERE list_price IS NULL AND list_cost + 0 <> 0;

CREATE VIEW unpriced_orders AS
SELECT
    'focus' AS source, account AS source_order_id, line_id AS source_line_id, used_on AS ordered_on,
    account AS account_id, account AS subscription_id, 'line ' || line_id AS product_id, NULL AS price_plan_id,
    'one_time' AS price_type, 'in_arrears' AS billing_rule, list_cost AS unit_price, period_start AS start_date,
    NULL AS service_identifier
FROM unpriced;
