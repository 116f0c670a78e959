import { type ChatInputCommandInteraction, MessageFlags, PermissionFlagsBits, userMention } from 'discord.js';
import { fitted } from '../src/bot/delivery/texts.js';
import { choices, described, IN_SERVERS, slashCommand } from '../src/bot/gateway/command-data.js';
import type { DiscordClock } from '../src/bot/gateway/discord-clock.js';
import type { ChatCommand } from '../src/bot/interactions/command.js';
import type { ModerationLog } from '../src/bot/moderation/log.js';
import type { JobQueue } from '../src/bot/request/job.js';
import { type Blocks, MAX_REASON, untilText } from '../src/bot/rules/blocks.js';
import { managedGuild } from '../src/bot/rules/manager.js';
import type { Translate } from '../src/bot/text/i18n.js';
import { Refusal } from '../src/bot/text/refusal.js';

export interface Needs {
  readonly blocks: Blocks;
  readonly jobs: JobQueue;
  readonly clock: DiscordClock;
  readonly moderation: ModerationLog;
}

type Asked = { interaction: ChatInputCommandInteraction; t: Translate };

/** How long a block lasts, in milliseconds; `always` until it is lifted. */
const LENGTHS: Readonly<Record<string, number | null>> = {
  hour: 3_600_000,
  day: 24 * 3_600_000,
  week: 7 * 24 * 3_600_000,
  month: 30 * 24 * 3_600_000,
  always: null,
};

/** /block: lets some members not use the bot in a server, for its managers. */
export const block: ChatCommand<Needs> = {
  data: () =>
    slashCommand('block', IN_SERVERS)
      .setDefaultMemberPermissions(PermissionFlagsBits.ManageGuild)
      .addSubcommand((s) =>
        described(s, 'block', 'member')
          .addUserOption((o) => described(o, 'block', 'who').setRequired(true))
          .addStringOption((o) => described(o, 'block', 'time').addChoices(choices('block.time', Object.keys(LENGTHS))))
          .addStringOption((o) => described(o, 'block', 'reason').setMaxLength(MAX_REASON)),
      )
      .addSubcommand((s) =>
        described(s, 'block', 'end').addUserOption((o) => described(o, 'block', 'who').setRequired(true)),
      )
      .addSubcommand((s) => described(s, 'block', 'list'))
      .toJSON(),

  async execute(needs, { interaction, t }) {
    const guildId = managedGuild(interaction);
    switch (interaction.options.getSubcommand()) {
      case 'member':
        return begin(needs, { interaction, t }, guildId);
      case 'end':
        return end(needs, { interaction, t }, guildId);
      default:
        return list(needs, { interaction, t }, guildId);
    }
  },
};

async function begin(needs: Needs, asked: Asked, guildId: string): Promise<void> {
  const { interaction, t } = asked;
  const { options } = interaction;
  const { id, bot } = options.getUser('who', true);
  const member = options.getMember('who');
  if (bot) throw new Refusal('blockBot');
  // Whoever is no member any more manages nothing.
  const { ManageGuild, Administrator } = PermissionFlagsBits;
  const bits =
    member && (typeof member.permissions === 'string' ? BigInt(member.permissions) : member.permissions.bitfield);
  if (bits && (bits & (ManageGuild | Administrator)) !== 0n) throw new Refusal('blockManager');
  const at = needs.clock.now();
  const length = LENGTHS[options.getString('time') ?? 'always'] ?? null;
  const until = length === null ? null : at + length;
  const reason = options.getString('reason')?.trim() ?? '';
  const by = interaction.user.id;
  await needs.blocks.set(guildId, id, { at, until, reason, by });
  needs.moderation.note(guildId, { kind: 'blocked', user: id, by, until, reason });
  await say(asked, t('block.done', { user: userMention(id), until: untilText({ until, reason }, t) }));
  for (const job of needs.jobs.ofUser(id)) if (job.origin.guildId === guildId) await needs.jobs.cancel(job.id);
}

async function end(needs: Needs, asked: Asked, guildId: string): Promise<void> {
  const { interaction, t } = asked;
  const { id } = interaction.options.getUser('who', true);
  const user = userMention(id);
  if (!(await needs.blocks.end(guildId, id))) throw new Refusal('notBlocked', { user: () => user });
  needs.moderation.note(guildId, { kind: 'unblocked', user: id, by: interaction.user.id });
  await say(asked, t('block.ended', { user }));
}

async function list(needs: Needs, asked: Asked, guildId: string): Promise<void> {
  const { t } = asked;
  const blocked = await needs.blocks.list(guildId);
  const lines = blocked.map(([userId, one]) =>
    t('block.line', { user: userMention(userId), until: untilText(one, t) }),
  );
  await say(asked, fitted(blocked.length > 0 ? t('block.title', { count: blocked.length }) : t('block.none'), lines));
}

async function say({ interaction }: Asked, content: string): Promise<void> {
  await interaction.reply({ content, flags: MessageFlags.Ephemeral, allowedMentions: { parse: [] } });
}
