import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

/** The page, built into files that the local Discord serves. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: '/',
  build: {
    outDir: fileURLToPath(new URL('../../../dist/page', import.meta.url)),
    emptyOutDir: true,
    target: 'es2023',
    // Pictures and scripts stay files: the server's content policy allows no data: scripts.
    assetsInlineLimit: 0,
  },
  // `vite src/discord/page` while working on it, beside a running `npm start`.
  server: {
    proxy: Object.fromEntries(['/page', '/attachments', '/emojis', '/stickers'].map((path) => [path, proxy()])),
  },
});

function proxy() {
  return { target: process.env.LOCAL_DISCORD ?? 'http://127.0.0.1:8400', ws: true };
}
