import { EmbedBuilder, MessageFlags } from 'discord.js';
import { choices, described, slashCommand } from '../src/bot/gateway/command-data.js';
import type { ChatCommand } from '../src/bot/interactions/command.js';
import { type Aspect, aspectSizes, modelChoices, modelOf, type Offer } from '../src/bot/models/models.js';
import { MAX_COUNT, PROMPT_LENGTH } from '../src/bot/request/bounds.js';
import { ratioOf } from '../src/bot/request/size.js';
import { PREFERENCES, type Preference, type Preferences, type Preferred } from '../src/bot/rules/preferences.js';
import { findStyle } from '../src/bot/rules/styles.js';
import { cut } from '../src/bot/text/cut.js';
import type { Translate } from '../src/bot/text/i18n.js';
import { quote } from '../src/bot/text/quote.js';
import { Refusal } from '../src/bot/text/refusal.js';
import { named, suggest } from '../src/bot/text/suggest.js';
import { checkTokens } from '../src/bot/words/check-words.js';
import { SPEED_NAMES, type Speed } from '../src/engine/pipeline/speed.js';

type Needs = Offer & { readonly preferences: Preferences };

/** /prefer: a member's own defaults for /imagine. */
export const prefer: ChatCommand<Needs> = {
  data: (offer) => {
    const aspects = aspectSizes(offer);
    const ratio = (aspect: string) => ({ ratio: ratioOf(aspects.get(aspect as Aspect)!) });
    return slashCommand('prefer')
      .addSubcommand((s) => described(s, 'prefer', 'show'))
      .addSubcommand((s) =>
        described(s, 'prefer', 'set')
          .addStringOption((o) => described(o, 'prefer', 'model').setAutocomplete(true))
          .addStringOption((o) =>
            described(o, 'prefer', 'aspect').addChoices(choices('aspect', [...aspects.keys()], ratio)),
          )
          .addStringOption((o) => described(o, 'prefer', 'style').setAutocomplete(true))
          .addIntegerOption((o) => described(o, 'prefer', 'count').setMinValue(1).setMaxValue(MAX_COUNT))
          .addStringOption((o) => described(o, 'prefer', 'negative').setMaxLength(PROMPT_LENGTH))
          .addStringOption((o) => described(o, 'prefer', 'speed').addChoices(choices('speed', SPEED_NAMES))),
      )
      .addSubcommand((s) =>
        described(s, 'prefer', 'reset').addStringOption((o) =>
          described(o, 'prefer', 'what').addChoices(choices('prefer', PREFERENCES)),
        ),
      )
      .toJSON();
  },

  async execute(needs, { interaction, t, settings }) {
    const { options, user } = interaction;
    const answer = async (preferred: Preferred, saved = true) => {
      const embed = overview(needs, preferred, t);
      await interaction.reply({
        ...(saved && { content: t('settings.saved') }),
        embeds: [embed],
        flags: MessageFlags.Ephemeral,
      });
    };
    switch (options.getSubcommand()) {
      case 'set': {
        if (options.data[0]?.options?.length === 0) throw new Refusal('nothingSet');
        const wanted = { model: options.getString('model'), style: options.getString('style') };
        const model = wanted.model === null ? null : modelOf(needs, wanted.model, await settings());
        if (model?.allowed === false) throw new Refusal('unsafeModel', { model: model.name });
        const style = wanted.style === null ? null : findStyle(await settings(), wanted.style);
        if (style === undefined) throw new Refusal('noStyle', { style: wanted.style! });
        const negative = options.getString('negative')?.trim();
        // What is wrong with it would be found at every request, and not be what its author just typed.
        checkTokens(model ?? modelOf(needs, null, await settings()), 'negative', negative ?? '');
        const changed: Record<Preference, unknown> = {
          model: model?.name,
          aspect: options.getString('aspect'),
          style: style?.name,
          count: options.getInteger('count'),
          negative: negative === '' ? undefined : (negative ?? null),
          speed: options.getString('speed') as Speed | null,
        };
        const set = Object.entries(changed).filter(
          ([name, value]) => value != null || (name === 'negative' && negative === ''),
        );
        return answer(await needs.preferences.change(user.id, Object.fromEntries(set)));
      }
      case 'reset': {
        const what = options.getString('what') as Preference | null;
        const gone = what === null ? PREFERENCES : [what];
        return answer(
          await needs.preferences.change(user.id, Object.fromEntries(gone.map((name) => [name, undefined]))),
        );
      }
      default:
        return answer(await needs.preferences.of(user.id), false);
    }
  },

  async autocomplete(needs, { interaction, settings }) {
    const { name, value } = interaction.options.getFocused(true);
    const offered =
      name === 'model' ? modelChoices(needs) : named((await settings()).styles.map((style) => style.name));
    await interaction.respond(suggest(offered, value));
  },
};

function overview(offer: Offer, preferred: Preferred, t: Translate): EmbedBuilder {
  const { model, aspect, style, count, negative, speed } = preferred;
  const sizes = aspectSizes(offer);
  const size = sizes.get(aspect as Aspect);
  const shown: Record<Preference, string | undefined> = {
    model: model && quote(model, 100),
    // The operator's model may not have that shape any more.
    aspect: size ? t(`aspect.${aspect}`, { ratio: ratioOf(size) }) : aspect,
    style: style && quote(style, 100),
    count: count === undefined ? undefined : t('fact.pictures', { count }),
    negative: negative && quote(negative, 500),
    speed: speed && t(`speed.${speed}`),
  };
  return new EmbedBuilder()
    .setTitle(t('prefer.title'))
    .setDescription(t('prefer.order'))
    .addFields(
      PREFERENCES.map((name) => ({
        name: t(`prefer.${name}`),
        // A server has no style or negative prompt of its own that everybody gets.
        value: cut(
          shown[name] ?? `*${t(name === 'style' || name === 'negative' ? 'settings.none' : 'prefer.unset')}*`,
          1024,
        ),
        inline: name !== 'negative',
      })),
    );
}
