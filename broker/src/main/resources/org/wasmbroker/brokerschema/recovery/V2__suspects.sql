-- Suspects: steps of which a worker died, perhaps because of them. See docs/tasker-recovery.md.

-- When a suspect's run began; null for every other step, whose start nobody records.
alter table wasm_broker.claim add column started_at timestamptz;

-- One row for each step that a dead broker had, until it ends.
create table wasm_broker.suspect (
  workflow_step_uuid uuid primary key,
  lost_starts int not null default 0, -- claims that were lost after the start was recorded
  lost_at timestamptz not null default clock_timestamp());
