-- The price of each event by itself, of the pricing mix: operator and zone by longest prefix, band by local minute of the week, rate from a card.

CREATE TEMP TABLE prefixes AS
SELECT zone_set, prefix, zone_id, length(prefix) AS length FROM '$lake/zone_prefixes.parquet';

CREATE TEMP TABLE minutes AS
SELECT time_band_set, time_band_id, (weekday - 1) * 1440 + minute AS minute_of_week
FROM (SELECT *, string_split(weekdays, '-') AS days,
             start_time[:2]::INTEGER * 60 + start_time[4:]::INTEGER AS first_minute,
             end_time[:2]::INTEGER * 60 + end_time[4:]::INTEGER AS last_minute FROM '$lake/time_bands.parquet'),
     range(1, 8) d(weekday), range(1440) m(minute)
WHERE weekday BETWEEN days[1]::INTEGER AND days[2]::INTEGER AND minute >= first_minute AND minute < last_minute;

-- For every plan, product, zone, band and operator ('' for none, and for one that no rate asks for) the one rate: of
-- the plan before its base plan, then one for the zone, for the band, for the operator. Prices as a fraction: an
-- amount in ten billionths is a quantity in billionths * numerator / denominator.
CREATE TEMP TABLE card AS
WITH chain AS (
    SELECT price_plan_id AS plan, price_plan_id AS rate_plan, 0 AS distance, currency FROM '$lake/price_plans.parquet'
    UNION ALL
    SELECT price_plan_id, base_plan_id, 1, currency FROM '$lake/price_plans.parquet' WHERE base_plan_id IS NOT NULL
), asked AS (
    SELECT DISTINCT product_id, c.value AS operator
    FROM '$lake/rate_conditions.parquet' c JOIN '$lake/rates.parquet' r USING (rate_id)
), places AS (
    SELECT product_id, zone_id, time_band_id, operator
    FROM '$lake/products.parquet' p,
         LATERAL (SELECT DISTINCT zone_id FROM prefixes z WHERE z.zone_set = p.zone_set UNION ALL SELECT '') z,
         LATERAL (SELECT DISTINCT time_band_id FROM minutes b WHERE b.time_band_set = p.time_band_set UNION ALL SELECT '') b,
         LATERAL (SELECT operator FROM asked a WHERE a.product_id = p.product_id UNION ALL SELECT '') o
), fitting AS (
    SELECT r.* EXCLUDE (zone_id, time_band_id, price_plan_id, price_per), h.plan, h.rate_plan, h.currency, p.zone_id,
           p.time_band_id, p.operator, CASE rate_model WHEN 'percentage' THEN 100 ELSE r.price_per END AS price_per,
           row_number() OVER (PARTITION BY h.plan, product_id, p.zone_id, p.time_band_id, p.operator
                              ORDER BY distance, r.zone_id IS NULL, r.time_band_id IS NULL, c.value IS NULL, rate_id
           ) AS place
    FROM '$lake/rates.parquet' r JOIN chain h ON h.rate_plan = r.price_plan_id JOIN places p USING (product_id)
    LEFT JOIN '$lake/rate_conditions.parquet' c USING (rate_id)
    WHERE (r.zone_id IS NULL OR r.zone_id = p.zone_id) AND (r.time_band_id IS NULL OR r.time_band_id = p.time_band_id)
      AND (c.value IS NULL OR c.value = p.operator)
)
SELECT * EXCLUDE (place, price_per), price_per::DECIMAL(18, 9) AS price_per, billionths(minimum_quantity) AS minimum,
       billionths(increment) AS step, billionths(unit_price * 1000) AS price_units, billionths(price_per) AS per_units
FROM fitting WHERE place = 1;

-- Tiers with what the full ones below come to, and those as text: limits, price, and amount of each.
CREATE TEMP MACRO plain(x) AS regexp_replace(x::VARCHAR, '\.?0+$$', '');

CREATE TEMP TABLE levels AS
WITH whole AS (
    SELECT t.*, price_per,
           (as_amount(rounded_quotient(billionths(up_to - above)::HUGEINT * billionths(t.unit_price * 1000),
                                       billionths(price_per) * 100)) + flat_amount)::DECIMAL(28, 10) AS full_amount
    FROM '$lake/rate_tiers.parquet' t JOIN '$lake/rates.parquet' r USING (rate_id)
)
SELECT rate_id, above AS tier_above, up_to AS tier_up_to, billionths(above) AS from_nanos,
       coalesce(billionths(up_to), 9000000000000000000) AS to_nanos, unit_price AS tier_price,
       billionths(unit_price * 1000) AS tier_units, flat_amount,
       coalesce(sum(full_amount) OVER below, 0)::DECIMAL(28, 10) AS amount_below,
       string_agg(plain(above) || '..' || plain(up_to) || ':' || plain(unit_price) || '/' || plain(price_per) || '+'
                  || plain(flat_amount) || '=' || plain(full_amount), '|') OVER below AS tiers_below
FROM whole
WINDOW below AS (PARTITION BY rate_id ORDER BY above ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING);

CREATE TEMP TABLE operators AS SELECT lookup_key, result, length(lookup_key) AS length FROM '$lake/lookups.parquet';

CREATE TEMP TABLE priced AS
SELECT *, as_quantity(billed) AS billed_quantity,
       CASE WHEN nanos = 0 THEN 0 ELSE of_units END::DECIMAL(28, 10) AS unit_amount,
       CASE WHEN nanos = 0 THEN 0 ELSE rate_setup_fee END::DECIMAL(28, 10) AS setup_fee,
       CASE WHEN of_units + rate_setup_fee < rate_minimum THEN 'minimum'
            WHEN of_units + rate_setup_fee > rate_maximum THEN 'maximum' END AS limit_applied,
       md5(concat_ws(chr(31), 'vendor_to_customer', payer_account_id, service_account_id, subscription_id, product_id,
                     'usage', 'post_rated', price_plan_id, rate_id, shown(zone_id), shown(time_band_id), unit,
                     'false', currency)) AS charge_key
FROM (
    SELECT r.*, tier_above, tier_up_to, amount_below, tiers_below, flat_amount, coalesce(tier_price, rate_price) AS unit_price,
           (as_amount(rounded_quotient((billed - coalesce(from_nanos, 0))::HUGEINT * coalesce(tier_units, price_units),
                                       per_units * 100))
            + coalesce(flat_amount, 0) + coalesce(amount_below, 0))::DECIMAL(28, 10) AS of_units
    FROM (
        SELECT e.*, c.rate_id, c.rate_plan, c.rate_model, c.unit_price AS rate_price, c.price_per,
               c.setup_fee AS rate_setup_fee, c.minimum_amount AS rate_minimum, c.maximum_amount AS rate_maximum,
               c.currency, c.price_units, c.per_units, c.minimum_quantity, c.increment,
               CASE WHEN nanos = 0 OR (minimum = 0 AND step = 0) THEN nanos
                    WHEN abs(nanos) <= minimum THEN sign(nanos) * minimum
                    WHEN step = 0 THEN nanos
                    ELSE sign(nanos) * (minimum + (abs(nanos) - minimum + step - 1) // step * step) END AS billed
        FROM (
            SELECT u.event_day, udr_id, billing_effective_at, local_at, payer_account_id, service_account_id,
                   subscription_id, product_id, price_plan_id, quantity, billionths(quantity) AS nanos, unit,
                   u.source_file, u.source_line,
                   coalesce(p5.prefix, p4.prefix, p3.prefix, p2.prefix, p1.prefix) AS zone_prefix,
                   coalesce(p5.zone_id, p4.zone_id, p3.zone_id, p2.zone_id, p1.zone_id) AS zone_id, time_band_id,
                   coalesce(o6.result, o5.result, o4.result, o3.result, o2.result) AS operator
            FROM '$lake/udrs/*/*.parquet' u JOIN '$lake/products.parquet' g USING (product_id)
            LEFT JOIN prefixes p1 ON p1.length = 1 AND p1.zone_set = g.zone_set AND p1.prefix = destination[:1]
            LEFT JOIN prefixes p2 ON p2.length = 2 AND p2.zone_set = g.zone_set AND p2.prefix = destination[:2]
            LEFT JOIN prefixes p3 ON p3.length = 3 AND p3.zone_set = g.zone_set AND p3.prefix = destination[:3]
            LEFT JOIN prefixes p4 ON p4.length = 4 AND p4.zone_set = g.zone_set AND p4.prefix = destination[:4]
            LEFT JOIN prefixes p5 ON p5.length = 5 AND p5.zone_set = g.zone_set AND p5.prefix = destination[:5]
            LEFT JOIN operators o2 ON o2.length = 2 AND product_id = 'VOICE' AND o2.lookup_key = destination[:2]
            LEFT JOIN operators o3 ON o3.length = 3 AND product_id = 'VOICE' AND o3.lookup_key = destination[:3]
            LEFT JOIN operators o4 ON o4.length = 4 AND product_id = 'VOICE' AND o4.lookup_key = destination[:4]
            LEFT JOIN operators o5 ON o5.length = 5 AND product_id = 'VOICE' AND o5.lookup_key = destination[:5]
            LEFT JOIN operators o6 ON o6.length = 6 AND product_id = 'VOICE' AND o6.lookup_key = destination[:6]
            LEFT JOIN minutes m ON m.time_band_set = g.time_band_set
                  AND m.minute_of_week = (isodow(local_at) - 1) * 1440 + hour(local_at) * 60 + minute(local_at)
        ) e
        LEFT JOIN card c
               ON c.plan = e.price_plan_id AND c.product_id = e.product_id
              AND c.zone_id = coalesce(e.zone_id, '') AND c.time_band_id = coalesce(e.time_band_id, '')
              AND c.operator = CASE WHEN e.product_id = 'VOICE' AND e.operator = 'OP3' THEN 'OP3' ELSE '' END
    ) r
    LEFT JOIN levels t
           ON t.rate_id = r.rate_id AND (billed > from_nanos OR (billed = 0 AND from_nanos = 0)) AND billed <= to_nanos
);

COPY (SELECT event_day, udr_id, 'vendor_to_customer' AS leg, 'usage' AS component, 0::BIGINT AS split, charge_key,
             'post_rated' AS rating_type, billing_effective_at, local_at, payer_account_id, service_account_id,
             subscription_id, product_id, price_plan_id, rate_plan, 1::BIGINT AS plan_version, rate_id,
             rate_model, NULL::VARCHAR AS tariff_id, zone_prefix, zone_id, time_band_id,
             'operator ' || operator AS lookups, quantity, quantity AS measured, minimum_quantity, increment,
             billed_quantity, unit, tier_above, tier_up_to, amount_below, tiers_below, flat_amount, 'none' AS packages,
             unit_price, price_per, setup_fee, unit_amount, limit_applied,
             NULL::DECIMAL(18, 9) AS step, NULL::DECIMAL(28, 10) AS price_limit, NULL::VARCHAR AS tax_code,
             NULL::VARCHAR AS caller_location, NULL::VARCHAR AS called_location,
             false AS tax_included,
             CASE WHEN nanos = 0 THEN 0 WHEN limit_applied = 'minimum' THEN rate_minimum
                  WHEN limit_applied = 'maximum' THEN rate_maximum
                  ELSE unit_amount + setup_fee END::DECIMAL(28, 10) AS amount, currency
      FROM priced WHERE rate_id IS NOT NULL)
  TO '$lake/rated_items' (FORMAT parquet, COMPRESSION zstd, PARTITION_BY (event_day), WRITE_PARTITION_COLUMNS true);

COPY (SELECT event_day, udr_id, 'vendor_to_customer' AS leg, payer_account_id,
             CASE WHEN price_plan_id IS NULL THEN 'NO_PRICE_PLAN' ELSE 'NO_RATE' END AS reason,
             concat_ws(' ', 'plan', coalesce(price_plan_id, '-'), 'product', product_id, 'zone', coalesce(zone_id, '-'),
                       'on', local_at::DATE) AS detail, source_file, source_line
      FROM priced WHERE rate_id IS NULL)
  TO '$lake/unrated_udrs' (FORMAT parquet, COMPRESSION zstd, PARTITION_BY (event_day), WRITE_PARTITION_COLUMNS true);

DROP TABLE priced;
