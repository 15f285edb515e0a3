-- Retention of archives inside of the database, where no cron can run `wasm-broker queue purge-archive`. Run it as the owner of the queues.
-- Then have it called once a day, for example by pg_cron (archive-retention-cron.sql):
--   call wasm_broker_upkeep.purge_archive('catalog_queue', interval '30 days');

create schema if not exists wasm_broker_upkeep;

-- Deletes what was archived so long ago, in transactions of `batch` rows, so that nobody waits for it.
create or replace procedure wasm_broker_upkeep.purge_archive(queue text, older_than interval, batch int default 1000)
language plpgsql as $$
declare
  archive text := format('pgmq.%I', 'a_' || queue);
  before timestamptz := clock_timestamp() - older_than;
  removed bigint;
begin
  if older_than is null or older_than < interval '1 hour' then
    raise exception 'older_than must be at least 1 hour, was %: brokers look in the archive for what they wrote last', older_than;
  end if;
  if batch is null or batch < 1 then
    raise exception 'batch must be at least 1, was %', batch;
  end if;
  loop
    execute format(
      'delete from %1$s where msg_id = any(array(
         select msg_id from %1$s where archived_at < $1 order by archived_at limit $2)) and archived_at < $1', archive)
      using before, batch;
    get diagnostics removed = row_count;
    commit;
    exit when removed < batch;
  end loop;
end
$$;
