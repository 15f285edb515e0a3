// What every client does with the server, whatever its version of the SDK.

export function check(holds, what) {
  if (!holds) {
    throw new Error(`not so: ${what}`);
  }
}

export async function calls(client, call) {
  const { tools } = await client.listTools();
  check(tools.some((tool) => tool.name === 'transform' && tool.title === 'Transform'), 'transform is a tool');

  const sum = await call('transform', { filter: '.context|add', context: [40, 2] });
  check(sum.content[0].text === '42', `the sum is 42: ${JSON.stringify(sum)}`);

  const failed = await call('http_request', { url: 'http://127.0.0.1:9/' });
  const error = JSON.parse(failed.content[0].text);
  check(failed.isError && error.status === 'failed' && error.error.error_type, 'a tool error with the document of a queue');

  const unknown = await call('no_such_tool', {}).then(() => null, (refused) => refused);
  check(unknown?.code === -32602, `an unknown tool is a protocol error: ${unknown}`);

  const told = [];
  const abort = new AbortController();
  const endless = call('endless-loop', {}, {
    signal: abort.signal,
    onprogress: (progress) => {
      told.push(progress.message);
      abort.abort('enough');
    },
  }).then(() => null, (cancelled) => cancelled);
  check((await endless) !== null && told.length > 0, 'an endless call tells of its progress and can be cancelled');
  check((await call('transform', { filter: '1' })).content[0].text === '1', 'the next call is served');
}
