import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { Scratch } from '../scratch.js';
import { carryOut, commandsOf, recipesIn } from './recipes.js';

/**
 * All recipes of docs/extending.md, one after the other, on one copy of the repository: building and starting tests takes longer than
 * what they test. The language comes last, because unfinished as it is, it fails tests that the others pass.
 */
const all = recipesIn(readFileSync('docs/extending.md', 'utf8'));
const language = all.find(({ title }) => title === 'A language')!;
const others = all.filter((recipe) => recipe !== language);

const VITEST = 'npx vitest run ';
const scratch = new Scratch();

async function shell(command: string, more: NodeJS.ProcessEnv = {}) {
  const { PATH, HOME, EASEL_CACHE } = process.env;
  const env = { PATH, HOME, EASEL_CACHE, CI: 'true', NO_COLOR: '1', ...more };
  const child = spawn('bash', ['-c', command], { cwd: scratch.root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (printed += text));
  const [code] = await once(child, 'close');
  return { code, printed };
}

/** What several recipes run alike is run once; the tests of all together. */
function together(commands: readonly string[]): string[] {
  const tests = commands.filter((command) => command.startsWith(VITEST)).map((command) => command.slice(VITEST.length));
  const rest = commands.filter((command) => !command.startsWith(VITEST));
  return [VITEST + [...new Set(tests.join(' ').split(' '))].join(' '), ...new Set(rest)];
}

beforeAll(() => {
  for (const recipe of others) carryOut(recipe, scratch.root);
});
afterAll(() => scratch[Symbol.dispose]());

test('the examples are as the type checker and the linter want them', async () => {
  const { code, printed } = await shell(
    'npx tsc --noEmit && npx biome check --vcs-enabled=false commands src/bot src/config.ts scripts test/bot src/engine test/engine',
  );
  expect(code, printed).toBe(0);
});

test('the commands of all recipes pass', async () => {
  for (const command of together(others.flatMap(commandsOf))) {
    const { code, printed } = await shell(command);
    expect(code, `${command}\n${printed}`).toBe(0);
  }
  const commands = readFileSync(scratch.at('docs/commands.md'), 'utf8');
  for (const made of ['/echo', '🌱', 'Gradient Estimation']) expect(commands).toContain(made);
});

test('a language with a few texts is wired, the tests name what it lacks, and the bot says so once', async () => {
  carryOut(language, scratch.root);
  const [command] = commandsOf(language);
  const { code, printed } = await shell(command!);
  expect(code, printed).toBe(1);
  const failed = new Set([...printed.matchAll(/FAIL .*> (.*?) >/g)].map(([, group]) => group));
  expect(failed).toEqual(new Set(['the catalogue it', 'commands', 'the page’s catalogue it']));
  expect(printed).toContain('refusal.gone');

  // Built by the tests.
  const script = `
    import { translateFor } from './dist/src/bot/text/i18n.js';
    for (const key of ['progress.cancel', 'button.square']) console.log(translateFor('it')(key));`;
  const { printed: texts } = await shell(`node --input-type=module -e "${script}"`);
  expect(texts).toBe('Annulla\nMake square\n');

  const env = { LOCAL_PORT: '0', HEALTH_PORT: '0', LOG_LEVEL: 'warn', DATA_DIR: scratch.at('data') };
  const bot = spawn(process.execPath, ['dist/src/main.js'], { cwd: scratch.root, env: { ...process.env, ...env } });
  let said = '';
  bot.stdout.on('data', (text) => (said += text));
  await vi.waitFor(() => expect(said).toContain('Easel is here'), { timeout: 120_000 });
  bot.kill('SIGTERM');
  await once(bot, 'close');
  expect(said.match(/"language":"it"/g)).toHaveLength(1);
});
