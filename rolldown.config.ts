import { defineConfig } from 'rolldown';

/**
 * The programs, as few files instead of a thousand: half of a start was reading modules. They replace what tsc wrote under the same names; every
 * other file in dist stays as tsc wrote it. The engine's code is in them, and what it runs in threads and processes of its own, its models and
 * the natives are in its package.
 */
export default defineConfig({
  platform: 'node',
  logLevel: 'warn',
  input: Object.fromEntries(
    ['main', 'cli/main', ...['child', 'inspector', 'interrogator'].map((name) => `bot/painter/${name}`)].map(
      (entry) => [entry, `src/${entry}.ts`],
    ),
  ),
  external: [
    // They find their binaries, and Lua scripts, beside their own files.
    ...[/^onnxruntime-node/, /^sharp/, /^libsql/, /^bullmq/],
    // There may be none of these.
    ...[/^@redis\/client/, 'pg-native', 'bufferutil', 'utf-8-validate', 'zlib-sync'],
  ],
  tsconfig: 'tsconfig.json',
  transform: { target: 'es2023' },
  // discord.js has one, for operators who evaluate texts in shards.
  checks: { eval: false },
  output: {
    dir: 'dist/src',
    chunkFileNames: 'chunks/[name].js',
    sourcemap: true,
    sourcemapExcludeSources: true,
  },
});
