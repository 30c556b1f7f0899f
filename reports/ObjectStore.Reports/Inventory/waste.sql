-- Bytes that nobody reads by name any more: noncurrent versions, and delete markers. Runs on DuckDB, Spark SQL and Athena.
SELECT
    SUM(CASE WHEN NOT is_latest AND NOT is_delete_marker THEN 1 ELSE 0 END) AS noncurrent_versions,
    SUM(CASE WHEN NOT is_latest AND NOT is_delete_marker THEN CAST(size AS DOUBLE) ELSE 0 END) AS noncurrent_bytes,
    SUM(CASE WHEN is_delete_marker THEN 1 ELSE 0 END) AS delete_markers,
    COUNT(*) AS entries
FROM inventory
