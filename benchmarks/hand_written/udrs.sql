-- Usage detail records: typed, in the unit of their type, each once, assigned to a subscription.

CREATE TEMP TABLE typed AS
SELECT *, CASE WHEN service_identifier IS NULL THEN 'MISSING_SERVICE_IDENTIFIER'
               WHEN quantity IS NULL THEN 'MISSING_QUANTITY'
               WHEN NOT regexp_matches(quantity, '^-?[0-9]*\.?[0-9]+([eE][-+]?[0-9]+)?$$') THEN 'INVALID_QUANTITY'
               WHEN units IS NULL OR abs(units) > maximum_quantity THEN 'QUANTITY_TOO_LARGE'
               WHEN units < 0 AND NOT allow_negative THEN 'NEGATIVE_QUANTITY'
               WHEN source = 'data' AND attributes['network'] IS NULL THEN 'MISSING_ATTRIBUTE'
               WHEN source = 'data' AND attributes['network'] NOT IN ('3G', '4G', '5G') THEN 'INVALID_ATTRIBUTE'
          END AS reason
FROM (
    SELECT event_day, load_day, source, r.source_file, r.source_line, started_at, service_identifier, destination,
           r.quantity, attributes, t.unit AS type_unit, allow_negative, maximum_quantity,
           md5(concat_ws(chr(31), udr_type, source, shown(record_id))) AS udr_id,
           CASE WHEN r.unit = t.unit THEN try_cast(r.quantity AS DECIMAL(18, 9))
                ELSE as_quantity(rounded_quotient(billionths(try_cast(r.quantity AS DECIMAL(18, 9))) * numerator, denominator))
           END AS units
    FROM '$lake/raw_usage/*/*.parquet' r
    JOIN '$lake/udr_types.parquet' t USING (udr_type)
    LEFT JOIN '$lake/unit_conversions.parquet' c ON c.from_unit = r.unit AND c.to_unit = t.unit
);

-- The same identity again, by load day, file and line: a duplicate, or a conflict if it says something else.
CREATE TEMP TABLE repeated AS
SELECT source_file, source_line, duplicate_of, CASE WHEN units = first_units THEN 'DUPLICATE' ELSE 'CONFLICT' END AS reason
FROM (
    SELECT source_file, source_line, units, first(units) OVER w AS first_units, row_number() OVER w AS place,
           first(source_file || ':' || source_line) OVER w AS duplicate_of
    FROM typed SEMI JOIN (
        SELECT udr_id FROM typed WHERE reason IS NULL GROUP BY udr_id HAVING count(*) > 1
    ) USING (udr_id)
    WHERE reason IS NULL
    WINDOW w AS (PARTITION BY udr_id ORDER BY load_day, source_file, source_line)
) WHERE place > 1;

CREATE TEMP TABLE judged AS
SELECT t.* EXCLUDE (reason), coalesce(t.reason, r.reason,
           CASE WHEN s.subscription_id IS NULL THEN
                CASE WHEN t.service_identifier IN (SELECT service_identifier FROM '$lake/subscription_services.parquet')
                     THEN 'OUTSIDE_SUBSCRIPTION' ELSE 'UNKNOWN_SERVICE' END END) AS reason,
       duplicate_of, product_id, subscription_id, account_id, payer_account_id, price_plan_id,
       started_at + to_seconds(seconds) AS local_at
FROM typed t
LEFT JOIN repeated r USING (source_file, source_line)
LEFT JOIN '$lake/subscription_services.parquet' s
       ON s.service_identifier = t.service_identifier AND s.udr_type = t.source AND t.started_at >= s.start_at
      AND t.started_at < coalesce(s.end_at, TIMESTAMP '9999-12-31')
LEFT JOIN offsets o ON o.time_zone = s.time_zone AND o.utc_hour = date_trunc('hour', started_at);

COPY (SELECT event_day, udr_id, started_at AS billing_effective_at, started_at, local_at, source AS udr_type, source,
             service_identifier, product_id, subscription_id, account_id AS service_account_id, payer_account_id,
             price_plan_id, units AS quantity, type_unit AS unit, destination, NULL::DECIMAL(28, 10) AS prerated_amount,
             NULL::VARCHAR AS prerated_currency, attributes, load_day, source_file, source_line
      FROM judged WHERE reason IS NULL)
  TO '$lake/udrs' (FORMAT parquet, COMPRESSION zstd, PARTITION_BY (event_day), WRITE_PARTITION_COLUMNS true);

COPY (SELECT event_day, load_day, source, udr_id, duplicate_of, reason,
             CASE reason WHEN 'INVALID_QUANTITY' THEN quantity WHEN 'QUANTITY_TOO_LARGE' THEN quantity
                         WHEN 'NEGATIVE_QUANTITY' THEN quantity WHEN 'MISSING_ATTRIBUTE' THEN 'network'
                         WHEN 'INVALID_ATTRIBUTE' THEN 'network ' || attributes['network']
                         WHEN 'UNKNOWN_SERVICE' THEN service_identifier
                         WHEN 'OUTSIDE_SUBSCRIPTION' THEN service_identifier END AS detail, source_file, source_line
      FROM judged WHERE reason IS NOT NULL)
  TO '$lake/rejected_udrs' (FORMAT parquet, COMPRESSION zstd, PARTITION_BY (event_day), WRITE_PARTITION_COLUMNS true);

DROP TABLE typed;
DROP TABLE judged;
