// A server of the files that the tests need, with the policy that `wasm-broker serve-ui` sends.
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';

export const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'; " +
  "connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

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
    response.setHeader('content-security-policy', CONTENT_SECURITY_POLICY);
    response.setHeader('x-content-type-options', 'nosniff');
    if (pathname === '/favicon.ico') {
      response.statusCode = 204; // browsers ask for it, whatever a page says
      response.end();
      return;
    }
    try {
      const path = normalize(join('/', ...rest));
      const body = pathname === '/' ? '<!doctype html><html lang="en"><title>test</title>' : await readFile(folders[first] + path);
      response.setHeader('content-type', pathname === '/' ? TYPES['.html'] : (TYPES[extname(path)] ?? 'application/octet-stream'));
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
