// Calls an MCP server by the official TypeScript SDK 2.x: client2.mjs MODE URL, or client2.mjs MODE -- COMMAND ARGUMENT…
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { calls } from './calls.mjs';

const [mode, first, command, ...args] = process.argv.slice(2);
const transport =
  first === '--'
    ? new StdioClientTransport({ command, args, stderr: 'inherit', env: process.env })
    : new StreamableHTTPClientTransport(new URL(first));
const client = new Client({ name: 'check', version: '1' }, { versionNegotiation: { mode } });
await client.connect(transport);
await calls(client, (name, given, options) => client.callTool({ name, arguments: given }, options));
console.log(`TypeScript 2.x over ${first === '--' ? 'stdio' : 'HTTP'}, ${mode}: passed`);
await client.close();
