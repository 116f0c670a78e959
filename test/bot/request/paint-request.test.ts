import { expect, test } from 'vitest';
import { commonOf, paintRequest } from '../../../src/bot/request/paint-request.js';
import { aRequest, aTable } from '../request.js';

const axes = [{ parameter: 'steps' as const, values: ['2', '4'] }];
const from = { source: 'key', strength: 0.5 };

test.each([
  aRequest(),
  aRequest({ dynamic: true, count: 4 }),
  aRequest({ kind: 'img2img', ...from }),
  aRequest({ kind: 'inpaint', ...from, mask: 'other' }),
  aRequest({ kind: 'upscale', source: 'key' }),
  aTable(axes),
])('%j is read as it was written', (request) => {
  expect(paintRequest.parse(JSON.parse(JSON.stringify(request)))).toEqual(request);
});

test('a table of version 0.1.0, which was a request for pictures from words with axes, is a table', () => {
  const stored = { ...aRequest({ count: 2 }), axes };
  expect(paintRequest.parse(stored)).toEqual(aTable(axes, { count: 2 }));
});

test.each([
  { ...aRequest(), kind: 'img2img' },
  { ...aRequest(), kind: 'inpaint', ...from },
  { ...aRequest(), kind: 'table' },
  { ...aTable(axes), axes: [] },
  { ...aRequest(), kind: 'sculpture' },
  { ...aRequest(), steps: -1 },
  null,
])('%j is none', (stored) => {
  expect(paintRequest.safeParse(stored).success).toBe(false);
});

test('the common fields of a request refer to no picture', () => {
  const { kind: _, ...common } = aRequest();
  expect(commonOf(aRequest({ kind: 'inpaint', ...from, mask: 'other' }))).toEqual(common);
  expect(commonOf(aTable(axes))).toEqual(common);
});
