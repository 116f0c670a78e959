import type { UploadedFile } from './message-input.js';
import { sidesOf } from './messages.js';
import type { Payloads } from './payload.js';
import type { Channel } from './things.js';
import type { World } from './world.js';

/** Stores a file that a user passes to a command or modal. @returns the attachment as an interaction resolves it. */
export async function keepUpload(
  { world, payloads }: { world: World; payloads: Payloads },
  channel: Channel,
  { name, type, bytes }: Omit<UploadedFile, 'n'>,
) {
  const id = await world.addFile({ name, type, bytes });
  const sides = type.startsWith('image/') ? await sidesOf(bytes) : {};
  const stored = { id, filename: name, size: bytes.length, content_type: type, ephemeral: true, ...sides };
  return payloads.attachment(channel.id, stored);
}
