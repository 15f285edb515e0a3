-- Run once, by the first start of the database of deploy/compose.yaml.
create extension if not exists pgmq;
