-- Settings of autovacuum for the tables of the queues. Run it as their owner; it does not block brokers.
--
-- A queue is a small table with very many changes: each step inserts a row, updates it once for its claim and once for each third of its
-- lease, and deletes it. Autovacuum's default, a fifth of the table's rows, is made for tables that grow: after a backlog of a million
-- messages it would wait for 200,000 dead rows, which every claim has to step over meanwhile. So the number of dead rows counts, not
-- their share, and vacuuming does not pause (cost_delay), since the table is small.
-- Long messages are in the TOAST table, with the same life.
-- The broker's statements look rows up by key whatever the statistics say, so these are gathered seldom.

alter table pgmq.q_catalog_queue set (
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0,
  autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 100000,
  toast.autovacuum_vacuum_scale_factor = 0, toast.autovacuum_vacuum_threshold = 5000, toast.autovacuum_vacuum_cost_delay = 0);

alter table pgmq.q_catalog_results set (
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0,
  autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 100000,
  toast.autovacuum_vacuum_scale_factor = 0, toast.autovacuum_vacuum_threshold = 5000, toast.autovacuum_vacuum_cost_delay = 0);

-- An archive only grows until it is purged. A fifth of a large one is a long time and then much work at once; so it is vacuumed after
-- a million new rows, or a hundred thousand dead ones, with the usual pauses. A partitioned archive has no settings of its own: set them for its partitions.
alter table pgmq.a_catalog_queue set (
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 100000,
  autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 1000000,
  toast.autovacuum_vacuum_scale_factor = 0, toast.autovacuum_vacuum_threshold = 100000);
