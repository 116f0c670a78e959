import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { TorchGenerator } from '../../../src/engine/random/torch.js';
import { float32, type Made, writeSafetensors } from '../checkpoint/write-safetensors.js';

/** A small CLIP with random weights, and what transformers computes with it: made by test/oracle/clip.py. */
export const clip: {
  /** Of the tokens in `texts`; other rows of the table are 0. */
  ids: number[];
  texts: string[];
  text: object;
  vision: object;
  shapes: Record<string, number[]>;
  image_embeds: number[];
  text_embeds: number[];
  logits: number[];
} = JSON.parse(readFileSync(new URL('../../fixtures/clip.json', import.meta.url), 'utf8'));

const TABLE = 'text_model.embeddings.token_embedding.weight';

/** As transformers' save_pretrained writes it. @param words whether every word has numbers of its own, not only those of `texts`. */
export async function writeSmallClip(path: string, { words = false } = {}): Promise<string> {
  await mkdir(path, { recursive: true });
  const { text, vision } = clip;
  const config = { model_type: 'clip', projection_dim: 16, text_config: text, vision_config: vision };
  await writeFile(join(path, 'config.json'), JSON.stringify(config));
  const tensors = new Map(Object.entries(clip.shapes).map(([name, shape]) => [name, drawn(name, shape, words)]));
  await writeSafetensors(join(path, 'model.safetensors'), tensors);
  return path;
}

function drawn(name: string, shape: readonly number[], words: boolean): Made {
  const generator = new TorchGenerator(crc32(name));
  const count = shape.reduce((product, side) => product * side, 1);
  if (name === TABLE && !words) {
    const [table, width] = [new Float32Array(count), shape[1]!];
    const used = generator.randn(clip.ids.length * width);
    clip.ids.forEach((id, k) => {
      table.set(used.subarray(k * width, (k + 1) * width), id * width);
    });
    return float32(shape, table);
  }
  const inputs = shape.slice(1).reduce((product, side) => product * side, 1);
  const mean = name.endsWith('weight') ? 1 : 0;
  const values = generator.randn(count);
  return float32(
    shape,
    values.map((value) => (shape.length > 1 ? value / Math.sqrt(inputs) : mean + 0.1 * value)),
  );
}
