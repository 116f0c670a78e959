import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildDecoder } from '../src/engine/graph/autoencoder.js';
import type { BuiltGraph } from '../src/engine/graph/built-graph.js';
import { FUSED, type GraphForm } from '../src/engine/graph/form.js';
import { buildUNet } from '../src/engine/graph/unet.js';
import { TorchGenerator } from '../src/engine/random/torch.js';
import { type ProviderReport, reportDevices } from '../src/engine/runtime/device.js';
import type { Provider } from '../src/engine/runtime/provider.js';
import { type Feeds, NetworkSession } from '../src/engine/runtime/session.js';
import { Oracle, offBy } from './gpu-oracle.js';
import { SD1, SMALL, writeRandomModel } from './random-model.js';

/** The whole must be over in eight minutes: what would begin after this many seconds is left out, and said. */
const LAST_START = 330;
const BATCHES = [1, 2, 4, 8, 16];
const small = process.argv.includes('--small');
const [config, side] = small ? [SMALL, 8] : [SD1, 64];

const started = performance.now();
const seconds = () => (performance.now() - started) / 1000;
const folder = mkdtempSync(join(tmpdir(), 'easel-gpu-'));
const random = new TorchGenerator(1);
const noise = (...shape: number[]) => ({ data: random.randn(shape.reduce((a, b) => a * b)), shape });

try {
  const devices = await reportDevices({ cache: folder });
  console.log('| device | what it is | float32 off by | float16 off by | forms |\n|---|---|---|---|---|');
  for (const { provider, available, adapter, trial, reason } of devices) {
    const off = (error?: number) => error?.toExponential(1) ?? '';
    const forms = trial?.forms ? JSON.stringify(trial.forms.float16 ?? trial.forms.float32) : '';
    const what = available ? `${adapter?.name ?? ''}${adapter?.software ? ', in software' : ''}` : reason;
    console.log(`| ${provider} | ${what} | ${off(trial?.float32)} | ${off(trial?.float16)} | ${forms} |`);
  }

  await compareWithReference(devices);

  const weights = writeRandomModel(join(folder, 'weights'), config);
  console.log(
    `\nWeights at random after ${seconds().toFixed(0)} s. Latents ${side}x${side}; errors are of the range.\n`,
  );
  console.log('| device, precision | network | batch | s, first | s, median of 3 | off by | GPU memory, MB |');
  console.log('|---|---|---|---|---|---|---|');
  const unet = (form: GraphForm) => () => buildUNet(config.unet, weights.unet, form);
  const decoder = (form: GraphForm) => () => buildDecoder(config.autoencoder, weights.autoencoder, form);
  const context = config.unet.crossAttentionDim;
  const right = new Map<string, Float32Array>();
  const feeds = (batch: number): Feeds => ({
    sample: noise(batch, 4, side, side),
    timestep: { data: new Float32Array(batch).fill(500), shape: [batch] },
    encoder_hidden_states: noise(batch, 77, context),
  });
  const step = feeds(1);
  const latents = { latent_sample: noise(1, 4, side, side) };

  const rows: [Provider, string, GraphForm, readonly number[]][] = [['cpu', 'float32', FUSED, [1]]];
  for (const { provider, available, adapter, trial } of devices) {
    if (!available || !trial?.forms || adapter?.software) continue;
    const { float16, float32 } = trial.forms;
    if (float16) rows.push([provider, 'float16', float16, BATCHES]);
    rows.push([provider, 'float32', float32, [1, 2]]);
  }
  for (const [provider, precision, form, batches] of rows) {
    await measure(provider, precision, 'UNet', unet(form), step, batches, feeds, right);
    await measure(provider, precision, 'decoder', decoder(form), latents, [1], () => latents, right);
  }
  torch();
  console.log(`\nDone after ${seconds().toFixed(0)} s.`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** The numbers of CompVis's and diffusers' code are the measure, and not those of the processor, which is one of the rows. */
async function compareWithReference(devices: readonly ProviderReport[]): Promise<void> {
  const oracle = Oracle.unpack(join(folder, 'oracle'));
  if (!oracle) return console.log("\nThe reference's numbers are not here.");
  console.log("\nOff from the reference's numbers (nano model), of the range:\n");
  console.log('| device, precision | text encoder | UNet | decoder |\n|---|---|---|---|');
  for (const { provider, available, trial } of devices) {
    if (!available) continue;
    const precisions = trial?.forms?.float16 ? (['autocast', 'full'] as const) : (['full'] as const);
    for (const precision of precisions) {
      const name = `${provider}, ${precision === 'autocast' ? 'float16' : 'float32'}`;
      if (seconds() > LAST_START) {
        console.log(`| ${name} | no time left | | |`);
        continue;
      }
      try {
        const errors = await oracle.parity(provider, precision, trial?.forms);
        console.log(`| ${name} | ${errors.map(({ error }) => error.toExponential(1)).join(' | ')} |`);
      } catch (error) {
        console.log(`| ${name} | ${(error as Error).message.slice(0, 200)} | | |`);
      }
    }
  }
}

async function measure(
  provider: Provider,
  precision: string,
  network: string,
  graph: () => Promise<BuiltGraph>,
  compared: Feeds,
  batches: readonly number[],
  feeds: (batch: number) => Feeds,
  right: Map<string, Float32Array>,
): Promise<void> {
  const row = (...cells: (string | number)[]) =>
    console.log(`| ${provider}, ${precision} | ${network} | ${cells.join(' | ')} |`);
  if (seconds() > LAST_START) return row('', '', 'no time left', '', '');
  const executionProviders = provider === 'cpu' ? [provider] : [provider, 'cpu'];
  await using session = new NetworkSession(network, graph, { executionProviders, logSeverityLevel: 4 });
  try {
    let from = performance.now();
    const got = Object.values(await session.run(compared))[0]!.data;
    const first = (performance.now() - from) / 1000;
    const want = right.get(network) ?? got;
    right.set(network, want);
    const error = offBy(got, want);
    for (const batch of batches) {
      if (seconds() > LAST_START) return row(batch, '', 'no time left', '', '');
      const given = batch === 1 ? compared : feeds(batch);
      if (batch > 1) await session.run(given);
      const times: number[] = [];
      for (let k = 0; k < 3; k++) {
        from = performance.now();
        await session.run(given);
        times.push((performance.now() - from) / 1000);
      }
      const median = times.sort((a, b) => a - b)[1]!;
      row(
        batch,
        batch === 1 ? first.toFixed(2) : '',
        median.toFixed(3),
        batch === 1 ? error.toExponential(1) : '',
        memory(),
      );
    }
  } catch (error) {
    row('', '', (error as Error).message.slice(0, 200), '', memory());
  }
}

/** Of all processes, by NVIDIA's own tool; '' without one. */
function memory(): string {
  try {
    const words = ['--query-gpu=memory.used', '--format=csv,noheader,nounits'];
    return execFileSync('nvidia-smi', words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
      .trim()
      .split('\n')[0]!;
  } catch {
    return '';
  }
}

/** The same UNet in PyTorch, float16, where Python has it and a GPU for it. */
function torch(): void {
  const script = join(import.meta.dirname, 'gpu_torch.py');
  const inSources = join(import.meta.dirname, '../../bench/gpu_torch.py');
  if (small || seconds() > LAST_START) return;
  try {
    const path = existsSync(script) ? script : inSources;
    execFileSync('python3', [path], { stdio: ['ignore', 'inherit', 'ignore'], timeout: 90_000 });
  } catch {
    console.log('\nNo PyTorch with a GPU and diffusers to compare with.');
  }
}
