-- The queues of a broker, and a role with exactly the privileges that a broker of the standalone protocol needs.
-- Run it as the owner of the schema pgmq, usually a superuser. Other names of queues: replace catalog_queue and catalog_results.
-- docs/protocol-standalone.md shows the same statements.

create role wasm_broker login password 'change me';

grant usage on schema pgmq to wasm_broker;
grant select on pgmq.meta to wasm_broker;
-- Inserts into a queue with notifications update this table, as the role that inserts; a crash of Postgres empties it.
grant select, insert, update on pgmq.notify_insert_throttle to wasm_broker;

-- The queues. Existing ones are left unchanged.
select pgmq.create('catalog_queue');
select pgmq.create('catalog_results');
select pgmq.create('catalog_queue_dlq');
select pgmq.enable_notify_insert('catalog_queue', 50); -- at most one notification in so many milliseconds
grant select, insert, update, delete on pgmq.q_catalog_queue to wasm_broker;
grant select, insert on pgmq.a_catalog_queue to wasm_broker;
grant select, insert on pgmq.q_catalog_results, pgmq.q_catalog_queue_dlq to wasm_broker;
grant select on sequence pgmq.q_catalog_queue_msg_id_seq, pgmq.q_catalog_results_msg_id_seq,
  pgmq.q_catalog_queue_dlq_msg_id_seq to wasm_broker; -- for the queues' depths
