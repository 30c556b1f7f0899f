-- The first path element of each key with its bytes by class, largest first. Runs on DuckDB, Spark SQL and Athena.
SELECT
    CASE WHEN POSITION('/' IN key) > 0 THEN SUBSTRING(key, 1, POSITION('/' IN key)) ELSE '(no prefix)' END AS prefix,
    storage_class,
    COUNT(*) AS objects,
    SUM(CAST(size AS DOUBLE)) AS bytes,
    MIN(last_modified_date) AS oldest,
    MAX(last_modified_date) AS newest
FROM inventory
WHERE is_latest AND NOT is_delete_marker
GROUP BY 1, 2
ORDER BY bytes DESC, prefix, storage_class
LIMIT 50
