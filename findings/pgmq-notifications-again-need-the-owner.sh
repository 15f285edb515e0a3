#!/usr/bin/env bash
# PGMQ as in npm package @electric-sql/pglite-pgmq 0.0.6: enable_notify_insert begins by dropping the trigger, even where
# notifications are on already. So a role with every privilege on the queue's table (trigger included) that does not own
# it gets "must be owner of relation", although nothing would have to change.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @electric-sql/pglite-pgmq@0.0.6 @electric-sql/pglite@0.5.8 >/dev/null
cat >run.mjs <<'JS'
import { PGlite } from '@electric-sql/pglite';
import { pgmq } from '@electric-sql/pglite-pgmq';
const db = new PGlite({ extensions: { pgmq } });
await db.exec(`create extension pgmq; select pgmq.create('orders'); select pgmq.enable_notify_insert('orders');
  create role worker; grant usage on schema pgmq to worker; grant all on all tables in schema pgmq to worker;
  grant execute on all functions in schema pgmq to worker; set role worker;`);
let seen = 'no error';
try { await db.exec(`select pgmq.enable_notify_insert('orders')`); } catch (error) { seen = error.message; }
console.log('pgmq:', seen);
if (!seen.startsWith('must be owner of relation')) process.exit(1);
JS
node run.mjs
