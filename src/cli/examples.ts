import { basename } from 'node:path';
import { EMBEDDED_MODEL } from '../engine/embedded-model.js';

/** What `--help` shows of each command; all of them work where the files that they name are there, and a test runs them. */
export const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  txt2img: [
    'npx easel txt2img --prompt "a red apple"',
    'npx easel txt2img --prompt "a red apple" --n_samples 4 --n_iter 1 --seed 7',
    'npx easel txt2img --prompt "a red apple" --negative "a bowl" --ddim_steps 30 --sampler euler_a',
  ],
  img2img: [
    'npx easel img2img --init-img photo.jpg --prompt "a blue bird" --strength 0.6',
    'npx easel img2img --init-img photo.jpg --blend other.jpg --prompt "a blue bird"',
  ],
  inpaint: [
    'npx easel inpaint --init-img photo.jpg --mask mask.png --prompt "a hat"',
    'npx easel inpaint --init-img photo.jpg --mask mask.png --prompt "a hat" --area masked',
    'npx easel inpaint --init-img erased.png --prompt "a hat"',
  ],
  outpaint: [
    'npx easel outpaint --init-img photo.jpg --prompt "a meadow" --left 64 --right 64',
    'npx easel outpaint --init-img photo.jpg --prompt "a meadow" --zoom 2',
  ],
  vary: [
    'npx easel vary outputs/txt2img-samples/samples/00000.png',
    'npx easel vary outputs/txt2img-samples/samples/00000.png --subtle --n_samples 4',
    'npx easel vary photo.jpg --prompt "a blue bird" --strength 0.5',
  ],
  grid: [
    'npx easel grid photo.jpg other.jpg --n_rows 2',
    'npx easel grid outputs/txt2img-samples/samples',
    'npx easel grid --prompt "a red apple" --x steps=10,20,40 --y scale=4,7.5',
    'npx easel grid --prompt "a red apple" --x words=red,blue,green',
  ],
  upscale: [
    'npx easel upscale outputs/txt2img-samples/samples',
    'npx easel upscale photo.jpg other.jpg --with realesrgan-x4',
    'npx easel upscale outputs/txt2img-samples/samples --with realesrgan-x4 --by 2',
    'npx easel upscale outputs/txt2img-samples/samples/00000.png --with realesrgan-x4 --details',
  ],
  inspect: [
    'npx easel inspect outputs/txt2img-samples/samples/00000.png',
    `npx easel inspect models/${basename(EMBEDDED_MODEL)}`,
  ],
  interrogate: ['npx easel interrogate photo.jpg', 'npx easel interrogate photo.jpg other.jpg'],
  pull: ['npx easel pull sd-v1-5', 'npx easel pull realesrgan-x4'],
  models: ['npx easel models'],
  devices: ['npx easel devices'],
  cache: ['npx easel cache'],
};
