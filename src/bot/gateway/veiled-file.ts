import {
  AttachmentBuilder,
  type InteractionReplyOptions,
  type MessageCreateOptions,
  MessagePayload,
  type MessageTarget,
  type WebhookMessageEditOptions,
} from 'discord.js';

/**
 * A file behind a spoiler. discord.js only knows the old way, a name that begins with `SPOILER_`, which the file keeps
 * wherever it is saved; see {@link withVeils}.
 */
export class VeiledFile extends AttachmentBuilder {}

/** @returns a file, behind a spoiler if it should be. */
export function fileOf(
  bytes: Buffer,
  data: { name: string; description?: string },
  veiled: boolean,
): AttachmentBuilder {
  return veiled ? new VeiledFile(bytes, data) : new AttachmentBuilder(bytes, data);
}

/**
 * A message as discord.js's methods take it, with the field that its builders lack: `is_spoiler` (documentation,
 * "Attachment Request Structure"; change log, 2026-06-24).
 *
 * @param target where it is sent.
 */
export function withVeils(
  target: MessageTarget,
  options: MessageCreateOptions | WebhookMessageEditOptions | InteractionReplyOptions,
): MessagePayload {
  const payload = MessagePayload.create(target, options as MessageCreateOptions).resolveBody();
  const { attachments = [] } = payload.body as { attachments?: { id: string; is_spoiler?: boolean }[] };
  for (const [k, file] of (options.files ?? []).entries()) {
    // New files have their numbers as ids; those that a message has already have snowflakes.
    const entry = attachments.find(({ id }) => id === String(k));
    if (file instanceof VeiledFile && entry) entry.is_spoiler = true;
  }
  return payload;
}
