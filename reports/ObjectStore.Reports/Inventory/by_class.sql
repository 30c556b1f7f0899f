-- Objects and bytes by storage class, current versions only. Runs on DuckDB, Spark SQL and Athena.
-- The view `inventory` has the columns of S3 Inventory: key, size, last_modified_date, storage_class, is_latest, is_delete_marker.
SELECT
    storage_class,
    COUNT(*) AS objects,
    SUM(CAST(size AS DOUBLE)) AS bytes,
    SUM(CASE WHEN size < 131072 THEN 1 ELSE 0 END) AS objects_below_128_kib,
    SUM(CASE WHEN size < 131072 THEN CAST(131072 - size AS DOUBLE) ELSE 0 END) AS bytes_short_of_128_kib,
    AVG(CAST(size AS DOUBLE)) AS mean_bytes
FROM inventory
WHERE is_latest AND NOT is_delete_marker
GROUP BY storage_class
ORDER BY storage_class
