import { expect, test } from 'vitest';
import { localPath, pathOf, placeOf } from '../../src/discord/page/place.js';
import { relative, sentAt } from '../../src/discord/page/when.js';

test('addresses are Discord’s own', () => {
  for (const path of ['/channels/@me', '/channels/@me/12', '/channels/3/12', '/channels/3/12/99']) {
    expect(pathOf(placeOf(path))).toBe(path);
  }
  expect(placeOf('/somewhere')).toEqual({ guild: null, channel: null, message: null });
});

test('links to messages stay in the page, even those that a bot wrote for discord.com', () => {
  expect(localPath('https://discord.com/channels/3/12/99', 'http://127.0.0.1:1')).toBe('/channels/3/12/99');
  expect(localPath('http://127.0.0.1:1/channels/@me/12', 'http://127.0.0.1:1')).toBe('/channels/@me/12');
  expect(localPath('https://discord.com.evil.example/channels/3/12', 'http://127.0.0.1:1')).toBeNull();
});

test('times are told from now', () => {
  expect(relative(8, 'en')).toBe('in 8 seconds');
  expect(relative(-7200, 'en')).toBe('2 hours ago');
  const now = new Date(2026, 10, 23, 0, 30);
  expect(sentAt(new Date(2026, 10, 23, 0, 5), now, 'en-GB')).toBe('Today at 00:05');
  expect(sentAt(new Date(2026, 10, 22, 23, 59), now, 'en-GB')).toBe('Yesterday at 23:59');
});
