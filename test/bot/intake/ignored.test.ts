import { describe, expect, test } from 'vitest';
import { unskipped } from '../../../src/bot/intake/ignored.js';
import type { PaintRequest } from '../../../src/bot/request/paint-request.js';

describe('a member who asked for steps to be left out is told where none is', () => {
  const told = (speed: Parameters<typeof unskipped>[0], request: object) =>
    unskipped(speed, request as PaintRequest).map(({ meaning }) => meaning?.code);

  test.each([
    ['fast', { kind: 'txt2img', steps: 14 }],
    ['fastest', { kind: 'txt2img', steps: 10 }],
    ['fast', { kind: 'img2img', steps: 20, strength: 0.6 }],
    ['fast', { kind: 'upscale', steps: 10, upscaler: 'x4', strength: 0.3 }],
  ] as const)('%s: %j', (speed, request) => {
    expect(told(speed, request)).toEqual(['everyStepRun']);
  });

  test.each([
    ['of enough steps', 'fast', { kind: 'txt2img', steps: 16 }],
    ['of enough steps of a picture', 'fast', { kind: 'img2img', steps: 20, strength: 0.8 }],
    ['of an exact picture', 'exact', { kind: 'txt2img', steps: 10 }],
    ["where it is the server's", null, { kind: 'txt2img', steps: 10, speed: 'fast' }],
    ['of a picture that is kept', 'fast', { kind: 'img2img', steps: 20, strength: 0 }],
    ['of a picture that is only enlarged', 'fast', { kind: 'upscale', steps: 10, upscaler: 'x4' }],
    ['of a table, where steps may vary', 'fast', { kind: 'table', steps: 10 }],
  ] as const)('but nothing %s', (_, speed, request) => {
    expect(told(speed, request)).toEqual([]);
  });
});
