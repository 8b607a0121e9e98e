-- The price of each event by itself: zone by longest prefix, band by local minute of the week, rate from a card.

CREATE TEMP TABLE prefixes AS
SELECT zone_set, prefix, zone_id, length(prefix) AS length FROM '$lake/zone_prefixes.parquet';

CREATE TEMP TABLE minutes AS
SELECT time_band_set, time_band_id, (weekday - 1) * 1440 + minute AS minute_of_week
FROM (SELECT *, string_split(weekdays, '-') AS days,
             start_time[:2]::INTEGER * 60 + start_time[4:]::INTEGER AS first_minute,
             end_time[:2]::INTEGER * 60 + end_time[4:]::INTEGER AS last_minute FROM '$lake/time_bands.parquet'),
     range(1, 8) d(weekday), range(1440) m(minute)
WHERE weekday BETWEEN days[1]::INTEGER AND days[2]::INTEGER AND minute >= first_minute AND minute < last_minute;

-- For every plan, product, zone and band ('' for none) the one rate of each stretch of time: a rate for the
-- zone before one for any, then one for the band. unit_price / price_per as a fraction: an amount in ten
-- billionths is a quantity in billionths * numerator / denominator.
CREATE TEMP TABLE card AS
WITH spans AS (
    SELECT price_plan_id, product_id, day AS card_from,
           lead(day) OVER (PARTITION BY price_plan_id, product_id ORDER BY day) AS card_to
    FROM (SELECT price_plan_id, product_id, valid_from AS day FROM '$lake/rates.parquet'
          UNION SELECT price_plan_id, product_id, valid_to FROM '$lake/rates.parquet')
), places AS (
    SELECT product_id, zone_id, time_band_id
    FROM '$lake/products.parquet' p,
         LATERAL (SELECT DISTINCT zone_id FROM prefixes z WHERE z.zone_set = p.zone_set UNION ALL SELECT '') z,
         LATERAL (SELECT DISTINCT time_band_id FROM minutes b WHERE b.time_band_set = p.time_band_set UNION ALL SELECT '') b
), fitting AS (
    SELECT r.* EXCLUDE (zone_id, time_band_id), l.currency, p.zone_id, p.time_band_id, card_from, card_to,
           billionths(r.unit_price * 1000) AS price_units, billionths(price_per) AS per_units,
           row_number() OVER (PARTITION BY r.price_plan_id, product_id, p.zone_id, p.time_band_id, card_from
                              ORDER BY r.zone_id IS NULL, r.time_band_id IS NULL, rate_id) AS place
    FROM '$lake/rates.parquet' r JOIN places p USING (product_id) JOIN spans s USING (price_plan_id, product_id)
    JOIN '$lake/price_plans.parquet' l ON l.price_plan_id = r.price_plan_id
    WHERE (r.zone_id IS NULL OR r.zone_id = p.zone_id) AND (r.time_band_id IS NULL OR r.time_band_id = p.time_band_id)
      AND r.valid_from <= card_from AND r.valid_to > card_from AND card_to IS NOT NULL
)
SELECT * EXCLUDE (place, price_units, per_units), billionths(minimum_quantity) AS minimum, billionths(increment) AS step,
       price_units // gcd(price_units, per_units * 100) AS numerator,
       per_units * 100 // gcd(price_units, per_units * 100) AS denominator
FROM fitting WHERE place = 1;

CREATE TEMP TABLE priced AS
SELECT *, as_quantity(billed) AS billed_quantity,
       as_amount(rounded_quotient(billed * numerator, denominator)) AS unit_amount,
       CASE WHEN nanos = 0 THEN 0 ELSE rate_setup_fee END::DECIMAL(28, 10) AS setup_fee,
       CASE WHEN nanos = 0 THEN 0 ELSE rate_minimum END::DECIMAL(28, 10) AS minimum_charge,
       md5(concat_ws(chr(31), 'vendor_to_customer', payer_account_id, service_account_id, subscription_id, product_id,
                     'usage', 'post_rated', price_plan_id, rate_id, shown(zone_id), shown(time_band_id), unit,
                     'false', currency)) AS charge_key
FROM (
    SELECT e.*, c.rate_id, c.unit_price, c.price_per, c.setup_fee AS rate_setup_fee, c.minimum_amount AS rate_minimum,
           c.currency, c.numerator, c.denominator, c.minimum_quantity, c.increment,
           CASE WHEN nanos = 0 OR (minimum = 0 AND step = 0) THEN nanos
                WHEN abs(nanos) <= minimum THEN sign(nanos) * minimum
                WHEN step = 0 THEN nanos
                ELSE sign(nanos) * (minimum + (abs(nanos) - minimum + step - 1) // step * step) END AS billed
    FROM (
        SELECT u.event_day, udr_id, billing_effective_at, local_at, payer_account_id, service_account_id, subscription_id,
               product_id, price_plan_id, quantity, billionths(quantity) AS nanos, unit, u.source_file, u.source_line,
               coalesce(p5.prefix, p4.prefix, p3.prefix, p2.prefix, p1.prefix) AS zone_prefix,
               coalesce(p5.zone_id, p4.zone_id, p3.zone_id, p2.zone_id, p1.zone_id) AS zone_id, time_band_id
        FROM '$lake/udrs/*/*.parquet' u JOIN '$lake/products.parquet' g USING (product_id)
        LEFT JOIN prefixes p1 ON p1.length = 1 AND p1.zone_set = g.zone_set AND p1.prefix = destination[:1]
        LEFT JOIN prefixes p2 ON p2.length = 2 AND p2.zone_set = g.zone_set AND p2.prefix = destination[:2]
        LEFT JOIN prefixes p3 ON p3.length = 3 AND p3.zone_set = g.zone_set AND p3.prefix = destination[:3]
        LEFT JOIN prefixes p4 ON p4.length = 4 AND p4.zone_set = g.zone_set AND p4.prefix = destination[:4]
        LEFT JOIN prefixes p5 ON p5.length = 5 AND p5.zone_set = g.zone_set AND p5.prefix = destination[:5]
        LEFT JOIN minutes m ON m.time_band_set = g.time_band_set
              AND m.minute_of_week = (isodow(local_at) - 1) * 1440 + hour(local_at) * 60 + minute(local_at)
    ) e
    LEFT JOIN card c
           ON c.price_plan_id = e.price_plan_id AND c.product_id = e.product_id
          AND c.zone_id = coalesce(e.zone_id, '') AND c.time_band_id = coalesce(e.time_band_id, '')
          AND e.local_at::DATE >= c.card_from AND e.local_at::DATE < c.card_to
);

COPY (SELECT event_day, udr_id, 'vendor_to_customer' AS leg, 'usage' AS component, 0::BIGINT AS split, charge_key,
             'post_rated' AS rating_type, billing_effective_at, local_at, payer_account_id, service_account_id,
             subscription_id, product_id, price_plan_id, price_plan_id AS rate_plan, 1::BIGINT AS plan_version, rate_id,
             'flat' AS rate_model, NULL::VARCHAR AS tariff_id, zone_prefix, zone_id, time_band_id,
             NULL::VARCHAR AS lookups, quantity, quantity AS measured, minimum_quantity, increment, billed_quantity, unit,
             NULL::DECIMAL(18, 9) AS tier_above, NULL::DECIMAL(18, 9) AS tier_up_to,
             NULL::DECIMAL(28, 10) AS amount_below, NULL::VARCHAR AS tiers_below, NULL::DECIMAL(28, 10) AS flat_amount,
             'none' AS packages, unit_price, price_per, setup_fee, unit_amount,
             CASE WHEN unit_amount + setup_fee < minimum_charge THEN 'minimum' END AS limit_applied,
             NULL::DECIMAL(18, 9) AS step, NULL::DECIMAL(28, 10) AS price_limit, NULL::VARCHAR AS tax_code,
             NULL::VARCHAR AS caller_location, NULL::VARCHAR AS called_location,
             false AS tax_included, greatest(unit_amount + setup_fee, minimum_charge)::DECIMAL(28, 10) AS amount, currency
      FROM priced WHERE rate_id IS NOT NULL)
  TO '$lake/rated_items' (FORMAT parquet, COMPRESSION zstd, PARTITION_BY (event_day), WRITE_PARTITION_COLUMNS true);

COPY (SELECT event_day, udr_id, 'vendor_to_customer' AS leg, payer_account_id,
             CASE WHEN price_plan_id IS NULL THEN 'NO_PRICE_PLAN' ELSE 'NO_RATE' END AS reason,
             concat_ws(' ', 'plan', coalesce(price_plan_id, '-'), 'product', product_id, 'zone', coalesce(zone_id, '-'),
                       'on', local_at::DATE) AS detail, source_file, source_line
      FROM priced WHERE rate_id IS NULL)
  TO '$lake/unrated_udrs' (FORMAT parquet, COMPRESSION zstd, PARTITION_BY (event_day), WRITE_PARTITION_COLUMNS true);

DROP TABLE priced;
