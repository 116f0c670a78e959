import {
  type APIPartialChannel,
  type ButtonInteraction,
  type Channel,
  type ChatInputCommandInteraction,
  escapeMarkdown,
  type MessageContextMenuCommandInteraction,
  MessageFlags,
  type ModalSubmitInteraction,
} from 'discord.js';
import { admit } from './admission.js';
import type { App } from './app.js';
import type { Job, JobOrigin, PaintRequest } from './job.js';
import { newJobId } from './job-id.js';
import type { ResultRecord } from './results.js';

/** Tokens work for 15 minutes; a minute is kept for the upload. */
const TOKEN_LIFETIME = 14 * 60 * 1000;

export type Answerable =
  | ChatInputCommandInteraction
  | MessageContextMenuCommandInteraction
  | ButtonInteraction
  | ModalSubmitInteraction;

export interface Wishes {
  ephemeral?: boolean;
  spoiler?: boolean;
  parent?: ResultRecord['parent'];
}

/**
 * From a request to a place in the queue: refused before anything is acknowledged, else persisted, acknowledged and told
 * where it stands.
 *
 * @throws Refusal
 */
export async function submit(
  app: App,
  interaction: Answerable,
  request: PaintRequest,
  wishes: Wishes = {},
): Promise<void> {
  const { ephemeral = false, spoiler = false, parent } = wishes;
  const place = placeOf(interaction);
  const admission = await admit(app, place, request);
  const { nsfw } = await app.settings.of(place.guildId);
  const job: Job = {
    id: newJobId(),
    request: { ...request, prompt: request.prompt.trim(), keepFlagged: nsfw === 'spoiler' && place.ageRestricted },
    origin: originOf(interaction, { ephemeral, spoiler }),
    createdAt: Date.now(),
    work: workOf(request),
    attempts: 0,
  };
  const accepted = accept(app, interaction, job, parent, admission);
  app.board.expect(job.id, accepted);
  await accepted;
  app.board.follow(job);
}

/** Writes the job down, then promises it: in this order, so that whatever was promised survives a crash. */
async function accept(
  app: App,
  interaction: Answerable,
  job: Job,
  parent: ResultRecord['parent'],
  admission: { refund(): Promise<void> },
): Promise<void> {
  try {
    await app.results.remember(job, parent);
    await app.jobs.submit(job);
  } catch (error) {
    await admission.refund();
    throw error;
  }
  try {
    const { interaction: answered } = await interaction.deferReply({
      flags: job.origin.ephemeral ? MessageFlags.Ephemeral : undefined,
      withResponse: true,
    });
    // A deferred answer comes without the message itself (documentation, "Interaction Callback Resource Object").
    if (answered.responseMessageId) await app.results.posted(job.id, answered.responseMessageId, job.origin.channelId);
  } catch (error) {
    // Nobody can be answered any more: the work would be for nothing.
    await app.jobs.cancel(job.id);
    await admission.refund();
    throw error;
  }
}

/** Where a request comes from, for whoever decides whether it may. */
export interface Place {
  userId: string;
  guildId: string | null;
  channelId: string;
  /** A thread's rules are its parent's. */
  parentId: string | null;
  roles: readonly string[];
  appPermissions: bigint;
  isThread: boolean;
  /** A channel for adults, or a thread of one. */
  ageRestricted: boolean;
  /** Only the user brought the bot here. */
  userInstalled: boolean;
}

export function placeOf(interaction: Answerable): Place {
  const { member, channel } = interaction;
  const roles =
    member && 'cache' in Object(member.roles)
      ? [...(member.roles as { cache: Map<string, unknown> }).cache.keys()]
      : (member?.roles as string[] | undefined);
  return {
    userId: interaction.user.id,
    guildId: interaction.guildId,
    channelId: interaction.channelId!,
    parentId: channel && 'parentId' in channel ? channel.parentId : null,
    roles: roles ?? [],
    appPermissions: interaction.appPermissions.bitfield,
    isThread: channel?.isThread() ?? false,
    ageRestricted: ageRestricted(channel),
    userInstalled: interaction.guildId !== null && !('0' in interaction.authorizingIntegrationOwners),
  };
}

export function ageRestricted(channel: Channel | APIPartialChannel | null): boolean {
  if (!channel) return false;
  if ('nsfw' in channel) return Boolean(channel.nsfw);
  return 'parent' in channel && channel.parent ? ageRestricted(channel.parent as Channel) : false;
}

function originOf(
  interaction: Answerable,
  { ephemeral, spoiler }: { ephemeral: boolean; spoiler: boolean },
): JobOrigin {
  return {
    applicationId: interaction.applicationId,
    token: interaction.token,
    tokenExpiresAt: interaction.createdTimestamp + TOKEN_LIFETIME,
    channelId: interaction.channelId!,
    guildId: interaction.guildId,
    userId: interaction.user.id,
    locale: interaction.locale,
    ephemeral,
    spoiler,
    attachmentSizeLimit: interaction.attachmentSizeLimit,
    userInstalled: placeOf(interaction).userInstalled,
    replyTo: null,
  };
}

/** Pixels x steps x pictures: what queues and limits count. */
export function workOf({ width, height, steps, count, kind }: PaintRequest): number {
  return width * height * steps * count * (kind === 'upscale' ? 4 : 1);
}

export function quoted(prompt: string, limit = 300): string {
  const short = prompt.length > limit ? `${prompt.slice(0, limit - 1)}…` : prompt;
  return escapeMarkdown(short.replace(/\s+/g, ' '), {
    maskedLink: true,
    heading: true,
    bulletedList: true,
    numberedList: true,
  });
}
