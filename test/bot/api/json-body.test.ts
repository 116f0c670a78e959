import { expect, test } from 'vitest';
import { ApiError, apiErrorOf } from '../../../src/bot/api/api-error.js';
import { NotJson, parsed } from '../../../src/bot/api/json-body.js';
import { Refusal } from '../../../src/bot/text/refusal.js';

test('a body of millions of values is refused before they are looked at, and so are values that are very deep', () => {
  const many = '1,'.repeat(2_000_000);
  expect(() => parsed(`{"init_images": [${many}1]}`)).toThrow(ApiError);
  expect(() => parsed(`{"a": 1, "x": ${'['.repeat(5000)}${']'.repeat(5000)}}`)).toThrow(/more than 2000 values/);
  expect(parsed('{"prompt": "a, b [c]", "steps": 5}')).toEqual({ prompt: 'a, b [c]', steps: 5 });
});

test('what may be in a body can be answered with, however deep it is', () => {
  const deep = parsed(`{"script_args": ${'['.repeat(1998)}${']'.repeat(1998)}}`);
  expect(JSON.stringify(deep)).toHaveLength(2 * 1998 + 16);
});

test('half a body is not JSON', () => {
  for (const text of ['', '{"prompt": "a', '{"steps": NaN}']) expect(() => parsed(text)).toThrow(NotJson);
});

test("a refusal says names as they are, without Discord's markdown", () => {
  expect(apiErrorOf(new Refusal('noModel', { model: 'my_model*' }))?.message).toContain('"my_model*"');
});
