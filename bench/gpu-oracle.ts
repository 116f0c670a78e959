import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openModel } from '../src/engine/checkpoint/open.js';
import { CPU_FORMS, type DeviceForms } from '../src/engine/graph/form.js';
import type { Networks, Tensor } from '../src/engine/networks.js';
import { networksOn } from '../src/engine/runtime/open.js';
import type { Precision } from '../src/engine/runtime/precision.js';
import type { Provider } from '../src/engine/runtime/provider.js';
import { packageRoot } from '../src/package-root.js';
import { readNpy, unpackBundle } from './oracle-bundle.js';

/** Where the reference's numbers of the nano model are: in the repository, and in the bundle for a GPU's machine. */
export const NANO = 'test/fixtures/oracle/nano.br';

interface Case {
  readonly id: string;
  readonly kind: string;
  readonly inputs: Record<string, { file: string }>;
  readonly outputs: Record<string, { file: string }>;
}

/** What a device's networks are off by from what CompVis's and diffusers' code gives, in float32 on a processor. */
export interface Parity {
  readonly network: string;
  /** The largest of all cases, of the range of the reference's numbers. */
  readonly error: number;
}

/** The nano model, and what the reference made of it. */
export class Oracle {
  readonly #folder: string;
  readonly #cases: readonly Case[];

  private constructor(folder: string) {
    this.#folder = folder;
    this.#cases = JSON.parse(readFileSync(join(folder, 'goldens/nano/index.json'), 'utf8')).cases;
  }

  /** @param scratch a folder that it may fill. @returns undefined if the numbers are not here. */
  static unpack(scratch: string): Oracle | undefined {
    const bundle = join(packageRoot, NANO);
    if (!existsSync(bundle)) return undefined;
    unpackBundle(readFileSync(bundle), scratch);
    return new Oracle(scratch);
  }

  /** Runs each network on the reference's inputs. */
  async parity(provider: Provider, precision: Precision, forms: DeviceForms = CPU_FORMS): Promise<Parity[]> {
    const checkpoint = join(this.#folder, 'ckpt/nano');
    const options = { config: join(checkpoint, 'v1-nano.yaml'), useEma: true };
    const model = await openModel(join(checkpoint, 'nano-ema-only.safetensors'), options);
    await using networks = networksOn(provider, model, { forms, precision });
    const { scalingFactor } = model;
    const runs: [string, string, (read: (name: string) => Tensor) => Promise<Tensor>][] = [
      ['text encoder', 'text_encoder', (read) => encodeText(networks, read('ids'))],
      ['UNet', 'unet', (read) => networks.predictNoise(read('x'), read('t').data, read('context'))],
      ['decoder', 'vae_decode', (read) => networks.decodeLatents(scaled(read('z_scaled'), 1 / scalingFactor))],
    ];
    const parities: Parity[] = [];
    for (const [network, kind, run] of runs) {
      let error = 0;
      for (const { inputs, outputs } of this.#cases.filter((one) => one.kind === kind)) {
        const got = await run((name) => this.#floats(inputs[name]!.file));
        const want = this.#floats((outputs.last_hidden_state ?? outputs.eps ?? outputs.x)!.file);
        // NaN stays.
        error = Math.max(error, offBy(got.data, want.data));
      }
      parities.push({ network, error });
    }
    return parities;
  }

  #floats(file: string): Tensor {
    const { data, shape } = readNpy(join(this.#folder, 'goldens/nano', file));
    return { data: Float32Array.from(data as Iterable<number>, Number), shape };
  }
}

function encodeText(networks: Networks, { data, shape }: Tensor): Promise<Tensor> {
  return networks.encodeText(Int32Array.from(data), shape[0]!);
}

function scaled({ data, shape }: Tensor, by: number): Tensor {
  return { data: data.map((value) => value * by), shape };
}

/** The largest difference, of the range of what is right. */
export function offBy(got: Float32Array, want: Float32Array): number {
  const range = want.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return want.reduce((most, value, k) => Math.max(most, Math.abs(value - got[k]!)), 0) / range;
}
