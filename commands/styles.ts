import { EmbedBuilder, MessageFlags } from 'discord.js';
import { QUIET } from '../src/bot/delivery/texts.js';
import { described, IN_SERVERS, slashCommand } from '../src/bot/gateway/command-data.js';
import type { ChatCommand } from '../src/bot/interactions/command.js';
import { managedGuild } from '../src/bot/rules/manager.js';
import type { GuildSettings, Style } from '../src/bot/rules/settings.js';
import { findStyle, MAX_STYLE_NAME, MAX_STYLES } from '../src/bot/rules/styles.js';
import { cut } from '../src/bot/text/cut.js';
import { isBlank, quote } from '../src/bot/text/quote.js';
import { Refusal } from '../src/bot/text/refusal.js';
import { named, suggest } from '../src/bot/text/suggest.js';

/** /styles: named texts that members add around their prompts; the server's managers create them. */
export const styles: ChatCommand<{ readonly settings: GuildSettings }> = {
  data: () =>
    slashCommand('styles', IN_SERVERS)
      .addSubcommand((s) => described(s, 'styles', 'list'))
      .addSubcommand((s) =>
        described(s, 'styles', 'add')
          .addStringOption((o) => described(o, 'styles', 'style').setRequired(true).setMaxLength(MAX_STYLE_NAME))
          .addStringOption((o) => described(o, 'styles', 'prompt').setRequired(true).setMaxLength(500))
          .addStringOption((o) => described(o, 'styles', 'negative').setMaxLength(500)),
      )
      .addSubcommand((s) =>
        described(s, 'styles', 'remove').addStringOption((o) =>
          described(o, 'styles', 'style').setRequired(true).setAutocomplete(true),
        ),
      )
      .toJSON(),

  async execute(needs, { interaction, t, settings }) {
    const { guildId, options } = interaction;
    if (!guildId) throw new Refusal('guildOnly');
    const answer = (text: string) => interaction.reply({ content: text, flags: QUIET, allowedMentions: { parse: [] } });

    if (options.getSubcommand() === 'list') {
      const { styles } = await settings();
      if (styles.length === 0) return void (await answer(t('styles.none')));
      const lines = styles.map(({ name, prompt, negative }) => {
        const without = negative ? ` − ${quote(negative, 50)}` : '';
        return `**${quote(name)}**: ${quote(prompt, 80)}${without}`;
      });
      const embed = new EmbedBuilder().setTitle(t('styles.title')).setDescription(cut(lines.join('\n'), 4096));
      await interaction.reply({ embeds: [embed], flags: MessageFlags.Ephemeral });
      return;
    }

    managedGuild(interaction);
    const name = options.getString('style', true).trim();
    let known: Style | undefined;
    const change = (others: (styles: readonly Style[]) => Style[]) =>
      needs.settings.change(guildId, (now) => {
        known = findStyle(now, name);
        return { styles: others(now.styles.filter((style) => style !== known)) };
      });
    if (options.getSubcommand() === 'remove') {
      await change((others) => {
        if (!known) throw new Refusal('noStyle', { style: name });
        return [...others];
      });
      return void (await answer(t('styles.removed', { name: quote(known!.name) })));
    }
    if (isBlank(name)) throw new Refusal('styleName');
    const style = { name, prompt: options.getString('prompt', true), negative: options.getString('negative') ?? '' };
    await change((others) => {
      if (others.length >= MAX_STYLES) throw new Refusal('tooManyStyles', { limit: MAX_STYLES });
      return [...others, style];
    });
    await answer(t(known ? 'styles.changed' : 'styles.added', { name: quote(name) }));
  },

  async autocomplete(_, { interaction, settings }) {
    const { styles } = await settings();
    await interaction.respond(suggest(named(styles.map(({ name }) => name)), interaction.options.getFocused()));
  },
};
