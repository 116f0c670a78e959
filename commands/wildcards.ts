import { EmbedBuilder, MessageFlags } from 'discord.js';
import { QUIET } from '../src/bot/delivery/texts.js';
import { described, IN_SERVERS, slashCommand } from '../src/bot/gateway/command-data.js';
import { wildcardNames } from '../src/bot/intake/wildcards.js';
import type { ChatCommand } from '../src/bot/interactions/command.js';
import { managedGuild } from '../src/bot/rules/manager.js';
import type { GuildSettings } from '../src/bot/rules/settings.js';
import { changedList, MAX_ENTRIES_TEXT, MAX_LIST_NAME } from '../src/bot/rules/wildcards.js';
import { cut } from '../src/bot/text/cut.js';
import { quote } from '../src/bot/text/quote.js';
import { Refusal } from '../src/bot/text/refusal.js';
import { named, suggest } from '../src/bot/text/suggest.js';
import type { Config } from '../src/config.js';

/** /wildcards: lists of words, one of which takes the place of `__name__` in a prompt; the server's managers create them. */
export const wildcards: ChatCommand<{ readonly settings: GuildSettings; readonly config: Pick<Config, 'dataDir'> }> = {
  data: () =>
    slashCommand('wildcards', IN_SERVERS)
      .addSubcommand((s) => described(s, 'wildcards', 'list'))
      .addSubcommand((s) =>
        described(s, 'wildcards', 'add')
          .addStringOption((o) => described(o, 'wildcards', 'wildcard').setRequired(true).setMaxLength(MAX_LIST_NAME))
          .addStringOption((o) =>
            described(o, 'wildcards', 'entries').setRequired(true).setMaxLength(MAX_ENTRIES_TEXT),
          ),
      )
      .addSubcommand((s) =>
        described(s, 'wildcards', 'remove').addStringOption((o) =>
          described(o, 'wildcards', 'wildcard').setRequired(true).setAutocomplete(true),
        ),
      )
      .toJSON(),

  async execute({ settings: rules, config }, { interaction, t, settings }) {
    const { guildId, options } = interaction;
    if (!guildId) throw new Refusal('guildOnly');
    const answer = (text: string) => interaction.reply({ content: text, flags: QUIET, allowedMentions: { parse: [] } });

    if (options.getSubcommand() === 'list') {
      const now = await settings();
      const names = await wildcardNames(config.dataDir, now);
      if (names.length === 0) return void (await answer(t('wildcards.none')));
      const lines = names.map((name) => {
        const own = now.wildcards.find((list) => list.name === name);
        return `**${quote(`__${name}__`)}**: ${own ? quote(own.entries.join(', '), 80) : t('wildcards.operators')}`;
      });
      const embed = new EmbedBuilder().setTitle(t('wildcards.title')).setDescription(cut(lines.join('\n'), 4096));
      await interaction.reply({ embeds: [embed], flags: MessageFlags.Ephemeral });
      return;
    }

    managedGuild(interaction);
    const name = options.getString('wildcard', true);
    const entries = options.getSubcommand() === 'add' ? options.getString('entries', true) : null;
    let change: ReturnType<typeof changedList> | undefined;
    await rules.change(guildId, (now) => {
      change = changedList(now.wildcards, name, entries);
      return { wildcards: change.lists };
    });
    const { what, name: kept, count } = change!;
    await answer(t(`wildcards.${what}`, { wildcard: quote(`__${kept}__`), count }));
  },

  async autocomplete(_, { interaction, settings }) {
    const lists = (await settings()).wildcards;
    await interaction.respond(suggest(named(lists.map(({ name }) => name)), interaction.options.getFocused()));
  },
};
