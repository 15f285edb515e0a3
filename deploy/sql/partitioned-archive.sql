-- An archive in partitions by day, week or month, so that old messages are dropped as whole tables instead of row by row. Worth it from some
-- ten million archived messages on. Plain Postgres; pg_partman is not needed, and neither is PGMQ's create_partitioned.
-- Run it as the owner of the queues. Then, once for a queue, and outside of a transaction:
--   call wasm_broker_upkeep.partition_archive('catalog_queue', 'day');
-- and once a day from then on:
--   call wasm_broker_upkeep.maintain_archive('catalog_queue', 'day', ahead => 14, keep => interval '30 days');

create schema if not exists wasm_broker_upkeep;

-- Makes the archive a partitioned table. The messages that are there stay in one partition, until they are old enough as a whole. Checking
-- them takes long for a large archive, but blocks nobody; what blocks brokers at the end is done in a moment.
create or replace procedure wasm_broker_upkeep.partition_archive(queue text, period text)
language plpgsql as $$
declare
  name text := 'a_' || queue;
  before text := name || '_before';
  -- Later than the end of this procedure, whatever happens: until then the messages of now go to the first partition.
  border timestamptz := date_trunc(period, now()) + 2 * ('1 ' || period)::interval;
  owner name;
  acl aclitem[];
  entry record;
begin
  if period not in ('day', 'week', 'month') then
    raise exception 'period must be day, week or month, was %', period;
  end if;
  select pg_get_userbyid(relowner), relacl into owner, acl
  from pg_class where oid = format('pgmq.%I', name)::regclass and relkind = 'r';
  if owner is null then
    raise exception 'pgmq.% is partitioned already', name;
  end if;
  execute format('alter table pgmq.%I drop constraint if exists before_partitions', name);
  execute format('alter table pgmq.%I add constraint before_partitions check (archived_at < %L) not valid', name, border);
  commit;
  execute format('alter table pgmq.%I validate constraint before_partitions', name);
  commit;
  set local lock_timeout = '5s'; -- brokers wait behind this: rather fail, and be called again
  execute format('alter table pgmq.%I rename to %I', name, before);
  execute format('create table pgmq.%I (like pgmq.%I including defaults including generated including storage including comments) partition by range (archived_at)', name, before);
  execute format('alter table pgmq.%I owner to %I', name, owner);
  execute format('create index on pgmq.%I (msg_id)', name);
  execute format('create index on pgmq.%I (archived_at)', name);
  execute format('alter table pgmq.%I attach partition pgmq.%I for values from (minvalue) to (%L)', name, before, border);
  -- Whatever happens to the partitions, an outcome of a step can be written.
  execute format('create table pgmq.%I partition of pgmq.%I default', name || '_other', name);
  for entry in select * from aclexplode(acl) where grantee <> 0 and pg_get_userbyid(grantee) <> owner loop
    execute format('grant %s on pgmq.%I to %s', entry.privilege_type, name, entry.grantee::regrole);
  end loop;
  commit;
  execute format('alter table pgmq.%I drop constraint before_partitions', before);
  commit;
  call wasm_broker_upkeep.maintain_archive(queue, period);
end
$$;

-- Makes the partitions of the next periods, and drops those that only have messages from before `keep`.
create or replace procedure wasm_broker_upkeep.maintain_archive(
  queue text, period text, ahead int default 14, keep interval default null)
language plpgsql as $$
declare
  name text := 'a_' || queue;
  width interval := ('1 ' || period)::interval;
  partition record;
  begins timestamptz;
  covered timestamptz;
begin
  if period not in ('day', 'week', 'month') then
    raise exception 'period must be day, week or month, was %', period;
  end if;
  if keep < interval '1 hour' then
    raise exception 'keep must be at least 1 hour, was %: brokers look in the archive for what they wrote last', keep;
  end if;
  select max((regexp_match(pg_get_expr(relpartbound, oid), 'TO \(''([^'']+)''\)'))[1]::timestamptz) into covered
  from pg_inherits join pg_class on oid = inhrelid
  where inhparent = format('pgmq.%I', name)::regclass;
  begins := greatest(covered, date_trunc(period, now()));
  while begins < now() + ahead * width loop
    -- Messages that had no partition of their own are among the others; their period stays there.
    execute format('select min(archived_at) from pgmq.%I where archived_at >= $1 and archived_at < $2', name || '_other')
      into covered using begins, begins + width;
    if covered is null then
      execute format('create table pgmq.%I partition of pgmq.%I for values from (%L) to (%L)',
        name || '_' || to_char(begins at time zone 'UTC', 'YYYYMMDDHH24'), name, begins, begins + width);
    end if;
    begins := begins + width;
    commit;
  end loop;
  for partition in
    select relname, (regexp_match(pg_get_expr(relpartbound, oid), 'TO \(''([^'']+)''\)'))[1]::timestamptz as until
    from pg_inherits join pg_class on oid = inhrelid
    where inhparent = format('pgmq.%I', name)::regclass
  loop
    if partition.until <= now() - keep then
      set local lock_timeout = '5s';
      execute format('drop table pgmq.%I', partition.relname);
      commit;
    end if;
  end loop;
end
$$;
