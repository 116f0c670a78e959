/** Easel as one of the programs that bench/main.ts compares: answers a line on its output for each on its input. */
import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { openControlNet } from '../../src/engine/checkpoint/controlnet.js';
import { openModel } from '../../src/engine/checkpoint/open.js';
import type { Model } from '../../src/engine/model.js';
import type { Networks, NoiseOptions, Tensor } from '../../src/engine/networks.js';
import type { OpenOptions } from '../../src/engine/open-options.js';
import type { Txt2ImgRequest } from '../../src/engine/pipeline/request.js';
import { ControlNetworks } from '../../src/engine/runtime/control-networks.js';
import { networksOn, quantizerFor } from '../../src/engine/runtime/open.js';
import { openRuntime } from '../../src/engine/runtime/runtime.js';
import { StableDiffusion } from '../../src/engine/stable-diffusion.js';
import type { Order } from './peer.js';

export interface EaselSettings {
  readonly model: string;
  /** A file of float32 numbers, normally distributed. */
  readonly noise: string;
  readonly open: OpenOptions;
  /** For `step` and for `picture`. */
  readonly step: NoiseOptions;
  readonly request: Partial<Txt2ImgRequest>;
  /** A ControlNet's folder, for `step`. */
  readonly control?: string | undefined;
}

const settings = JSON.parse(process.argv[2]!) as EaselSettings;
const { buffer } = new Uint8Array(readFileSync(settings.noise));
const noise = new Float32Array(buffer);
let model: Model;
let networks: Networks;
const contexts = new Map<string, Tensor[]>();
let control: ControlNetworks | undefined;
let hint: Tensor | undefined;
let whole: StableDiffusion | undefined;

const taken = (factor: number, ...shape: number[]): Tensor => {
  const data = noise
    .slice(
      0,
      shape.reduce((a, b) => a * b),
    )
    .map((value) => value * factor);
  return { data, shape };
};

async function open(): Promise<void> {
  model = await openModel(settings.model, settings.open);
  networks = networksOn('cpu', model, settings.open);
  if (settings.control && model.kind === 'weights') {
    const runtime = await openRuntime({ device: 'cpu', worker: false });
    control = new ControlNetworks(await openControlNet(settings.control, model.unet), runtime, {
      int8: quantizerFor('cpu', model, settings.open),
    });
  }
}

async function step({ batch, latent, tokens, out }: Order & { do: 'step' }): Promise<void> {
  const sample = taken(1, batch, model.latentChannels, latent, latent);
  for (const context of contextsOf(batch, tokens)) {
    const rows = context.shape[0]!;
    const part = {
      data: sample.data.subarray(0, (rows * sample.data.length) / batch),
      shape: [rows, ...sample.shape.slice(1)],
    };
    const times = new Float32Array(rows).fill(500);
    // Of the picture once, as in painting.
    hint ??= await control?.hint(taken(1, 1, 3, 8 * latent, 8 * latent));
    const residuals = control && { residuals: await control.residuals(part, times, context, hint!) };
    const eps = await networks.predictNoise(part, times, context, { guidance: 7.5, ...settings.step, ...residuals });
    if (out) writeFileSync(out, new Uint8Array(eps.data.buffer, eps.data.byteOffset, eps.data.byteLength));
  }
}

/** The same ones for every step, as in a picture. In int8, the rows of a run are one picture's: with words and without. */
function contextsOf(batch: number, tokens: number): Tensor[] {
  const key = `${batch} ${tokens}`;
  const width = model.kind === 'weights' ? model.unet.crossAttentionDim : 768;
  const rows = networks.int8 ? Math.min(2, batch) : batch;
  const made = contexts.get(key) ?? Array.from({ length: batch / rows }, () => taken(1, rows, tokens, width));
  contexts.set(key, made);
  return made;
}

async function decode({ latent, out }: Order & { do: 'decode' }): Promise<void> {
  const { data } = await networks.decodeLatents(taken(5, 1, model.latentChannels, latent, latent));
  if (out) writeFileSync(out, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

async function picture({ count = 1, side, steps }: Order & { do: 'picture' }): Promise<void> {
  whole ??= await StableDiffusion.open(settings.model, { device: 'cpu', ...settings.open });
  const size = side ? { width: side, height: side } : {};
  const request = {
    prompt: 'a photograph of an astronaut riding a horse',
    seed: 1,
    count,
    ...size,
    ...settings.request,
  };
  await whole.txt2img({ ...request, ...(steps && { steps }) });
}

async function obey(order: Order): Promise<void> {
  if (order.do === 'open') await open();
  else if (order.do === 'step') await step(order);
  else if (order.do === 'decode') await decode(order);
  else await picture(order);
}

for await (const line of createInterface({ input: process.stdin })) {
  const [started, before] = [performance.now(), process.cpuUsage()];
  try {
    await obey(JSON.parse(line));
    const { user, system } = process.cpuUsage(before);
    console.log(JSON.stringify({ wall: (performance.now() - started) / 1000, cpu: (user + system) / 1e6 }));
  } catch (error) {
    console.log(JSON.stringify({ error: (error as Error).message }));
  }
}
