import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { oracle, secondOracle, wholeOracle } from '../oracle.js';
import { differences, read } from './pictures.js';
import { runEasel } from './run.js';

/** A recorded run of one of the reference's two scripts: its arguments, the files it wrote, the error it died of. */
interface Run {
  id: string;
  script: 'txt2img' | 'img2img';
  argv: string[];
  inputs: string[];
  files: string[];
  stdout: string;
  error: string | null;
  safety_checker: string | null;
}

const runs: Run[] = JSON.parse(readFileSync(oracle('goldens/scripts/index.json'), 'utf8')).cases;
const painted = runs.filter((run) => !run.error);
/** One of each script: that a checkpoint and its folder are the same networks is proven elsewhere. */
const ofEach = ['txt2img', 'img2img'].map((script) => painted.find((run) => run.script === script)!);
let folder: string;
let models: Record<'folder' | 'ckpt', string[]>;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'easel-scripts-'));
  cpSync(oracle('ckpt/tiny/diffusers'), join(folder, 'checked'), { recursive: true });
  cpSync(oracle('ckpt/safety_checker'), join(folder, 'checked/safety_checker'), { recursive: true });
  models = {
    folder: ['--ckpt', oracle('ckpt/tiny/diffusers')],
    ckpt: ['--ckpt', oracle('ckpt/tiny/tiny.ckpt'), '--config', oracle('ckpt/tiny/v1-tiny.yaml')],
  };
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('the reference scripts, run for run', () => {
  describe.each([
    ['folder', painted],
    ['ckpt', ofEach],
  ] as const)('with a model as %s', (kind, those) => {
    test.each(those)('$script $id', async (run) => {
      const outdir = join(folder, kind, run.id);
      const checked = run.safety_checker?.endsWith('/safety_checker')
        ? ['--ckpt', join(folder, 'checked')]
        : models[kind];
      const { code, err } = await runEasel([run.script, ...(await argvOf(run)), ...checked, '--outdir', outdir]);
      expect(err).not.toMatch(/^easel:/m);
      expect(code).toBe(0);
      expect(filesBelow(outdir)).toEqual(run.files);
      for (const file of run.files) {
        const seen = differences(
          await read(oracle(`goldens/scripts/${run.id}/${file}`)),
          await read(join(outdir, file)),
        );
        if (run.script === 'img2img') {
          expect(seen.largest, file).toBeLessThanOrEqual(1);
          expect(seen.fraction, file).toBeLessThan(0.02);
        } else {
          expect(seen.goodBlocks, file).toBeGreaterThan(0.97);
          expect(seen.mean, file).toBeLessThan(0.5);
        }
      }
    });
  });

  // What the reference dies of and Easel paints: strength 1, a short last batch, odd steps, small pictures, sides of 32.
  const forgiven = ['err_too_small', 'err_from_file_odd', 'err_steps_3', 'err_i2i_288x384', 'err_i2i_strength1'];
  test.each(runs.filter(({ error }) => error))('$script $id: a picture or one clear line', async (run) => {
    const outdir = join(folder, 'errors', run.id);
    const { code, err } = await runEasel([run.script, ...(await argvOf(run)), ...models.folder, '--outdir', outdir]);
    if (forgiven.includes(run.id)) {
      expect(err).not.toMatch(/^easel:/m);
      expect(code).toBe(0);
    } else {
      expect(code).toBe(1);
      expect(err).toMatch(/^easel: .+\n$/m);
    }
  });
});

/** The whole checkpoint is too large for the repository. */
describe.skipIf(!wholeOracle)('--laion400m, run for run', () => {
  const recorded = secondOracle('laion400m/goldens/scripts');
  const runs: Run[] = wholeOracle ? JSON.parse(readFileSync(join(recorded, 'index.json'), 'utf8')).cases : [];
  const home = process.cwd();
  beforeEach(() => {
    const here = mkdtempSync(join(folder, 'laion-'));
    const large = join(here, 'models/ldm/text2img-large');
    mkdirSync(large, { recursive: true });
    cpSync(secondOracle('laion400m/ckpt/laion-tiny.ckpt'), join(large, 'model.ckpt'));
    process.chdir(here);
  });
  afterEach(() => process.chdir(home));

  // The reference ignores --ckpt, --config and --outdir beside --laion400m; Easel takes them.
  const ours = runs.filter(({ id }) => id !== 'overridden_paths');
  test.each(ours.map((run, k) => ({ ...run, yaml: k % 2 === 0 })))('$id, with its YAML: $yaml', async (run) => {
    if (run.yaml) {
      mkdirSync('configs/latent-diffusion', { recursive: true });
      cpSync(secondOracle('laion400m/ckpt/laion-tiny.yaml'), 'configs/latent-diffusion/txt2img-1p4B-eval.yaml');
    }
    for (const name of run.inputs) cpSync(join(recorded, run.id, name), name);
    const { code, out, err } = await runEasel([run.script, ...run.argv]);
    expect(err).not.toMatch(/^easel:/m);
    expect(code).toBe(0);
    expect(out.split('\n').slice(0, 3)).toEqual(run.stdout.split('\n').slice(0, 3));
    for (const file of run.files) {
      const seen = differences(await read(join(recorded, run.id, file)), await read(file));
      expect(seen.goodBlocks, file).toBeGreaterThan(0.97);
      expect(seen.mean, file).toBeLessThan(0.5);
    }
  });
});

/** Recorded arguments with input files found where they lie; runs that failed kept none, so theirs are made. */
async function argvOf(run: Run): Promise<string[]> {
  const inputs = new Map<string, string>();
  for (const name of run.inputs) {
    const kept = oracle(`goldens/scripts/${run.id}/${name}`);
    inputs.set(name, existsSync(kept) ? kept : await made(run, name));
  }
  return run.argv.map((word) => inputs.get(word) ?? word);
}

async function made(run: Run, name: string): Promise<string> {
  const path = join(folder, `${run.id}-${name}`);
  if (name.endsWith('.txt')) {
    writeFileSync(path, 'a cat\na dog\na bird\n');
  } else {
    const [width, height] = /size \((\d+), (\d+)\)/.exec(run.stdout)?.slice(1).map(Number) ?? [256, 256];
    const create = { width: width!, height: height!, channels: 3 as const, background: '#8cf' };
    await sharp({ create }).png().toFile(path);
  }
  return path;
}

function filesBelow(path: string): string[] {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1))
    .sort();
}
