-- A role for a client: it sends steps, and reads and archives their results.
-- Run it as the owner of the schema pgmq, after broker-role.sql.

create role wasm_broker_client login password 'change me';

grant usage on schema pgmq to wasm_broker_client;

-- pgmq.send, pgmq.send_batch
grant select, insert on pgmq.q_catalog_queue to wasm_broker_client;
grant select, update on pgmq.notify_insert_throttle to wasm_broker_client;

-- pgmq.read, pgmq.set_vt, pgmq.archive, pgmq.delete
grant select, update, delete on pgmq.q_catalog_results to wasm_broker_client;
grant select, insert on pgmq.a_catalog_results to wasm_broker_client;
