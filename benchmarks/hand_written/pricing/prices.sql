-- What the pricing mix has beside the plain month: rates of every model, their tiers, a lookup, conditional plans.

COPY (SELECT rate_id, price_plan_id, product_id, zone_id, time_band_id, rate_model,
             setup_fee::DECIMAL(28, 10) AS setup_fee, coalesce(minimum_amount, '0')::DECIMAL(28, 10) AS minimum_amount,
             maximum_amount::DECIMAL(28, 10) AS maximum_amount, minimum_quantity::DECIMAL(18, 9) AS minimum_quantity,
             increment::DECIMAL(18, 9) AS increment, unit_price::DECIMAL(18, 12) AS unit_price,
             price_per::DECIMAL(18, 9) AS price_per, 'rates.csv' AS source_file, row_number() OVER () + 1 AS source_line
      FROM read_csv('$inputs/rates.csv', all_varchar = true) ORDER BY rate_id)
  TO '$lake/rates.parquet' (COMPRESSION zstd);

COPY (SELECT rate_id, above::DECIMAL(18, 9) AS above, up_to::DECIMAL(18, 9) AS up_to,
             unit_price::DECIMAL(18, 12) AS unit_price, flat_amount::DECIMAL(28, 10) AS flat_amount,
             'rate_tiers.csv' AS source_file, row_number() OVER () + 1 AS source_line
      FROM read_csv('$inputs/rate_tiers.csv', all_varchar = true) ORDER BY rate_id, above)
  TO '$lake/rate_tiers.parquet' (COMPRESSION zstd);

COPY (SELECT *, 'rate_conditions.csv' AS source_file, row_number() OVER () + 1 AS source_line
      FROM read_csv('$inputs/rate_conditions.csv', all_varchar = true) ORDER BY rate_id)
  TO '$lake/rate_conditions.parquet' (COMPRESSION zstd);

COPY (SELECT *, 'lookups.csv' AS source_file, row_number() OVER () + 1 AS source_line
      FROM read_csv('$inputs/lookups.csv', all_varchar = true) ORDER BY lookup_id, lookup_key)
  TO '$lake/lookups.parquet' (COMPRESSION zstd);

COPY (SELECT *, 'price_plan_conditions.csv' AS source_file, row_number() OVER () + 1 AS source_line
      FROM read_csv('$inputs/price_plan_conditions.csv', all_varchar = true) ORDER BY price_plan_id)
  TO '$lake/price_plan_conditions.parquet' (COMPRESSION zstd);
