/**
 * Response headers of every server of this project (development, preview, demo).
 * Cross-origin isolation gives precise clocks; the content security policy allows models from the page's own origin,
 * blob URLs and https, judges on http too (servers on this machine or its network), and no inline script.
 *
 * @param {{ development?: boolean }} options  development: Vite's client needs inline script and a web socket
 * @returns {Record<string, string>}
 */
export function securityHeaders({ development = false } = {}) {
  const script = development ? "'self' 'unsafe-inline' 'wasm-unsafe-eval'" : "'self' 'wasm-unsafe-eval'";
  const connect = development ? "'self' blob: https: http: ws:" : "'self' blob: https: http:";
  return {
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Embedder-Policy': 'require-corp',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Content-Security-Policy': [
      "default-src 'self'",
      `script-src ${script}`,
      "worker-src 'self' blob:",
      "style-src 'self' 'unsafe-inline'",
      "img-src 'self' data: blob:",
      "font-src 'self' data:",
      `connect-src ${connect}`,
      "object-src 'none'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
  };
}
