import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Concepts, isUnsafe, SafetyChecker, scores } from '../../../src/engine/safety/checker.js';
import { preprocess } from '../../../src/engine/safety/preprocess.js';
import { oracle, readNpy } from '../../oracle.js';

interface Decision {
  image_embeds: number[];
  special_scores: number[];
  concept_scores: number[];
  has_nsfw_concept: boolean;
}

const { tensors, cases } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../fixtures/safety/decisions.json'), 'utf8'),
) as { tensors: Record<string, number[] | number[][]>; cases: Decision[] };

const concepts: Concepts = {
  concepts: Float32Array.from(tensors.concept_embeds!.flat()),
  conceptThresholds: Float32Array.from(tensors.concept_embeds_weights!.flat()),
  specialCare: Float32Array.from(tensors.special_care_embeds!.flat()),
  specialCareThresholds: Float32Array.from(tensors.special_care_embeds_weights!.flat()),
};

describe('the safety checker', () => {
  // One by a concept, one only by the special-care adjustment, one whose excess is rounded away.
  test.each(cases.map((each, n) => ({ n, ...each })))('scores and decides on picture $n as the reference', (golden) => {
    const embedding = Float32Array.from(golden.image_embeds);
    expect(scores(embedding, concepts)).toEqual({
      specialCare: golden.special_scores,
      concepts: golden.concept_scores,
    });
    expect(isUnsafe(embedding, concepts)).toBe(golden.has_nsfw_concept);
  });

  test('answers once a picture of a batch, and asks the network once', async () => {
    let calls = 0;
    const checker = new SafetyChecker(async ({ shape }) => {
      calls++;
      expect(shape).toEqual([2, 3, 224, 224]);
      return { data: Float32Array.from([0, 1].flatMap((n) => cases[n]!.image_embeds)), shape: [2, 16] };
    }, concepts);
    const picture = { width: 8, height: 8, data: new Uint8Array(192) };
    expect(await checker.check([picture, picture])).toEqual([false, true]);
    expect(await checker.check([])).toEqual([]);
    expect(calls).toBe(1);
  });

  test('shows the network the pixel values that the reference shows', () => {
    const index = JSON.parse(readFileSync(oracle('goldens/safety/index.json'), 'utf8')) as {
      cases: { image: string; pixel_values: string | null }[];
    };
    const checked = index.cases.filter(({ pixel_values }) => pixel_values !== null);
    expect(checked.length).toBeGreaterThan(0);
    for (const { image, pixel_values } of checked) {
      const { shape, data } = readNpy(oracle(`goldens/safety/${image}`));
      const want = readNpy(oracle(`goldens/safety/${pixel_values}`)).data as Float32Array;
      const got = preprocess([{ width: shape[1]!, height: shape[0]!, data: data as Uint8Array }]);
      const worst = want.reduce((most, value, i) => Math.max(most, Math.abs(value - got.data[i]!)), 0);
      expect(worst, image).toBeLessThan(1e-6);
    }
  });

  test('sees the middle of a tall and of a wide picture', () => {
    const stripes = (width: number, height: number, inside: (x: number, y: number) => boolean) => ({
      width,
      height,
      data: Uint8Array.from({ length: width * height * 3 }, (_, i) => {
        const pixel = Math.floor(i / 3);
        return inside(pixel % width, Math.floor(pixel / width)) ? 255 : 0;
      }),
    });
    const tall = preprocess([stripes(224, 448, (_, y) => y >= 112 && y < 336)]);
    const wide = preprocess([stripes(448, 224, (x) => x >= 112 && x < 336)]);
    for (const { data } of [tall, wide]) expect(data.every((value) => value > 1)).toBe(true);
  });
});
