import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DEFAULT_MODEL } from '../../src/config.js';
import { readMetadata } from '../../src/engine/image/metadata.js';
import { packageRoot } from '../../src/package-root.js';

// What docs/api.md shows, run as it stands against `easel serve` as it ships; only the port is another.

const EASEL_API_KEY = 'key-of-the-examples';
const PYTHON = process.env.EASEL_PYTHON ?? 'python3';
const page = readFileSync(join(packageRoot, 'docs/api.md'), 'utf8');
const examples = (language: string) =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]+?)^\`\`\`$`, 'gm'))].map(([, code]) => code!);

const folder = mkdtempSync(join(tmpdir(), 'easel-api-'));
/** Where the server keeps what it needs while it runs. */
const temporary = join(folder, 'tmp');
let server: ChildProcess;
let url = '';
beforeAll(async () => {
  execFileSync('mkdir', [temporary]);
  symlinkSync(join(packageRoot, 'node_modules'), join(folder, 'node_modules'));
  const { PATH, HOME, EASEL_CACHE } = process.env;
  server = spawn(process.execPath, [join(packageRoot, 'dist/src/cli/main.js'), 'serve', '--port', '0', '--json'], {
    cwd: folder,
    env: { PATH, HOME, EASEL_CACHE, EASEL_API_KEY, TMPDIR: temporary },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(server.stdout!, 'data');
  const told = JSON.parse(String(line));
  expect(told).toEqual({ event: 'serves', url: expect.any(String), model: DEFAULT_MODEL, key: true });
  url = told.url;
});
afterAll(() => {
  server.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const run = async (program: string, words: string[], code: string) => {
  const here = code.replaceAll('http://127.0.0.1:7860', url);
  const { PATH, HOME } = process.env;
  const { stdout } = await promisify(execFile)(program, [...words, here], {
    cwd: folder,
    env: { PATH, HOME, EASEL_API_KEY },
  });
  return stdout;
};
const made = (file: string) => readMetadata(readFileSync(join(folder, file)));

test('the examples with curl', async () => {
  const outputs: string[] = [];
  for (const code of examples('sh')) outputs.push(await run('bash', ['-eo', 'pipefail', '-c'], code));
  expect(JSON.parse(outputs[0]!).data).toContainEqual(expect.objectContaining({ id: DEFAULT_MODEL }));
  const { data } = JSON.parse(readFileSync(join(folder, 'apples.json'), 'utf8'));
  expect(data).toHaveLength(2);
  expect(await made('apple-a1111.png')).toMatchObject({ prompt: 'a red apple', sampler: 'DPM++ 2M Karras', steps: 20 });
});

test("the example with OpenAI's client for JavaScript", async () => {
  const [code] = examples('js');
  writeFileSync(join(folder, 'example.mjs'), code!.replaceAll('http://127.0.0.1:7860', url));
  const address = await run(process.execPath, ['example.mjs'], '');
  expect(await made('apple.png')).toMatchObject({ prompt: 'a red apple', seed: 7 });
  const edited = new Uint8Array(await (await fetch(address.trim())).arrayBuffer());
  expect(await readMetadata(edited)).toMatchObject({ prompt: 'a green apple', strength: 0.6 });
});

const hasClient = () => {
  try {
    execFileSync(PYTHON, ['-c', 'import openai'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};
test.skipIf(!hasClient())("the example with OpenAI's client for Python", async () => {
  const address = await run(PYTHON, ['-c'], examples('python')[0]!);
  expect(await made('apple.png')).toMatchObject({ seed: 7, negative: 'leaves' });
  expect((await fetch(address.trim())).status).toBe(200);
});

test("the example in AUTOMATIC1111's manner in Python", async () => {
  const output = await run(PYTHON, ['-c'], examples('python')[1]!);
  expect(output).toMatch(/^a red apple\nSteps: 20, Sampler: DPM\+\+ 2M Karras/);
  expect(output).toMatch(/\[\d+\]\n$/);
});

test('stopped, it ends by itself and leaves nothing behind', async () => {
  expect(readdirSync(temporary).filter((name) => name.startsWith('easel-serve-'))).toHaveLength(1);
  const ended = once(server, 'exit');
  server.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
  expect(readdirSync(temporary).filter((name) => name.startsWith('easel-serve-'))).toEqual([]);
});
