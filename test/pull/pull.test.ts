import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { easel } from '../../src/cli/program.js';
import { upscalersIn } from '../../src/engine/checkpoint/upscalers.js';
import { packageRoot } from '../../src/package-root.js';
import { runEasel } from '../cli/run.js';
import { COMMIT, gitOid, HubServer, sendFile, sendStart, sha256 } from './hub-server.js';

const WEIGHTS = Buffer.alloc(300_000, 'weights ');
const OTHER = Buffer.alloc(200_000, 'another ');

let hub: HubServer;
let folder: string;
let models: string;

beforeEach(async () => {
  hub = await HubServer.start();
  folder = mkdtempSync(join(tmpdir(), 'easel-pull-'));
  models = join(folder, 'models');
  hub.repos['someone/tiny'] = {
    files: { 'README.md': Buffer.from('# hi'), 'tiny.safetensors': WEIGHTS, LICENSE: Buffer.from('Do no harm.') },
    card: { license: 'mit' },
  };
  for (const [name, value] of Object.entries({
    HF_ENDPOINT: hub.url,
    HF_TOKEN: '',
    CIVITAI_TOKEN: '',
    HF_HUB_CACHE: join(folder, 'cache'),
    HTTP_PROXY: '',
    http_proxy: '',
    HTTPS_PROXY: '',
    https_proxy: '',
    MODELS_DIR: '',
  }))
    vi.stubEnv(name, value);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await hub[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const pull = (...words: string[]) => runEasel(['pull', ...words, '--into', models, '--no-safety-checker']);
/** Sends a part of the file and ends the connection once that is on disk: what was only received may be lost with it. */
function breakOff(response: ServerResponse, bytes: Buffer, then: number): void {
  response.write(bytes);
  const looking = setInterval(() => {
    const part = statSync(join(models, 'tiny.safetensors.part'), { throwIfNoEntry: false });
    if (part?.size !== then) return;
    clearInterval(looking);
    response.destroy();
  }, 5);
}

const here = (name = 'tiny.safetensors') => readFileSync(join(models, name));

test('a single file is fetched by its commit, checked, and kept with its licence', async () => {
  const { code, out, err } = await pull('someone/tiny', '--yes');
  expect([code, err]).toEqual([0, expect.stringMatching(/someone\/tiny: 300 KB of 300 KB\n$/)]);
  expect(out).toContain('Licence: mit.');
  expect(here().equals(WEIGHTS)).toBe(true);
  expect(readdirSync(models).sort()).toEqual(['tiny.licence.txt', 'tiny.safetensors']);
  const record = here('tiny.licence.txt').toString();
  expect(record).toContain(`From ${hub.url}/someone/tiny, commit ${COMMIT}`);
  expect(record).toContain('Do no harm.');
  expect(hub.seen.filter(({ path }) => path.includes('/resolve/')).every(({ path }) => path.includes(COMMIT))).toBe(
    true,
  );
});

test('--json reports the plan, the transfer and the file', async () => {
  const { code, out } = await pull('someone/tiny', '--yes', '--json');
  expect(code).toBe(0);
  const events = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(events[0]).toMatchObject({ event: 'plan', licence: { name: 'mit' }, bytes: 300_000, commit: COMMIT });
  expect(events).toContainEqual({ event: 'transfer', label: 'someone/tiny', received: 300_000, total: 300_000 });
  expect(events.at(-1)).toEqual({
    event: 'pulled',
    path: join(models, 'tiny.safetensors'),
    sha256: sha256(WEIGHTS),
    how: 'fetched',
  });
});

test('on a terminal there is a bar, and the licence is asked for', async () => {
  let written = '';
  const terminal = Object.assign(
    new Writable({
      write: (chunk, _, done) => {
        written += chunk;
        done();
      },
    }),
    { isTTY: true, columns: 120, cursorTo() {}, clearLine() {}, moveCursor() {} },
  );
  const streams = { out: terminal, err: terminal as never, signal: new AbortController().signal };
  const words = ['pull', 'someone/tiny', '--into', models, '--no-safety-checker'];
  expect(await easel(words, { ...streams, ask: async () => 'n' })).toBe(1);
  expect(written).toContain('not agreed to');
  expect(existsSync(join(models, 'tiny.safetensors'))).toBe(false);
  expect(hub.fetched).toEqual([]);
  expect(await easel(words, { ...streams, ask: async () => 'yes' })).toBe(0);
  expect(written).toMatch(/someone\/tiny .*\u2588?.*300 KB/u);
});

test('without a terminal and without --yes nothing is fetched, and the message says what to do', async () => {
  const { code, err } = await pull('someone/tiny');
  expect([code, hub.fetched]).toEqual([1, []]);
  expect(err).toMatch(/Read it, and add --yes/);
});

test('of a diffusers folder only one set of weights for each part is fetched', async () => {
  const part = (name: string) => ({
    [`${name}/config.json`]: Buffer.from('{}'),
    [`${name}/diffusion_pytorch_model.safetensors`]: WEIGHTS,
    [`${name}/diffusion_pytorch_model.bin`]: OTHER,
    [`${name}/diffusion_pytorch_model.fp16.safetensors`]: OTHER,
  });
  hub.repos['someone/folder'] = {
    files: {
      'model_index.json': Buffer.from('{}'),
      'whole.ckpt': OTHER,
      'run.py': Buffer.from('x'),
      'image.png': OTHER,
      ...part('unet'),
      ...part('vae'),
      'tokenizer/vocab.json': Buffer.from('{}'),
      'tokenizer/merges.txt': Buffer.from('m'),
      'safety_checker/config.json': Buffer.from('{}'),
      'safety_checker/model.safetensors': WEIGHTS,
    },
  };
  expect((await pull('someone/folder', '--yes')).code).toBe(0);
  const files = readdirSync(join(models, 'folder'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(join(models, 'folder', name)).isFile(),
  );
  expect(files.sort()).toEqual([
    'licence.txt',
    'model_index.json',
    'safety_checker/config.json',
    'safety_checker/model.safetensors',
    'tokenizer/merges.txt',
    'tokenizer/vocab.json',
    'unet/config.json',
    'unet/diffusion_pytorch_model.safetensors',
    'vae/config.json',
    'vae/diffusion_pytorch_model.safetensors',
  ]);
});

test('a model without a safety checker gets one', async () => {
  const checker = { 'safety_checker/config.json': Buffer.from('{}'), 'safety_checker/model.safetensors': OTHER };
  hub.repos['stable-diffusion-v1-5/stable-diffusion-v1-5'] = { files: checker };
  // The published hash is of the real one.
  const { code, err } = await runEasel(['pull', 'someone/tiny', '--yes', '--into', models]);
  expect([code, err]).toEqual([1, expect.stringMatching(/is not the file that was published/)]);
  expect(hub.fetched).toEqual([]);
});

test('the token goes to the Hub and nowhere else, and is in no output', async () => {
  vi.stubEnv('HF_TOKEN', 'hf_good');
  const { code, out, err } = await pull('someone/tiny', '--yes');
  expect(code).toBe(0);
  for (const { host, headers } of hub.seen)
    expect(headers.authorization).toBe(host === 'hub' ? 'Bearer hf_good' : undefined);
  expect(out + err).not.toMatch(/hf_good|secret/);
});

test('a listing that goes on at another host does not take the token there', async () => {
  vi.stubEnv('HF_TOKEN', 'hf_good');
  hub.hubFault = (_, response, path) => {
    if (!path.includes('/tree/')) return false;
    response.writeHead(200, { 'content-type': 'application/json', link: `<${hub.cdn}/more>; rel="next"` }).end('[]');
    return true;
  };
  await pull('someone/tiny', '--yes');
  const asked = hub.seen.filter(({ host }) => host === 'cdn');
  expect(asked.length).toBeGreaterThan(0);
  expect(asked.filter(({ headers }) => headers.authorization)).toEqual([]);
});

test('gated: without a token, with the token of somebody else, with a wrong one, and with the right one', async () => {
  hub.repos['someone/tiny']!.gated = true;
  const messages: string[] = [];
  for (const token of ['', 'hf_stranger', 'hf_wrong']) {
    vi.stubEnv('HF_TOKEN', token);
    const { code, err } = await pull('someone/tiny', '--yes');
    expect(code).toBe(1);
    messages.push(err);
  }
  expect(messages[0]).toMatch(
    /agree at http.*\/someone\/tiny.*Set HF_TOKEN to a token from https:\/\/huggingface.co\/settings\/tokens/,
  );
  expect(messages[1]).toMatch(/account of HF_TOKEN has no access/);
  expect(messages[2]).toMatch(/does not accept HF_TOKEN/);
  expect(messages.join()).not.toMatch(/hf_stranger|hf_wrong/);
  vi.stubEnv('HF_TOKEN', 'hf_good');
  expect((await pull('someone/tiny', '--yes')).code).toBe(0);
});

test('a name that has moved is answered with how to give another', async () => {
  const { err } = await pull('sd-v1-4', '--yes');
  expect(err).toMatch(/"sd-v1-4" stands for CompVis\/stable-diffusion-v-1-4-original.*easel pull OWNER\/NAME/);
  hub.repos['CompVis/stable-diffusion-v-1-4-original'] = { files: { 'renamed.ckpt': WEIGHTS } };
  expect((await pull('sd-v1-4', '--yes')).err).toMatch(/has no file sd-v1-4.ckpt.*renamed.ckpt.*--file PATH/);
  expect((await pull('someone/tiny', '--yes', '--revision', 'gone')).err).toMatch(/no such revision/);
});

test('a busy host is waited for as long as it asks', async () => {
  let busy = 2;
  hub.hubFault = (_, response, path) => {
    if (!path.includes('/tree/') || busy-- <= 0) return false;
    response.writeHead(429, { 'retry-after': busy === 1 ? '0' : new Date().toUTCString() }).end();
    return true;
  };
  const { code, err } = await pull('someone/tiny', '--yes');
  expect([code, err]).toEqual([0, expect.stringMatching(/status 429\. Trying again/)]);
});

test('a host that asks to come back in hours is not waited for', async () => {
  hub.hubFault = (_, response) => Boolean(response.writeHead(429, { 'retry-after': '7200' }).end());
  expect((await pull('someone/tiny', '--yes')).err).toMatch(/come back in 120 minutes/);
});

test('a connection that breaks in the middle goes on from there, with If-Range', async () => {
  let breaks = 2;
  hub.cdnFault = (request, response, path) => {
    if (!path.endsWith('.safetensors') || breaks-- <= 0) return false;
    const from = Number(/\d+/.exec(request.headers.range ?? '0')![0]);
    const etag = `"${createHash('md5').update(WEIGHTS).digest('hex')}"`;
    const range = { 'content-range': `bytes ${from}-299999/300000` };
    response.writeHead(from ? 206 : 200, { etag, 'content-length': WEIGHTS.length - from, ...(from && range) });
    breakOff(response, WEIGHTS.subarray(from, from + 100_000), from + 100_000);
    return true;
  };
  expect((await pull('someone/tiny', '--yes')).code).toBe(0);
  expect(here().equals(WEIGHTS)).toBe(true);
  const asked = hub.seen.filter(({ host, path }) => host === 'cdn' && path.endsWith('.safetensors'));
  const starts = asked.map(({ headers }) => Number(/^bytes=(\d+)-$/.exec(headers.range ?? 'bytes=0-')?.[1]));
  expect(starts).toEqual([0, 100_000, 200_000]);
  expect(asked[2]!.headers['if-range']).toMatch(/^"[0-9a-f]{32}"$/);
});

test.each([
  ['ignores ranges', (_: never, response: never, bytes: Buffer) => sendFile({ headers: {} } as never, response, bytes)],
  [
    'answers with another part',
    (_: never, response: { writeHead: (...a: unknown[]) => { end: (b: Buffer) => void } }, bytes: Buffer) =>
      response.writeHead(206, { 'content-range': `bytes 0-9/${bytes.length}` }).end(bytes.subarray(0, 10)),
  ],
] as const)('a host that %s when asked to go on is begun again', async (_, answer) => {
  let asked = 0;
  hub.cdnFault = (request, response, path) => {
    if (!path.endsWith('.safetensors')) return false;
    asked++;
    if (asked === 1) {
      response.writeHead(200, { etag: '"one"', 'content-length': WEIGHTS.length });
      breakOff(response, WEIGHTS.subarray(0, 100_000), 100_000);
      return true;
    }
    if (asked > 2) return false;
    (answer as (...all: unknown[]) => void)(request, response, WEIGHTS);
    return true;
  };
  expect((await pull('someone/tiny', '--yes')).code).toBe(0);
  expect(here().equals(WEIGHTS)).toBe(true);
});

test('a file that changed between two tries is begun again', async () => {
  const url = `${hub.cdn}/someone/tiny/tiny.safetensors`;
  let asked = 0;
  hub.cdnFault = (_, response, path) => {
    if (!path.endsWith('.safetensors') || ++asked !== 2) return false;
    response
      .writeHead(200, { etag: '"old"', 'content-length': WEIGHTS.length })
      .write(OTHER.subarray(0, 100_000), () => response.destroy());
    return true;
  };
  const { code } = await pull(url, '--yes');
  expect(code).toBe(0);
  expect(here().equals(WEIGHTS)).toBe(true);
});

test('a wrong hash is refused and nothing of it kept, for large files and for small ones', async () => {
  hub.cdnFault = (request, response, path) =>
    path.endsWith('.safetensors') && sendFile(request, response, Buffer.alloc(WEIGHTS.length, 'x'));
  const { code, err } = await pull('someone/tiny', '--yes');
  expect([code, err]).toEqual([1, expect.stringMatching(/its hash is .*, not /)]);
  expect(readdirSync(models)).toEqual([]);
  hub.repos['someone/net-lora'] = { files: { 'config.json': Buffer.from('{"a":1}'), 'model.safetensors': WEIGHTS } };
  hub.cdnFault = (request, response, path) =>
    path.endsWith('.json') && sendFile(request, response, Buffer.from('{"a":2}'));
  expect((await pull('someone/net-lora', '--yes')).err).toMatch(new RegExp(`not ${gitOid(Buffer.from('{"a":1}'))}`));
  expect(existsSync(join(models, 'lora/net-lora/config.json'))).toBe(false);
});

test('upscalers go where they are looked for', async () => {
  hub.repos['someone/4x-RealESRGAN'] = { files: { '4x-net.safetensors': WEIGHTS } };
  expect((await pull('someone/4x-RealESRGAN', '--yes')).code).toBe(0);
  expect((await upscalersIn(models)).map(({ name }) => name)).toEqual(['4x-net']);
});

test('--sha256 must agree with the page, and with what arrives', async () => {
  expect((await pull('someone/tiny', '--yes', '--sha256', 'a'.repeat(64))).err).toMatch(/by its page/);
  const url = `${hub.cdn}/someone/tiny/tiny.safetensors`;
  expect((await pull(url, '--yes', '--sha256', 'a'.repeat(64))).err).toMatch(/its hash is/);
  expect((await pull(url, '--yes', '--sha256', sha256(WEIGHTS).toUpperCase())).code).toBe(0);
});

test('a web page instead of a file is recognised by its type and by its bytes', async () => {
  const page = Buffer.from('<!DOCTYPE html><title>Log in</title>');
  for (const type of ['text/html; charset=utf-8', 'application/octet-stream']) {
    hub.cdnFault = (request, response) => sendFile(request, response, page, { 'content-type': type });
    const { err } = await pull(`${hub.cdn}/download/thing.safetensors`, '--yes');
    expect(err).toMatch(/is a web page, not a file/);
  }
  expect(readdirSync(models)).toEqual([]);
});

test('a body without end is cut off where the file should end', async () => {
  hub.cdnFault = (_, response, path) => {
    if (!path.endsWith('.safetensors')) return false;
    response.writeHead(200, { etag: '"a"' });
    const more = () => {
      while (!response.destroyed && response.write(WEIGHTS));
      if (!response.destroyed) response.once('drain', more);
    };
    more();
    return true;
  };
  expect((await pull('someone/tiny', '--yes')).err).toMatch(/sends more than the 300000 bytes/);
  expect(readdirSync(models)).toEqual([]);
});

test('a file of the shared cache of the Hub is used, if its hash is right', async () => {
  const blobs = join(folder, 'cache/models--someone--tiny/blobs');
  mkdirSync(blobs, { recursive: true });
  writeFileSync(join(blobs, sha256(WEIGHTS)), Buffer.alloc(WEIGHTS.length));
  expect((await pull('someone/tiny', '--yes')).out).not.toMatch(/taken from/);
  rmSync(models, { recursive: true });
  writeFileSync(join(blobs, sha256(WEIGHTS)), WEIGHTS);
  const before = hub.fetched.length;
  expect((await pull('someone/tiny', '--yes')).out).toMatch(/tiny.safetensors: taken from this machine/);
  expect(here().equals(WEIGHTS)).toBe(true);
  expect(hub.fetched.slice(before).filter((path) => path.includes('safetensors'))).toEqual([]);
  expect(statSync(join(models, 'tiny.safetensors')).ino).toBe(statSync(join(blobs, sha256(WEIGHTS))).ino);
});

test('what is there already is not fetched again, and another file is not overwritten', async () => {
  await pull('someone/tiny', '--yes');
  expect((await pull('someone/tiny', '--yes')).out).toMatch(/already here/);
  writeFileSync(join(models, 'tiny.safetensors'), 'mine');
  expect((await pull('someone/tiny', '--yes')).err).toMatch(/is there already.*Move it away/);
  expect(here().toString()).toBe('mine');
  rmSync(join(models, 'tiny.safetensors'));
  symlinkSync(join(folder, 'elsewhere'), join(models, 'tiny.safetensors'));
  expect((await pull('someone/tiny', '--yes')).err).toMatch(/is there already/);
});

test('a part that is a link leads nowhere', async () => {
  mkdirSync(models);
  writeFileSync(join(folder, 'precious'), 'precious');
  symlinkSync(join(folder, 'precious'), join(models, 'tiny.safetensors.part'));
  expect((await pull('someone/tiny', '--yes')).code).toBe(0);
  expect(readFileSync(join(folder, 'precious'), 'utf8')).toBe('precious');
  expect(here().equals(WEIGHTS)).toBe(true);
});

test.each([
  '../evil.safetensors',
  '/etc/evil.safetensors',
  'a/../../evil.safetensors',
  'unet/..\\evil.safetensors',
  'NUL.safetensors',
  'com1.safetensors',
  'a:b.safetensors',
  'x\u202e.safetensors',
  '.hidden.safetensors',
  'x\n.safetensors',
  'lpt¹.safetensors',
])('a repository with a file called %j is refused', async (path) => {
  hub.repos['bad/one'] = { files: { [path]: WEIGHTS } };
  const { code, err } = await pull('bad/one', '--yes', '--file', path);
  expect([code, hub.fetched]).toEqual([1, []]);
  expect(err).not.toMatch(/\u202e|at .*\.js/);
  expect(existsSync(models) ? readdirSync(models) : []).toEqual([]);
});

test.each([
  ['attachment; filename="real name.safetensors"', 'real name.safetensors'],
  ["attachment; filename*=UTF-8''na%C3%AFve.safetensors", 'naïve.safetensors'],
  ['attachment; filename="../../evil.safetensors"', 'evil.safetensors'],
  ['attachment; filename="C:\\\\Windows\\\\evil.safetensors"', 'evil.safetensors'],
  ['attachment; filename="a:b*.safetensors"', 'a_b_.safetensors'],
  ['nonsense; filename=', 'download.safetensors'],
])('the name in %s becomes %s', async (header, name) => {
  hub.cdnFault = (request, response) => sendFile(request, response, WEIGHTS, { 'content-disposition': header });
  const { code, err } = await pull(`${hub.cdn}/api/download.safetensors?token=secret`, '--yes');
  expect([code, err.includes('secret')]).toEqual([0, false]);
  expect(here(name).equals(WEIGHTS)).toBe(true);
});

test('what is no weights is not fetched', async () => {
  hub.cdnFault = (request, response) =>
    sendFile(request, response, WEIGHTS, { 'content-disposition': 'attachment; filename="setup.exe"' });
  expect((await pull(`${hub.cdn}/x`, '--yes')).err).toMatch(/gives a file called "setup.exe"/);
});

test('nonsense instead of the Hub, and a listing without end, are said to be that', async () => {
  hub.hubFault = (_, response) => Boolean(response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'));
  expect((await pull('someone/tiny', '--yes')).err).toMatch(/does not answer as the Hub does/);
  hub.hubFault = (_, response, path) =>
    path.includes('/tree/') &&
    Boolean(
      response
        .writeHead(200, {
          'content-type': 'application/json',
          link: `<${hub.url}/api/models/someone/tiny/tree/${COMMIT}?x>; rel="next"`,
        })
        .end('[]'),
    );
  expect((await pull('someone/tiny', '--yes')).err).toMatch(/does not end/);
});

test('several files of weights: the message lists them', async () => {
  hub.repos['someone/many'] = { files: { 'a.safetensors': WEIGHTS, 'b.safetensors': OTHER } };
  expect((await pull('someone/many', '--yes')).err).toMatch(/--file: a.safetensors, b.safetensors/);
  expect((await pull('someone/many', '--yes', '--file', 'b.safetensors')).code).toBe(0);
  expect((await pull(`${hub.url}/someone/many/blob/main/a.safetensors`, '--yes')).code).toBe(0);
  expect(
    readdirSync(models)
      .filter((name) => name.endsWith('.safetensors'))
      .sort(),
  ).toEqual(['a.safetensors', 'b.safetensors']);
});

test.each([
  'nothing',
  'ftp://x/y.safetensors',
  'http://example.com/x.safetensors',
  'a/../b',
  '../x',
  'https://civitai.com/models/12',
  '',
])('%j is nothing to pull', async (name) => {
  const { code, err } = await pull(name);
  expect([code, hub.seen]).toEqual([1, []]);
  expect(err).not.toMatch(/at .*\.js/);
});

test('killed in the middle, the next run goes on from there', async () => {
  let hold = true;
  hub.cdnFault = (_, response, path) => {
    if (!path.endsWith('.safetensors') || !hold) return false;
    response
      .writeHead(200, { etag: `"${'0'.repeat(32)}"`, 'content-length': WEIGHTS.length })
      .write(WEIGHTS.subarray(0, 120_000));
    return true;
  };
  const child = spawn(
    process.execPath,
    [
      join(packageRoot, 'dist/src/cli/main.js'),
      'pull',
      'someone/tiny',
      '--yes',
      '--no-safety-checker',
      '--into',
      models,
    ],
    { stdio: 'ignore' },
  );
  const part = join(models, 'tiny.safetensors.part');
  await expect.poll(() => (existsSync(part) ? statSync(part).size : 0)).toBe(120_000);
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
  expect(existsSync(join(models, 'tiny.safetensors'))).toBe(false);
  hold = false;
  hub.cdnFault = (request, response, path) => {
    if (!path.endsWith('.safetensors')) return false;
    expect([request.headers.range, request.headers['if-range']]).toEqual(['bytes=120000-', `"${'0'.repeat(32)}"`]);
    response
      .writeHead(206, {
        etag: `"${'0'.repeat(32)}"`,
        'content-range': `bytes 120000-299999/300000`,
        'content-length': 180_000,
      })
      .end(WEIGHTS.subarray(120_000));
    return true;
  };
  expect((await pull('someone/tiny', '--yes')).code).toBe(0);
  expect(here().equals(WEIGHTS)).toBe(true);
  expect(readdirSync(models).sort()).toEqual(['tiny.licence.txt', 'tiny.safetensors']);
});

test('Ctrl-C leaves what has arrived', async () => {
  hub.cdnFault = (_, response, path) =>
    path.endsWith('.safetensors') && sendStart(response, WEIGHTS.subarray(0, 50_000), WEIGHTS.length);
  const interrupted = new AbortController();
  const running = runEasel(
    ['pull', 'someone/tiny', '--yes', '--no-safety-checker', '--into', models],
    interrupted.signal,
  );
  const part = join(models, 'tiny.safetensors.part');
  await expect.poll(() => (existsSync(part) ? statSync(part).size : 0)).toBe(50_000);
  interrupted.abort();
  expect(await running).toMatchObject({ code: 1, err: expect.stringMatching(/Interrupted. What has arrived is kept/) });
  expect(statSync(part).size).toBe(50_000);
});

test('--model OWNER/NAME offers to pull, and says how where nobody can answer', async () => {
  const { code, err } = await runEasel(['txt2img', '--model', 'someone/tiny', '--prompt', 'x', '--outdir', folder]);
  expect([code, hub.seen]).toEqual([1, []]);
  expect(err).toMatch(/There is no model "someone\/tiny".*easel pull someone\/tiny/);
});

test('without a name the names are listed, with their licences and where the facts are from', async () => {
  const { code, out } = await runEasel(['pull', '--json']);
  expect(code).toBe(0);
  const names = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(names.map(({ name }) => name)).toEqual(
    expect.arrayContaining([
      'sd-v1-4',
      'sd-v1-5',
      'dreamlike',
      'lcm',
      'taesd',
      'safety-checker',
      'realesrgan-x4',
      'controlnet-canny',
    ]),
  );
  for (const { licence, source, files } of names) {
    expect(licence.url).toMatch(/^https:/);
    expect(source.pages[0]).toMatch(/^https:/);
    expect(source.read).toMatch(/^\d{4}-\d\d-\d\d$/);
    for (const { sha256 } of files) if (sha256 !== undefined) expect(sha256).toMatch(/^[0-9a-f]{64}$/);
  }
});
