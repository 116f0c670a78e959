import { KINDS, type Kind } from '../src/bot/expressions/kinds.js';
import { type PreviewNeeds, preview } from '../src/bot/expressions/preview.js';
import { fromAttachment, fromResult, type SourceNeeds } from '../src/bot/expressions/source.js';
import { choices, described, IN_SERVERS, picture, slashCommand } from '../src/bot/gateway/command-data.js';
import type { ChatCommand } from '../src/bot/interactions/command.js';
import { MAX_VARIED } from '../src/bot/request/bounds.js';
import type { Results } from '../src/bot/storage/results.js';
import { Refusal } from '../src/bot/text/refusal.js';

type Needs = PreviewNeeds & SourceNeeds & { readonly results: Results };

/** /emoji: turns a picture into an emoji or sticker of this server. */
export const emoji: ChatCommand<Needs> = {
  data: () =>
    slashCommand('emoji', IN_SERVERS)
      .addStringOption((o) =>
        described(o, 'emoji', 'called').setName('name').setRequired(true).setMinLength(2).setMaxLength(32),
      )
      .addStringOption((o) => described(o, 'emoji', 'as').addChoices(choices('emoji.kind', Object.keys(KINDS))))
      .addAttachmentOption((o) => picture(o, 'emoji', 'image'))
      .addIntegerOption((o) => described(o, 'emoji', 'picture').setMinValue(1).setMaxValue(MAX_VARIED))
      .toJSON(),

  async execute(needs, ask) {
    const { options, user, channelId } = ask.interaction;
    const kind = (options.getString('as') ?? 'emoji') as Kind;
    const [image, picture] = [options.getAttachment('image'), options.getInteger('picture')];
    if (image && picture !== null) throw new Refusal('emojiBoth');
    await preview(needs, ask, { kind, name: options.getString('name', true) }, async () => {
      if (image) return fromAttachment(needs, image, user.id);
      const newest = await needs.results.latest(user.id, channelId);
      if (!newest) throw new Refusal('emojiNothing');
      return fromResult(needs, newest, picture ?? 1, user.id);
    });
  },
};
