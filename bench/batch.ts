import { openModel } from '../src/engine/checkpoint/open.js';
import { EMBEDDED_MODEL } from '../src/engine/embedded-model.js';
import { TorchGenerator } from '../src/engine/random/torch.js';
import { networksOn } from '../src/engine/runtime/open.js';

/**
 * What a batch gains: CPU seconds of a guided step for each picture, with 1, 2, 4 and 8 pictures in a run, in turn.
 * node dist/bench/batch.js [model] [side in pixels] [rounds]
 */
const [path = EMBEDDED_MODEL, given, rounds = '9'] = process.argv.slice(2);
const model = await openModel(path);
const side = given ?? model.card.nativeSize;
if (model.kind !== 'weights') throw new Error('needs a model with weights');
await using networks = networksOn('cpu', model, { precision: 'full' });
const latent = Number(side) / model.downsampling;
const [channels, width] = [model.unet.inChannels, model.unet.crossAttentionDim];
const randn = new TorchGenerator(1);
const runs = [1, 2, 4, 8].map((pictures) => {
  const rows = 2 * pictures;
  const tensor = (...shape: number[]) => ({ data: randn.randn(shape.reduce((a, b) => a * b)), shape });
  const latents = tensor(rows, channels, latent, latent);
  const context = tensor(rows, model.maxTokens, width);
  const times = new Float32Array(rows).fill(500);
  return { pictures, seconds: [] as number[], step: () => networks.predictNoise(latents, times, context) };
});
for (let round = -1; round < Number(rounds); round++) {
  for (const { pictures, seconds, step } of runs) {
    const before = process.cpuUsage();
    await step();
    const { user, system } = process.cpuUsage(before);
    if (round >= 0) seconds.push((user + system) / 1e6 / pictures);
  }
}
const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1]!;
const [one] = runs.map(({ seconds }) => median(seconds));
for (const { pictures, seconds } of runs) {
  const each = median(seconds);
  console.log(
    `${pictures} pictures: ${each.toFixed(3)} s CPU a picture and step, ${(each / one!).toFixed(2)} of one alone`,
  );
}
