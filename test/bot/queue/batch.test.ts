import { expect, test } from 'vitest';
import { suits } from '../../../src/bot/queue/batch.js';
import type { PaintRequest } from '../../../src/bot/request/paint-request.js';
import { aJob } from '../request.js';

const job = (request: Partial<PaintRequest> = {}) => aJob({}, request);

test('jobs of one model, size and set of LoRAs suit each other, whatever else they ask for', () => {
  const other = job({ prompt: 'a cat', steps: 9, seed: 1, sampler: 'euler', scale: 1 });
  expect(suits(job(), [other], 4)).toBe(true);
  expect(suits(job({ model: 'other' }), [other], 4)).toBe(false);
  expect(suits(job({ width: 128 }), [other], 4)).toBe(false);
  expect(suits(job({ prompt: 'a cat <lora:ink>' }), [other], 4)).toBe(false);
  expect(suits(job({ prompt: 'a cat <lora:ink>' }), [job({ prompt: 'a dog <lora:ink>' })], 4)).toBe(true);
  expect(suits(job({ prompt: 'a cat <lora:ink:0.5>' }), [job({ prompt: 'a dog <lora:ink>' })], 4)).toBe(false);
});

test('as many pictures as there is room for', () => {
  expect(suits(job({ count: 2 }), [job(), job()], 4)).toBe(true);
  expect(suits(job({ count: 2 }), [job(), job({ count: 2 })], 4)).toBe(false);
  expect(suits(job(), [job()], 1)).toBe(false);
  // One after another.
  expect(suits(job({ prompt: 'a {red|blue} cat', dynamic: true, count: 9 }), [job()], 2)).toBe(true);
});

test('a job on which the painter has died is alone, and so is one with a ControlNet, or whose pictures may have different LoRAs', () => {
  expect(suits({ ...job(), attempts: 1 }, [job()], 4)).toBe(false);
  expect(suits(job(), [{ ...job(), attempts: 1 }], 4)).toBe(false);
  const control = { kind: 'canny', net: 'canny', image: 'key', weight: 1 } as const;
  expect(suits(job({ control }), [job()], 4)).toBe(false);
  expect(suits(job(), [job({ control })], 4)).toBe(false);
  const varied = job({ prompt: 'a cat {<lora:ink>|<lora:oil>}', dynamic: true, count: 2 });
  expect(suits(varied, [varied], 4)).toBe(false);
});
