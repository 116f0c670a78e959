import { expect, test } from 'vitest';
import { hasKey } from '../../../src/bot/api/key.js';

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

test("OpenAI's clients send the key as it is", () => {
  expect(hasKey('right-key', 'Bearer right-key')).toBe(true);
  expect(hasKey('right-key', 'bearer  right-key ')).toBe(true);
  for (const sent of [undefined, '', 'right-key', 'Bearer', 'Bearer right-ke', 'Bearer right-key-', 'Digest right-key'])
    expect(hasKey('right-key', sent), sent).toBe(false);
});

test("AUTOMATIC1111's send it as a password, of any user; a key with a colon is user and password", () => {
  expect(hasKey('right-key', basic('anybody:right-key'))).toBe(true);
  expect(hasKey('user:password', basic('user:password'))).toBe(true);
  expect(hasKey('right-key', basic('right-key:'))).toBe(false);
  expect(hasKey('user:password', basic('other:password'))).toBe(false);
});
