import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

/** Builds the page into files that the local Discord serves. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: '/',
  build: {
    outDir: fileURLToPath(new URL('../../../dist/page', import.meta.url)),
    emptyOutDir: true,
    target: 'es2023',
    // Pictures and scripts stay files, because the content security policy forbids data: scripts.
    assetsInlineLimit: 0,
  },
  // For `npm run dev`. With the last slash, for there are modules with such names.
  server: {
    proxy: Object.fromEntries(['/page/', '/attachments/', '/emojis/', '/stickers/'].map((path) => [path, proxy()])),
  },
});

function proxy() {
  return { target: process.env.LOCAL_DISCORD ?? 'http://127.0.0.1:8400', ws: true };
}
