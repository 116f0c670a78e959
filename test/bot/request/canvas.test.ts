import { describe, expect, test } from 'vitest';
import { type Canvas, canvasOf, WAYS, zoomed } from '../../../src/bot/request/canvas.js';

// As for Stable Diffusion 1.x: 64 pixels, and eight squares of 512.
const limits = { step: 64, most: 8 * 512 ** 2 };

const sized = ({ width, height, at }: Canvas) => [width, height, at.left, at.top, at.width, at.height];

describe('a square that was enlarged', () => {
  test.each([
    ['left', [1536, 1024, 512, 0, 1024, 1024]],
    ['right', [1536, 1024, 0, 0, 1024, 1024]],
    ['up', [1024, 1536, 0, 512, 1024, 1024]],
    ['down', [1024, 1536, 0, 0, 1024, 1024]],
    ['zoom1.5', [1024, 1024, 170, 170, 683, 683]],
    ['zoom2', [1024, 1024, 256, 256, 512, 512]],
  ] as const)('%s', (way, canvas) => {
    expect(sized(canvasOf(way, [1024, 1024], limits))).toEqual(canvas);
  });
});

test('a picture that cannot grow any further is a window that moves', () => {
  expect(sized(canvasOf('right', [2048, 1024], limits))).toEqual([2048, 1024, -1024, 0, 2048, 1024]);
  expect(sized(canvasOf('left', [2048, 1024], limits))).toEqual([2048, 1024, 1024, 0, 2048, 1024]);
  // One that can grow a little is cut off for the rest.
  expect(sized(canvasOf('right', [1536, 1024], limits))).toEqual([2048, 1024, -256, 0, 1536, 1024]);
});

test('what is larger than the model paints at once is shrunk so far that it can grow', () => {
  expect(sized(canvasOf('right', [4096, 4096], limits))).toEqual([1536, 1024, 0, 0, 1024, 1024]);
});

test('the shorter side grows to make a square, which is shrunk where it would be too large', () => {
  expect(sized(canvasOf('square', [768, 512], limits))).toEqual([768, 768, 0, 128, 768, 512]);
  expect(sized(canvasOf('square', [512, 2048], limits))).toEqual([1408, 1408, 528, 0, 352, 1408]);
});

test('a picture of any size is fitted first', () => {
  expect(sized(zoomed(2, [1000, 700], limits))).toEqual([1024, 704, 256, 176, 512, 352]);
  const [width, height] = sized(canvasOf('up', [6000, 4000], limits)) as [number, number];
  expect([width % 64, height % 64, width * height <= limits.most]).toEqual([0, 0, true]);
});

test('whatever the picture and the way, the canvas can be painted, and some of it is new', () => {
  for (const way of WAYS) {
    for (let width = 1; width < 5000; width = Math.ceil(width * 2.3)) {
      for (let height = 1; height < 5000; height = Math.ceil(height * 2.6)) {
        if (way === 'square' && width === height) continue;
        const canvas = canvasOf(way, [width, height], limits);
        const { at } = canvas;
        const said = JSON.stringify({ way, width, height, canvas });
        expect([canvas.width % 64, canvas.height % 64, Math.max(canvas.width, canvas.height) <= 4096], said).toEqual([
          0,
          0,
          true,
        ]);
        expect(canvas.width * canvas.height, said).toBeLessThanOrEqual(Math.max(limits.most, 64 * 4096));
        const grows =
          at.left > 0 || at.top > 0 || at.left + at.width < canvas.width || at.top + at.height < canvas.height;
        const there =
          at.left + at.width > 0 && at.top + at.height > 0 && at.left < canvas.width && at.top < canvas.height;
        expect([grows, there], said).toEqual([true, true]);
      }
    }
  }
});
