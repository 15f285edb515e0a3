-- A role for the commands `wasm-broker dlq …` and `wasm-broker queue …`. Leave out what a person should not do.
-- Run it as the owner of the schema pgmq, after broker-role.sql.

create role wasm_broker_operator login password 'change me';

grant usage on schema pgmq to wasm_broker_operator;
grant select on pgmq.meta to wasm_broker_operator;

-- dlq list, dlq show
grant select on pgmq.q_catalog_queue_dlq, pgmq.a_catalog_queue_dlq to wasm_broker_operator;

-- dlq replay, dlq discard: a letter leaves its queue for its archive.
grant delete on pgmq.q_catalog_queue_dlq to wasm_broker_operator;
grant insert on pgmq.a_catalog_queue_dlq to wasm_broker_operator;

-- dlq replay: the message goes back to the queue, and notifies brokers.
grant insert on pgmq.q_catalog_queue to wasm_broker_operator;
grant select, update on pgmq.notify_insert_throttle to wasm_broker_operator;

-- queue stats, dlq replay
grant select on pgmq.q_catalog_queue to wasm_broker_operator;

-- queue stats
grant select on pgmq.q_catalog_results to wasm_broker_operator;
grant select on sequence pgmq.q_catalog_queue_msg_id_seq, pgmq.q_catalog_results_msg_id_seq,
  pgmq.q_catalog_queue_dlq_msg_id_seq to wasm_broker_operator;

-- queue purge-archive; without a_catalog_queue_dlq the record of replays stays.
grant select, delete on pgmq.a_catalog_queue, pgmq.a_catalog_results to wasm_broker_operator;
grant delete on pgmq.a_catalog_queue_dlq to wasm_broker_operator;
