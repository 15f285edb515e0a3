"""Calls an MCP server by the official Python client: client.py MODE URL, or client.py MODE -- COMMAND ARGUMENT…"""

import asyncio
import json
import sys

from mcp import Client, MCPError, StdioServerParameters, stdio_client


def check(holds, what):
    if not holds:
        raise SystemExit(f"python: not so: {what}")


async def calls(client):
    tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    check("transform" in tools, "transform is a tool")
    check(tools["transform"].title == "Transform", "a tool has a title")

    result = await client.call_tool("transform", {"filter": ".context|add", "context": [40, 2]})
    check(result.content[0].text == "42", f"the sum is 42: {result}")

    failed = await client.call_tool("http_request", {"url": "http://127.0.0.1:9/"})
    check(failed.is_error, "a destination that is not granted is a tool error")
    error = json.loads(failed.content[0].text)
    check(error["status"] == "failed" and error["error"]["error_type"], f"a queue's document: {error}")

    try:
        await client.call_tool("no_such_tool", {})
        check(False, "an unknown tool is a protocol error")
    except MCPError as unknown:
        check(unknown.error.code == -32602, f"-32602: {unknown}")

    receipt = await client.read_resource(result.meta["wasm-broker/receipt"])
    check(json.loads(receipt.contents[0].text)["handler"] == "transform", "the receipt is that of the call")

    try:
        await asyncio.wait_for(client.call_tool("endless-loop", {}), 3)
        check(False, "an endless call does not end")
    except asyncio.TimeoutError:
        pass
    check((await client.call_tool("transform", {"filter": "1"})).content[0].text == "1", "the next call is served")


async def main(mode, target):
    server = target[0] if len(target) == 1 else stdio_client(StdioServerParameters(command=target[1], args=target[2:]))
    async with Client(server, mode=mode) as client:
        await calls(client)
        print(f"python, {mode}: {client.protocol_version}")


asyncio.run(main(sys.argv[1], sys.argv[2:]))
