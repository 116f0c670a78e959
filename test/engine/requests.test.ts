import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EMBEDDED_MODEL } from '../../src/engine/embedded-model.js';
import { RequestError } from '../../src/engine/errors.js';
import { controlPicture } from '../../src/engine/image/control/preprocess.js';
import { encodePng } from '../../src/engine/image/encode.js';
import { grid } from '../../src/engine/image/grid.js';
import { loadPicture } from '../../src/engine/image/load.js';
import { readMetadata } from '../../src/engine/image/metadata.js';
import { Interrogator } from '../../src/engine/interrogate/interrogator.js';
import { nearestSide } from '../../src/engine/pipeline/request.js';
import { ControlNetworks } from '../../src/engine/runtime/control-networks.js';
import { openNetwork } from '../../src/engine/runtime/network.js';
import { beginRun } from '../../src/engine/samplers/k-diffusion.js';
import type { OwnSampler } from '../../src/engine/samplers/own.js';
import type { SampleOptions } from '../../src/engine/samplers/sampler.js';
import { NoiseLevels } from '../../src/engine/samplers/sigmas.js';
import { StableDiffusion } from '../../src/engine/stable-diffusion.js';
import { Upscaler } from '../../src/engine/upscaler/upscaler.js';
import { latentShape, STEP } from '../embedded.js';

/** The latents of a picture whose size is left out. */
const NATIVE = latentShape();
const TAKES = NATIVE.reduce((product, side) => product * side);
const grey = { width: 64, height: 64, data: new Uint8Array(64 * 64 * 3).fill(128) };
const net = Object.create(ControlNetworks.prototype);

/** A value, and what the one sentence says of it besides its key. */
type Wrong = readonly [value: unknown, ...said: string[]];

const FROM_0_TO_1: Wrong[] = [
  [-0.1, 'from 0 to 1', 'got -0.1'],
  [1.1, 'from 0 to 1', 'got 1.1'],
  ['0.5', 'from 0 to 1', 'got "0.5"'],
];
const PICTURE: Wrong[] = [
  ['', 'picture', 'got ""'],
  [5, 'picture', 'got 5'],
  ['a\0b.png', 'path', 'a\\u0000b.png'],
  [null, 'picture', 'got null'],
  [new Uint8Array(0), 'bytes', 'got a Uint8Array'],
  [new URL('ftp://somewhere/apple.png'), 'https:', 'got ftp://somewhere/apple.png'],
  [{ pixels: grey, seed: 5 }, 'an object of pixels, seed', 'give its pixels'],
  [{ ...grey, width: 1.5 }, 'whole pixels', 'got 1.5'],
  [{ ...grey, width: -64, height: -64 }, 'whole pixels', 'got -64'],
  [{ ...grey, data: [1, 2, 3] }, 'Uint8Array', 'got 64, 64 and [1, 2, 3]'],
  [{ ...grey, data: new Uint8Array(64 * 64 * 4) }, '12288 bytes of RGB', 'its data has 16384', 'alpha channel'],
];

/** Of every request, whatever else it says. */
const COMMON: Record<string, Wrong[]> = {
  prompt: [
    [undefined, 'text', 'got undefined'],
    [5, 'text', 'got 5'],
    [[], '1 to 64 texts', 'got []'],
    [['a cat', 7], 'list of 1 to 64 texts', 'got ["a cat", 7]'],
    [Array(2), 'list of 1 to 64 texts', 'got [, ]'],
    [{ text: 'a cat' }, 'text', 'got an object of text'],
  ],
  negative: [
    [5, 'text', 'got 5'],
    [null, 'text', 'got null'],
  ],
  promptEmbeddings: [[[1, 2], 'tensor', 'got [1, 2]']],
  output: [['pil', '"pixels" or "tensor" or "latents"', 'got "pil"']],
  timesteps: [[[1000], 'timesteps[0]', 'from 0 to 999', 'got 1000']],
  count: [
    [0, 'from 1 to 64', 'got 0'],
    [65, 'from 1 to 64', 'got 65'],
    [1.5, 'whole number from 1 to 64', 'got 1.5'],
    ['3', 'from 1 to 64', 'got "3"'],
  ],
  steps: [
    [0, 'from 1 to 1000', 'got 0'],
    [2.5, 'whole number from 1 to 1000', 'got 2.5'],
    ['20', 'from 1 to 1000', 'got "20"'],
    [null, 'from 1 to 1000', 'got null'],
  ],
  scale: [
    [Number.NaN, 'from -100 to 100', 'got NaN'],
    [1e9, 'from -100 to 100', 'got 1000000000'],
    ['7.5', 'from -100 to 100', 'got "7.5"'],
  ],
  guidanceRescale: FROM_0_TO_1,
  imageScale: [[11, 'from 0 to 10', 'got 11']],
  sampler: [
    ['euler2', '"euler2"', 'ddim, plms'],
    ['toString', '"toString"', 'ddim, plms'],
    ['DPM++ 2M Karras', '"DPM++ 2M Karras"', 'Write "dpmpp_2m", with sigmas: "karras"'],
    ['EulerAncestralDiscreteScheduler', 'Write "euler_a"'],
    [5, 'no sampler 5', 'ddim, plms'],
    [{ sample: () => {}, spacings: 5 }, 'sampler.spacings', 'a list', 'got 5'],
    [{ sample: () => {}, eta: 'x' }, 'sampler.eta', 'from 0 to 1', 'got "x"'],
    [{ sample: () => {}, name: 'mine' }, 'sampler.name', 'a sampler of your own', 'title'],
  ],
  eta: FROM_0_TO_1,
  sigmas: [
    ['polynomial', '"karras"', 'got "polynomial"'],
    [7, '"karras"', 'got 7'],
  ],
  seed: [
    ['5', 'from 0 to 4294967295', 'got "5"'],
    [2 ** 33, 'from 0 to 4294967295', 'got 8589934592'],
    [2 ** 32, 'from 0 to 4294967295', 'got 4294967296'],
    [-1, 'from 0 to 4294967295', 'got -1'],
    [1.5, 'whole number from 0 to 4294967295', 'got 1.5'],
    [Number.NaN, 'from 0 to 4294967295', 'got NaN'],
    [Number.POSITIVE_INFINITY, 'from 0 to 4294967295', 'got Infinity'],
    [5n, 'from 0 to 4294967295', 'got 5n'],
    [[1, '2'], 'seed[1]', 'from 0 to 4294967295', 'got "2"'],
    [null, 'from 0 to 4294967295', 'got null'],
  ],
  generator: [
    [42, 'Generator', 'got 42'],
    [{ randn: 5 }, 'Generator', 'got an object of randn'],
  ],
  rng: [['gpu', '"cpu" or "cuda"', 'got "gpu"']],
  variation: [
    [0.2, 'strength', 'got 0.2'],
    [{}, 'variation.strength', 'from 0 to 1', 'got undefined'],
    [{ strength: 2 }, 'variation.strength', 'from 0 to 1', 'got 2'],
    [{ strength: 0.2, seed: '8' }, 'variation.seed', 'from 0 to 4294967295', 'got "8"'],
    [{ strength: 0.2, sed: 8 }, 'variation.sed', 'perhaps seed is meant'],
  ],
  syntax: [['weigthed', '"plain" or "weighted"', 'got "weigthed"']],
  keepFlagged: [['no', 'true or false', 'got "no"']],
  clipSkip: [[13, 'from 1 to 12', 'got 13']],
  controls: [
    [{ net, image: grey }, 'a list', 'got an object of net, image'],
    [[{ image: grey }], 'controls[0].net', 'sd.openControlNet', 'got undefined'],
    [[{ net: 'canny', image: grey }], 'controls[0].net', 'got "canny"'],
    [[{ net: { residuals() {} }, image: grey }], 'controls[0].net', 'sd.openControlNet', 'an object of residuals'],
    [[{ net, image: 5 }], 'controls[0].image', 'got 5'],
    [[{ net, image: grey, weight: 3 }], 'controls[0].weight', 'from 0 to 2', 'got 3'],
    [[{ net, image: grey, strength: 1 }], 'controls[0].strength', 'weight, start, end'],
    [[{ net, image: grey, preprocessor: 'hed' }], 'controls[0].preprocessor', '"canny"', 'got "hed"'],
  ],
  tile: [
    ['z', '"x" or "y" or "both"', 'got "z"'],
    [true, '"x" or "y" or "both"', 'got true'],
  ],
  speed: [['slow', '"exact" or "fast" or "fastest"', 'got "slow"']],
  guidanceInterval: [
    [[5, 1], 'the lower one first', 'got [5, 1]'],
    [3, 'two noise levels', 'got 3'],
  ],
  cacheInterval: [[0, 'from 1 to 10', 'got 0']],
  kvSubsampling: [['no', 'true or false or "large"', 'got "no"']],
  // What it is called elsewhere.
  num_inference_steps: [[20, '(20)', 'write steps instead']],
  guidance_scale: [[7.5, 'write scale instead']],
  cfg_scale: [[7.5, 'write scale instead']],
  negative_prompt: [['blurry', 'write negative instead']],
  num_images_per_prompt: [[4, 'write count instead']],
  batch_size: [[4, 'write count instead']],
  n_iter: [[4, 'write count instead']],
  sampler_name: [['Euler a', 'write sampler instead']],
  scheduler: [['Karras', 'write sampler, and sigmas for the spacing']],
  clip_skip: [[2, 'write clipSkip instead']],
  subseed: [[8, 'write variation: { seed, strength } instead']],
  tiling: [[true, 'write tile instead']],
  callback_on_step_end: [[() => {}, '(a function)', 'second argument']],
  Steps: [[20, 'write steps instead']],
  stesp: [[20, 'perhaps steps is meant']],
  promt: [['a cat', 'perhaps prompt is meant']],
  onProgress: [[() => {}, "a key of a call's second argument"]],
  qqqqqq: [[1, 'its keys are prompt, negative']],
  __proto: [[1, 'its keys are prompt, negative']],
};

const OWN: Record<string, Record<string, Wrong[]>> = {
  txt2img: {
    width: [
      ['128', 'number of pixels', 'got "128"'],
      [100, 'width 100', `nearest is ${nearestSide(100, STEP)}.`],
      [Number.NaN, 'number of pixels', 'got NaN'],
      [1e9, `multiples of ${STEP}`, 'nearest is 4096'],
    ],
    height: [[4, 'height 4', `nearest is ${STEP}.`]],
    latents: [
      [[1, 2], 'tensor', 'got [1, 2]'],
      [new Float32Array(10), '10 numbers', `take ${TAKES}`],
    ],
    strength: [[0.5, '(0.5)', 'is a key of img2img, inpaint']],
    init_image: [[grey, 'an object of width, height, data', 'image is a key of img2img']],
    enable_hr: [[true, 'write a call of upscale with what was painted instead']],
    hr_upscaler: [['Latent', 'upscaler is a key of upscale']],
  },
  img2img: {
    image: [[undefined, 'image or latents must be given'], ...PICTURE],
    strength: [...FROM_0_TO_1, [Number.NaN, 'from 0 to 1', 'got NaN']],
    latents: [
      [grey, 'tensor', 'got { data: a Uint8Array, shape: undefined }'],
      [{ data: new Float32Array(10), shape: latentShape(64) }, '10 numbers'],
    ],
    secondPass: [[1, 'true or false', 'got 1']],
    denoising_strength: [[0.5, 'write strength instead']],
    init_image: [[grey, 'write image instead']],
    init_images: [[[grey], 'write image instead']],
    width: [[512, '(512)', 'is a key of txt2img']],
  },
  inpaint: {
    mask: [[undefined, 'picture', 'got undefined'], ...PICTURE],
    mask_image: [[grey, 'write mask instead']],
    area: [['mask', '"whole" or "masked"', 'got "mask"']],
    parameters: [[5, 'an object', 'got 5']],
    padding: [[-1, 'from 0 to 256', 'got -1']],
    pixels: [[0, 'from 1 to 16777216', 'got 0']],
    inpaint_full_res: [[true, "write area: 'masked' instead"]],
  },
  outpaint: {
    left: [
      [1.5, 'whole number from -4096 to 4096', 'got 1.5'],
      ['64', 'from -4096 to 4096', 'got "64"'],
    ],
    bottom: [[-64, 'cut off the whole picture']],
    seam: [[-1, 'from 0 to 4096', 'got -1']],
    mask: [[grey, 'is a key of inpaint']],
  },
  upscale: {
    factor: [
      [5, 'from 1 to 4', 'got 5'],
      ['2', 'from 1 to 4', 'got "2"'],
    ],
    upscaler: [
      ['RealESRGAN_x4plus', 'Upscaler.open', 'got "RealESRGAN_x4plus"'],
      [{ enlarge() {} }, 'Upscaler.open', 'got an object of enlarge'],
      [Promise.resolve(), 'Upscaler.open', 'got a promise'],
    ],
    upscale_factor: [[2, 'write factor instead']],
  },
  blend: {
    images: [
      [grey, 'a list of 2 to 4', 'got an object of width'],
      [[grey], 'a list of 2 to 4', 'got a list of 1'],
      [[grey, 5], 'images[1]', 'picture', 'got 5'],
    ],
    weights: [
      [[1], '1 numbers for 2 pictures'],
      [[1, -1], 'weights[1]', 'from 0 to 100', 'got -1'],
      [[1, 'x'], 'weights[1]', 'got "x"'],
      [[0, 0], 'all 0'],
    ],
    image: [[grey, 'is a key of img2img']],
  },
};

const OPTIONS: Record<string, Wrong[]> = {
  signal: [[new AbortController(), 'AbortSignal', 'got an AbortController']],
  onProgress: [[true, 'function', 'got true']],
  onStep: [[{}, 'function', 'got an object of nothing']],
  onNotice: [['warn', 'function', 'got "warn"']],
  steps: [[4, '(4)', 'is a key of txt2img']],
  callback: [[() => {}, 'write onProgress']],
};

const OPENING: Record<string, Wrong[]> = {
  device: [
    ['gpu', 'auto, cpu, cuda', 'got "gpu"'],
    [0, 'auto, cpu, cuda', 'got 0'],
  ],
  threads: [
    [0, 'from 1 to 1024', 'got 0'],
    ['4', 'from 1 to 1024', 'got "4"'],
    [1.5, 'whole number', 'got 1.5'],
  ],
  precision: [
    ['fp16', '"full" or "autocast"', 'got "fp16"'],
    [16, '"full" or "autocast"', 'got 16'],
  ],
  batch: [
    [17, 'from 1 to 16', 'got 17'],
    ['four', '"auto"', 'got "four"'],
  ],
  cache: [
    ['', 'path', 'got ""'],
    ['a\0b', 'path', 'a\\u0000b'],
  ],
  worker: [['yes', 'true or false', 'got "yes"']],
  vaeTiling: [[true, '"auto" or "on" or "off"', 'got true']],
  freeMemory: [[1e9, 'function', 'got 1000000000']],
  safetyChecker: [[null, 'true or false', 'got null']],
  loras: [['models/lora', 'a list', 'got "models/lora"']],
  embeddings: [
    [['cat.pt'], 'embeddings[0]', 'file', 'got "cat.pt"'],
    [[{ word: 'cat' }], 'embeddings[0].file', 'path', 'got undefined'],
  ],
  useEma: [['true', 'true or false', 'got "true"']],
  vae: [[5, 'path', 'got 5']],
  torch_dtype: [['float16', 'write precision instead']],
  num_threads: [[4, 'write threads instead']],
  safety_checker: [[null, 'write safetyChecker instead']],
  provider: [['cuda', 'write device instead']],
};

let sd: StableDiffusion;
let painted = 0;
const rejections: unknown[] = [];
const onRejection = (reason: unknown) => void rejections.push(reason);
beforeAll(async () => {
  process.on('unhandledRejection', onRejection);
  sd = await StableDiffusion.open(EMBEDDED_MODEL, { device: 'cpu', worker: false });
});
afterAll(async () => {
  process.off('unhandledRejection', onRejection);
  await sd.close();
});

// biome-ignore lint/suspicious/noExplicitAny: these are the calls that the compiler refuses
const any = (value: unknown) => value as any;

const GOOD: Record<string, object> = {
  txt2img: {},
  img2img: { image: grey },
  inpaint: { image: grey, mask: grey },
  outpaint: { image: grey, right: 64 },
  upscale: { image: grey },
  blend: { images: [grey, grey] },
};

function call(method: string, request: unknown, options: object = {}): Promise<unknown> {
  return any(sd)[method](request, { onProgress: () => painted++, ...options });
}

const drawn = (randn: () => unknown) => any(sd).txt2img({ prompt: 'a cat', steps: 1, generator: { randn } });
const sampled = (sampler: OwnSampler) => sd.txt2img({ prompt: 'a cat', steps: 1, sampler });

/** The one error, told in one line: its key, what it got, what is allowed. */
async function told(calling: Promise<unknown>, key: string, said: readonly string[]): Promise<void> {
  const error = await calling.then(
    () => 'nothing was refused',
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(RequestError);
  expect(error.message).toMatch(/^[^\n]{10,700}\.$/);
  for (const text of [key, ...said]) expect(error.message).toContain(text);
}

const rows = (table: Record<string, Wrong[]>) =>
  Object.entries(table).flatMap(([key, wrong]) =>
    wrong.map(([value, ...said]) => [key, said.at(-1), value, said] as const),
  );

describe('a wrong request ends in one sentence that names the key, what it got, and what is allowed', () => {
  test('there are more than a hundred', () => {
    const tables = [COMMON, ...Object.values(OWN), OPTIONS, OPENING];
    expect(tables.flatMap(rows).length).toBeGreaterThan(150);
  });

  test.each(rows(COMMON))('%s: %s', async (key, _, value, said) => {
    for (const [method, good] of Object.entries(GOOD)) {
      await told(call(method, { prompt: 'a cat', ...good, [key]: value }), key, said);
    }
  });

  describe.each(Object.entries(OWN))('%s', (method, table) => {
    test.each(rows(table))('%s: %s', async (key, _, value, said) => {
      await told(call(method, { prompt: 'a cat', ...GOOD[method], [key]: value }), key, said);
    });
  });

  test.each([undefined, null, 5, 'a red apple', [], () => {}])('a request that is %o', async (request) => {
    for (const method of Object.keys(GOOD)) await told(call(method, request), method, ['prompt', 'got']);
  });

  test.each(rows(OPTIONS))('option %s of a call: %s', async (key, _, value, said) => {
    await told(call('txt2img', { prompt: 'a cat' }, { [key]: value }), key, said);
  });

  test.each(rows(OPENING))('option %s of opening: %s', async (key, _, value, said) => {
    await told(StableDiffusion.open(EMBEDDED_MODEL, { [key]: value }), key, said);
  });

  test.each<[unknown, ...string[]]>([
    [{ latent: 1 }, 'latent (1)', 'perhaps latents is meant'],
    [{ latents: null }, 'latents', 'tensor', 'got null'],
    [{ data: new Float32Array(TAKES), shape: NATIVE }, 'data', 'its keys are latents'],
    [{ latents: { data: new Float32Array(TAKES), shape: [1, TAKES] } }, 'latents', `[${NATIVE.join(', ')}]`],
    [{ latents: { data: new Float32Array(3), shape: [3] } }, 'latents', '3 numbers'],
  ])('onStep that gives back %o', async (change, key, ...said) => {
    await told(any(sd).txt2img({ prompt: 'a cat', steps: 1 }, { onStep: async () => change }), key, said);
  });

  test.each<[string, string, string[], () => Promise<unknown>]>([
    ['path', 'of a model', ['path', 'got 5'], () => StableDiffusion.open(any(5))],
    ['path', 'of an upscaler', ['path', 'got undefined'], () => Upscaler.open(any(undefined))],
    ['path', 'of a ControlNet', ['path', 'got ""'], () => sd.openControlNet('')],
    ['denoise', 'of an upscaler', ['from 0 to 1', 'got 2'], () => Upscaler.open('x.pth', { denoise: 2 })],
    ['precision', 'of an upscaler', ['device'], () => Upscaler.open('x.pth', any({ precision: 'full' }))],
    ['threads', 'of an interrogator', ['from 1 to 1024', 'got -1'], () => Interrogator.open('clip', { threads: -1 })],
    ['device', 'of an interrogator', ['threads'], () => Interrogator.open('clip', any({ device: 'cpu' }))],
    ['pictures', 'to check', ['a list', 'width'], () => sd.check(any(grey))],
    ['rows', 'to encode', ['from 1 to 64', 'got 0'], () => sd.encode(grey, 0, any({ randn() {} }))],
    ['generator', 'to encode', ['got 5'], () => sd.encode(grey, 1, any(5))],
    ['generator', 'that gives promises', ['Float32Array', 'a promise'], () => drawn(async () => [])],
    ['generator', 'that gives too little', [`${TAKES} numbers`, 'got 3'], () => drawn(() => new Float32Array(3))],
    [
      'denoise',
      'of a run',
      ['latents', 'got undefined and undefined'],
      () =>
        sampled(
          any(async function* (o: SampleOptions) {
            yield await any(beginRun(o)).denoise();
          }),
        ),
    ],
    ['alphasCumprod', 'of noise levels', ['Float32Array', 'got 5'], async () => new NoiseLevels(any(5))],
    ['graph', 'of a network', ['bytes', 'got 5'], () => openNetwork(any(5))],
    ['devise', 'of a network', ['device is meant'], () => openNetwork('x.onnx', any({ devise: 'cpu' }))],
    ['pixels', 'to encode as PNG', ['width, height, data', 'got null'], () => encodePng(any(null))],
    ['pictures', 'of a grid', ['a list', 'got null'], async () => grid(any(null), 2)],
    ['preprocessor', 'of a control', ['"canny"', 'got "hed"'], async () => controlPicture(grey, 64, 64, any('hed'))],
    ['alpha', 'to load', ['"drop" or "white"', 'got 5'], () => loadPicture('x.png', any({ alpha: 5 }))],
    ['bytes', 'of metadata', ["a file's bytes", 'got "x.png"'], () => readMetadata(any('x.png'))],
  ])('%s %s', async (key, _, said, calling) => {
    await told(calling(), key, said);
  });
});

test('afterwards nothing has been painted, no promise was left alone, and the model paints', async () => {
  expect([painted, rejections]).toEqual([0, []]);
  const left = { seed: undefined, negative: undefined, sampler: undefined, unknown: undefined };
  const [picture] = await sd.txt2img({ prompt: 'a cat', steps: 1, width: 64, height: 64, ...left });
  expect(picture.pixels.width).toBe(64);
});
