-- What the included units cover: events put in order only where a bundle does not cover all of the month.

-- The month's events with their window; the later files use it as well.
CREATE TEMP VIEW rated AS
SELECT r.*, month, billing_cycle, service_start, service_end
FROM '$lake/rated_items/*/*.parquet' r JOIN windows w USING (payer_account_id)
WHERE billing_effective_at >= start_at AND billing_effective_at < end_at;

CREATE TEMP TABLE offered AS
SELECT month, billing_cycle, udr_id, bundle_id, included_quantity, charge_key, billing_effective_at, local_at,
       payer_account_id, service_account_id, subscription_id, r.product_id, r.zone_id, service_start, service_end,
       unit, billed_quantity, unit_amount, currency
FROM rated r JOIN '$lake/bundles.parquet' b
  ON b.price_plan_id = r.price_plan_id AND b.product_id = r.product_id
 AND (b.zone_id IS NULL OR b.zone_id = r.zone_id)
 AND local_at::DATE >= valid_from AND local_at::DATE < valid_to
WHERE rating_type = 'post_rated' AND billed_quantity <> 0;

CREATE TEMP TABLE used AS
SELECT month, billing_cycle, subscription_id, bundle_id, included_quantity,
       sum(billed_quantity)::DECIMAL(18, 9) AS used_quantity, min(unit) AS unit,
       used_quantity > included_quantity OR min(billed_quantity) < 0 AS in_order
FROM offered GROUP BY month, billing_cycle, subscription_id, bundle_id, included_quantity;

COPY (
    WITH counted AS (
        SELECT o.*, (sum(billed_quantity) OVER (
                   PARTITION BY subscription_id, bundle_id ORDER BY billing_effective_at, udr_id
                   ROWS UNBOUNDED PRECEDING) - billed_quantity)::DECIMAL(18, 9) AS used_before
        FROM offered o SEMI JOIN (FROM used WHERE in_order) USING (subscription_id, bundle_id)
        UNION ALL
        SELECT o.*, NULL FROM offered o SEMI JOIN (FROM used WHERE NOT in_order) USING (subscription_id, bundle_id)
    ), covered AS (
        SELECT *, CASE WHEN used_before IS NULL THEN billed_quantity
                       ELSE greatest(least(used_before + billed_quantity, included_quantity), 0)
                          - greatest(least(used_before, included_quantity), 0) END::DECIMAL(18, 9) AS covered_quantity
        FROM counted
    )
    SELECT month, billing_cycle, udr_id, 0::BIGINT AS split, bundle_id, 'included' AS part,
           subscription_id AS owner_id, charge_key, billing_effective_at, local_at,
           'vendor_to_customer' AS leg, payer_account_id, service_account_id, subscription_id, product_id, zone_id,
           service_start, service_end, unit, used_before, billed_quantity AS counted_quantity, covered_quantity,
           false AS tax_included, -CASE WHEN covered_quantity = billed_quantity THEN unit_amount
                 ELSE as_amount(sign(billed_quantity) * rounded_quotient(
                     ten_billionths(unit_amount)::HUGEINT * billionths(covered_quantity),
                     abs(billionths(billed_quantity)))) END::DECIMAL(28, 10) AS amount, currency
    FROM covered WHERE covered_quantity <> 0 ORDER BY udr_id, bundle_id
) TO '$lake/bundle_items.parquet' (COMPRESSION zstd);

COPY (SELECT month, billing_cycle, subscription_id AS owner_id, bundle_id, month AS granted_month,
             'include' AS effect, included_quantity, used_quantity,
             greatest(least(used_quantity, included_quantity), 0)::DECIMAL(18, 9) AS covered_quantity,
             (included_quantity - covered_quantity)::DECIMAL(18, 9) AS remaining_quantity,
             0::DECIMAL(18, 9) AS carried_quantity, NULL::DECIMAL(9, 6) AS percent, unit
      FROM used ORDER BY subscription_id, bundle_id)
  TO '$lake/bundle_counters.parquet' (COMPRESSION zstd);

DROP TABLE offered;
