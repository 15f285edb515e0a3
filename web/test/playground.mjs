// The playground, as `wasm-broker serve-ui` serves it. WASM_BROKER is the command to check, ./wasm-broker by default.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const COMMAND = process.env.WASM_BROKER ?? fileURLToPath(new URL('../../wasm-broker', import.meta.url));

/** Starts it on a free port; returns its address, and what ends it. */
export async function servePlayground(...options) {
  const child = spawn(COMMAND, ['serve-ui', '--address', '127.0.0.1:0', ...options], { stdio: ['ignore', 'inherit', 'pipe'] });
  let told = '';
  const origin = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`serve-ui ended with ${code}: ${told}`)));
    child.stderr.setEncoding('utf8').on('data', (text) => {
      told += text;
      const found = /playground on (http:\/\/[^/]+)\//.exec(told);
      if (found !== null) {
        resolve(found[1]);
      }
    });
  });
  const ended = new Promise((resolve) => child.on('exit', resolve));
  return {
    origin,
    close: async () => {
      child.kill();
      await ended;
    },
  };
}
