import { ApplicationIntegrationType, InteractionContextType } from 'discord.js';
import { MAX_VARIED } from '../src/bot/bounds.js';
import type { ChatCommand } from '../src/bot/command.js';
import { described, slashCommand } from '../src/bot/command-data.js';
import { KINDS, type Kind } from '../src/bot/expressions/kinds.js';
import { preview } from '../src/bot/expressions/preview.js';
import { fromAttachment, fromResult } from '../src/bot/expressions/source.js';
import { localizations, translateFor } from '../src/bot/i18n.js';
import { Refusal } from '../src/bot/refusal.js';

/** /emoji: a picture becomes an emoji or sticker of this server. */
export const emoji: ChatCommand = {
  data: () => {
    const en = translateFor('en');
    const kinds = (Object.keys(KINDS) as Kind[]).map((value) => ({
      name: en(`emoji.kind.${value}`),
      name_localizations: localizations(`emoji.kind.${value}`),
      value,
    }));
    return slashCommand('emoji')
      .setContexts(InteractionContextType.Guild)
      .setIntegrationTypes(ApplicationIntegrationType.GuildInstall)
      .addStringOption((o) =>
        described(o, 'emoji', 'called').setName('name').setRequired(true).setMinLength(2).setMaxLength(32),
      )
      .addStringOption((o) => described(o, 'emoji', 'as').addChoices(...kinds))
      .addAttachmentOption((o) => described(o, 'emoji', 'image'))
      .addIntegerOption((o) => described(o, 'emoji', 'picture').setMinValue(1).setMaxValue(MAX_VARIED))
      .toJSON();
  },

  async execute(app, interaction) {
    const { options, user, channelId } = interaction;
    const kind = (options.getString('as') ?? 'emoji') as Kind;
    await preview(app, interaction, { kind, name: options.getString('name', true) }, async () => {
      const image = options.getAttachment('image');
      if (image) return fromAttachment(app, image);
      const newest = await app.results.latest(user.id, channelId);
      if (!newest) throw new Refusal('emojiNothing');
      return fromResult(app, newest, options.getInteger('picture') ?? 1);
    });
  },
};
