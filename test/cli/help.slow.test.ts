import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { EXAMPLES } from '../../src/cli/examples.js';
import { DEFAULT_MODEL } from '../../src/config.js';
import { EMBEDDED_MODEL } from '../../src/engine/embedded-model.js';
import { encodePng } from '../../src/engine/image/encode.js';
import { packageRoot } from '../../src/package-root.js';
import { knownAs } from '../../src/pull/catalogue.js';
import { writeSmallClip } from '../engine/interrogate/small-clip.js';
import { secondOracle } from '../oracle.js';
import { read } from './pictures.js';
import { runEasel } from './run.js';

const home = process.cwd();
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'easel-help-'));
  mkdirSync(join(folder, 'models/upscalers'), { recursive: true });
  copyFileSync(
    secondOracle('upscalers/ckpt/esrgan-old-tiny.pth'),
    join(folder, 'models/upscalers/RealESRGAN_x4plus.pth'),
  );
  symlinkSync(EMBEDDED_MODEL, join(folder, 'models', DEFAULT_MODEL), 'junction');
  await writeSmallClip(join(folder, 'models/clip'), { words: true });
  vi.stubEnv('MODELS_DIR', join(folder, 'models'));
  const photo = sharp(join(packageRoot, 'test/fixtures/control/picture.png')).resize(128, 96);
  await photo.toFile(join(folder, 'photo.jpg'));
  await photo.clone().flop().toFile(join(folder, 'other.jpg'));
  const mask = { width: 128, height: 96, data: new Uint8Array(3 * 128 * 96).fill(255, 0, 3 * 128 * 40) };
  writeFileSync(join(folder, 'mask.png'), await encodePng(mask));
  const opacity = { ...mask, data: mask.data.map((value) => 255 - value) };
  writeFileSync(join(folder, 'erased.png'), await encodePng(await read(join(folder, 'photo.jpg')), undefined, opacity));
  process.chdir(folder);
});
afterAll(() => {
  process.chdir(home);
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const { pull, ...others } = EXAMPLES;

// Few steps are as good as many here. Each sees what the ones before it wrote.
test.each(Object.values(others).flat())('%s', async (line) => {
  const argv = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!).slice(2);
  const paints = /--prompt|^npx easel vary|--details/.test(line) && !line.includes('steps=');
  const { code, err } = await runEasel([...argv, ...(paints ? ['--ddim_steps', '2'] : [])]);
  expect(err).not.toMatch(/^easel:|^error:/m);
  expect(code).toBe(0);
});

test.each(pull!)('%s is known', (line) => {
  expect(knownAs(line.split(' ').at(-1)!)).toBeDefined();
});
