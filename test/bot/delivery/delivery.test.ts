import type { MessagePayload } from 'discord.js';
import pino from 'pino';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { deliverer } from '../../../src/bot/delivery/delivery.js';
import { verdict } from '../../../src/bot/gateway/discord-errors.js';
import { aJob } from '../request.js';

const FULL = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
const png = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
  .png()
  .toBuffer();

/** Delivers a picture to a channel whose messages are kept here. @param disk where pictures are kept. */
async function delivered(png: Uint8Array, disk: () => Promise<void>, attachmentSizeLimit?: number) {
  const sent: MessagePayload[] = [];
  const logged: { level: number; msg: string; job: string }[] = [];
  const send = async (message: MessagePayload) => {
    sent.push(message);
    return { id: '5', channelId: '2' };
  };
  const needs = {
    client: { channels: { fetch: async () => ({ isSendable: () => true, send, client: { options: {} } }) } },
    board: { leave: async () => {} },
    results: { isRemoved: async () => false, get: async () => null, posted: async () => {} },
    pictures: { put: disk },
    log: pino({}, { write: (line: string) => void logged.push(JSON.parse(line)) }),
  };
  const job = aJob({ token: '', ...(attachmentSizeLimit && { attachmentSizeLimit }) });
  const pictures = [{ png, width: 8, height: 8, seed: 1, flagged: false }];
  await deliverer(needs as never)(job, { kind: 'painted', pictures, notices: [] }, job.id);
  return { job, sent, logged };
}

test('a picture that cannot be kept is delivered all the same, and the operator is told', async () => {
  const { job, sent, logged } = await delivered(png, () => Promise.reject(FULL));
  expect(sent).toMatchObject([{ options: { files: [{ name: `${job.id}.png` }] } }]);
  expect(logged).toMatchObject([{ level: 50, job: job.id, msg: expect.stringContaining('could not be kept') }]);
});

test('a file that cannot be made is not tried again, as if Discord had been away', async () => {
  const broken = png.subarray(0, 50);
  const error = await delivered(broken, async () => {}, 10).catch((error: unknown) => error);
  expect(verdict(error)).toBe('wrong');
});
