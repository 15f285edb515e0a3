// Calls an MCP server by the official TypeScript SDK 1.x: client1.mjs URL, or client1.mjs -- COMMAND ARGUMENT…
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { calls } from './calls.mjs';

const [first, command, ...args] = process.argv.slice(2);
const transport =
  first === '--'
    ? new StdioClientTransport({ command, args, stderr: 'inherit', env: process.env })
    : new StreamableHTTPClientTransport(new URL(first));
const client = new Client({ name: 'check', version: '1' });
await client.connect(transport);
await calls(client, (name, given, options) => client.callTool({ name, arguments: given }, undefined, options));
console.log(`TypeScript 1.x over ${first === '--' ? 'stdio' : 'HTTP'}: passed`);
await client.close();
