-- Usage files, record by record, with their times in UTC, by load day. Lines are numbered as they are read.

SET preserve_insertion_order = true;

CREATE TEMP TABLE records AS
SELECT 'voice' AS source, file_index, filename, row_number() OVER () AS number, id AS record_id,
       caller AS service_identifier, started, try_strptime(started, '%Y-%m-%d %H:%M:%S') AS local_at,
       NULL::TIMESTAMP AS utc_at, called AS destination, seconds AS quantity, 's' AS unit,
       MAP(['cell'], [cell]) AS attributes, cell IS NULL AS is_cut, '1 columns instead of 6' AS cut
FROM read_csv('$inputs/usage/voice/*/*.csv', delim = ',', header = true, auto_detect = false, null_padding = true,
              filename = true, columns = {'id': 'VARCHAR', 'caller': 'VARCHAR', 'started': 'VARCHAR',
                                          'called': 'VARCHAR', 'seconds': 'VARCHAR', 'cell': 'VARCHAR'});

INSERT INTO records
SELECT 'sms', file_index, filename, row_number() OVER (), id, sender, sent, NULL,
       timezone('UTC', try_cast(sent AS TIMESTAMPTZ)), receiver, '1', 'message', MAP(), receiver IS NULL,
       '1 columns instead of 4'
FROM read_csv('$inputs/usage/sms/*/*.csv', delim = '|', header = true, auto_detect = false, null_padding = true,
              filename = true,
              columns = {'id': 'VARCHAR', 'sender': 'VARCHAR', 'sent': 'VARCHAR', 'receiver': 'VARCHAR'});

INSERT INTO records
SELECT 'data', file_index, filename, row_number() OVER (), session, msisdn, opened, NULL,
       make_timestamp(try_cast(opened AS BIGINT) * 1000000), NULL, volume, 'KB', MAP(['network'], [network]),
       network IS NULL, '1 columns instead of 5'
FROM read_csv('$inputs/usage/data/*/*.csv', delim = ';', header = true, auto_detect = false, null_padding = true,
              filename = true, columns = {'session': 'VARCHAR', 'msisdn': 'VARCHAR', 'opened': 'VARCHAR',
                                          'volume': 'VARCHAR', 'network': 'VARCHAR'});

SET preserve_insertion_order = false;

-- The header is line 1 of each file.
CREATE TEMP TABLE files AS
SELECT source, file_index, filename[length('$inputs/') + 1:] AS source_file,
       regexp_extract(filename, '(\d{4}-\d\d-\d\d)/[^/]*$$', 1)::DATE AS load_day, min(number) - 2 AS before
FROM records GROUP BY source, file_index, filename;

CREATE TEMP TABLE timed AS
SELECT * EXCLUDE (utc_at, local_hour, seconds), coalesce(utc_at, local_at - to_seconds(seconds)) AS started_at
FROM records JOIN files USING (source, file_index)
LEFT JOIN (SELECT local_hour, seconds FROM offsets WHERE time_zone = 'Europe/Paris') o
       ON o.local_hour = date_trunc('hour', local_at);

COPY (SELECT load_day, source, source_file, number - before AS source_line, started_at::DATE AS event_day,
             started_at AS billing_effective_at, started_at, record_id, source AS udr_type, service_identifier,
             NULL::VARCHAR AS product_id, quantity, unit, destination, NULL::VARCHAR AS amount,
             NULL::VARCHAR AS currency, attributes
      FROM timed WHERE load_day - started_at::DATE BETWEEN -1 AND 400)
  TO '$lake/raw_usage' (FORMAT parquet, COMPRESSION zstd, PARTITION_BY (load_day), WRITE_PARTITION_COLUMNS true);

COPY (SELECT load_day, source,
             CASE WHEN is_cut THEN 'MALFORMED_LINE' WHEN started IS NULL THEN 'MISSING_TIME'
                  WHEN started_at IS NULL THEN 'INVALID_TIME' WHEN load_day - started_at::DATE > 400 THEN 'TOO_LATE'
                  ELSE 'IN_FUTURE' END AS reason,
             CASE WHEN is_cut THEN cut ELSE started END AS detail, source_file, number - before AS source_line,
             CASE WHEN is_cut THEN record_id END AS record
      FROM timed WHERE (load_day - started_at::DATE BETWEEN -1 AND 400) IS NOT TRUE)
  TO '$lake/rejected_raw_usage' (FORMAT parquet, COMPRESSION zstd, PARTITION_BY (load_day), WRITE_PARTITION_COLUMNS true);

COPY (SELECT load_day, event_day, count(*) AS records FROM '$lake/raw_usage/*/*.parquet' GROUP BY ALL)
  TO '$lake/usage_arrivals' (FORMAT parquet, COMPRESSION zstd, PARTITION_BY (load_day), WRITE_PARTITION_COLUMNS true);

COPY (
    SELECT load_day, source, source_file, sha256, bytes, records, rejected
    FROM files
    JOIN (SELECT source, file_index, count(*) AS records, count(*) - count(started_at) AS rejected
          FROM timed GROUP BY ALL) USING (source, file_index)
    JOIN (SELECT filename[length('$inputs/') + 1:] AS source_file, sha256(content) AS sha256, size AS bytes
          FROM read_blob('$inputs/usage/*/*/*.csv')) USING (source_file)
) TO '$lake/load_manifest' (FORMAT parquet, COMPRESSION zstd, PARTITION_BY (load_day), WRITE_PARTITION_COLUMNS true);

DROP TABLE records;
DROP TABLE timed;
