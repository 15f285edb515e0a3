-- Which brokers live, and which steps each of them has: how steps of a dead one are found.
-- See docs/tasker-recovery.md. A file that was released never changes; changes are files of their own.

-- One row for each broker. It is updated at every heartbeat, in place: half of each page is left free for it.
create table wasm_broker.worker (
  worker_uuid uuid primary key,
  hostname text not null,
  version text not null,
  started_at timestamptz not null default clock_timestamp(),
  seen_at timestamptz not null default clock_timestamp(),
  dead_after interval not null) -- silent for so long means dead; each broker's own
with (fillfactor = 50);

-- One row for each step that a broker has: inserted with the claim, deleted with the result.
create table wasm_broker.claim (
  transition_uuid uuid primary key, -- the transition to in_progress that the claim inserted
  workflow_step_uuid uuid not null,
  worker_uuid uuid not null,
  batch_uuid uuid not null, -- one call that claimed
  claimed_at timestamptz not null default clock_timestamp(),
  result_transition_uuid uuid, -- queues in another database: the result is written, its message is not sent
  task_uuid uuid,
  correlation_id uuid)
-- Rows live for moments: vacuum by their number, not by a share of a table that is nearly empty, and
-- without the lock that giving space back would take while brokers claim.
with (
  autovacuum_vacuum_scale_factor = 0,
  autovacuum_vacuum_threshold = 10000,
  autovacuum_analyze_scale_factor = 0,
  autovacuum_analyze_threshold = 10000,
  vacuum_truncate = false);

create index claim_worker on wasm_broker.claim (worker_uuid);
