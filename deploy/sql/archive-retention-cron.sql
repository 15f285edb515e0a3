-- Calls the procedure of archive-retention.sql every night. Needs the extension pg_cron; run it in the database of pg_cron
-- (cron.database_name), or use cron.schedule_in_database for another one.

select cron.schedule(
  'wasm-broker: purge the archive of catalog_queue', '17 3 * * *',
  $$call wasm_broker_upkeep.purge_archive('catalog_queue', interval '30 days')$$);

select cron.schedule(
  'wasm-broker: purge the archive of catalog_queue_dlq', '27 3 * * *',
  $$call wasm_broker_upkeep.purge_archive('catalog_queue_dlq', interval '180 days')$$);
