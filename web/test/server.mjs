// A server of the files that the tests need, with the policy that `wasm-broker serve-ui` sends.
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';

export const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'; " +
  "connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** A page that may not share memory with its workers. */
export const NOT_ISOLATED = '/not-isolated';

/** A response that breaks off after 70 MiB: two of them are more than a run may receive. */
export const BROKEN = '/broken';
const BROKEN_BYTES = 70 << 20;

const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.wasm': 'application/wasm' };

/**
 * Serves folders by the first part of the path, on a free port.
 *
 * @param folders such as {host: '/…/dist/host'}
 * @returns the server's address, and what closes it
 */
export async function serve(folders) {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    const [, first, ...rest] = pathname.split('/');
    const isWorker = pathname.endsWith('/worker.js');
    response.setHeader(
      'content-security-policy',
      isWorker ? CONTENT_SECURITY_POLICY.replace("connect-src 'self'", "connect-src 'none'") : CONTENT_SECURITY_POLICY,
    );
    response.setHeader('x-content-type-options', 'nosniff');
    response.setHeader('cross-origin-resource-policy', 'same-origin');
    if (pathname !== NOT_ISOLATED) {
      response.setHeader('cross-origin-opener-policy', 'same-origin');
      response.setHeader('cross-origin-embedder-policy', 'require-corp');
    }
    if (pathname === '/favicon.ico') {
      response.statusCode = 204; // browsers ask for it, whatever a page says
      response.end();
      return;
    }
    if (pathname === BROKEN) {
      response.writeHead(200, { 'content-length': BROKEN_BYTES + 1 });
      response.write(Buffer.alloc(BROKEN_BYTES), () => request.socket.end());
      return;
    }
    try {
      const path = normalize(join('/', ...rest));
      const isPage = ['/', NOT_ISOLATED].includes(pathname);
      const body = isPage ? '<!doctype html><html lang="en"><title>test</title>' : await readFile(folders[first] + path);
      response.setHeader('content-type', isPage ? TYPES['.html'] : (TYPES[extname(path)] ?? 'application/octet-stream'));
      response.setHeader('cache-control', 'max-age=600');
      response.end(body);
    } catch {
      response.statusCode = 404;
      response.end();
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { origin: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}
