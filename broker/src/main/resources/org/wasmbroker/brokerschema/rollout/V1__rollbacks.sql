-- Which candidates were rolled back, and the counts that decide it. See docs/rollout.md.
-- A file that was released never changes; changes are files of their own.

-- One row for each time that a candidate was rolled back. It is in force until someone resets it; a candidate that is
-- rolled back again after that gets another row, its next episode.
create table wasm_broker.rollback (
  handler text not null,
  version text not null, -- of the candidate
  episode int not null check (episode > 0),
  decided_at timestamptz not null default clock_timestamp(),
  decided_by text not null, -- the broker's host name
  stable_version text not null,
  candidate_runs bigint not null,
  candidate_bad bigint not null,
  stable_runs bigint not null,
  stable_bad bigint not null,
  reason text not null, -- a sentence with these numbers
  reset_at timestamptz,
  reset_by text,
  primary key (handler, version, episode));

-- How the latest runs of one broker ended, within the window of the rollout: one row for each version that is compared.
-- It is updated in place, every second or so.
create table wasm_broker.rollout_count (
  broker_uuid uuid not null,
  handler text not null,
  version text not null,
  episode int not null, -- counts of before a reset do not count after it
  runs bigint not null,
  traps bigint not null,
  limits bigint not null,
  failures bigint not null,
  counted_at timestamptz not null default clock_timestamp(),
  primary key (broker_uuid, handler, version))
with (fillfactor = 50);
