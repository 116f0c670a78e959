import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { packageRoot } from '../../../src/package-root.js';

/** The modules of node_modules that a process has resolved after importing files of dist/. */
function loadedBy(files: readonly string[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'easel-loaded-'));
  try {
    const [hooks, script] = [join(folder, 'hooks.mjs'), join(folder, 'script.mjs')];
    const trace = `import { writeSync } from 'node:fs';
      export async function resolve(specifier, context, next) {
        const found = await next(specifier, context);
        writeSync(1, found.url + '\\n');
        return found;
      }`;
    const imports = files.map(
      (file) => `await import(${JSON.stringify(pathToFileURL(join(packageRoot, 'dist', file)).href)});`,
    );
    writeFileSync(hooks, trace);
    writeFileSync(
      script,
      `import { register } from 'node:module';\nregister(${JSON.stringify(pathToFileURL(hooks).href)});\n${imports.join('\n')}\nprocess.exit(0);`,
    );
    return execFileSync(process.execPath, [script], { encoding: 'utf8', cwd: folder }).split('\n');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('nothing of BullMQ is loaded without painters elsewhere, neither by the bot nor by the command line', () => {
  const usual = loadedBy(['src/bot/bot.js', 'src/local.js', 'src/cli/program.js']);
  expect(usual.some((url) => url.includes('/node_modules/discord.js/'))).toBe(true);
  expect(usual.filter((url) => /bullmq|msgpackr|\/bot\/remote\//.test(url))).toEqual([]);
});
