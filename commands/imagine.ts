import type { SlashCommandBuilder } from 'discord.js';
import { choices, described, picture, slashCommand, withControl } from '../src/bot/gateway/command-data.js';
import { controlled, controlOptions } from '../src/bot/intake/control.js';
import { defaultsFor } from '../src/bot/intake/defaults.js';
import { ignored, unskipped } from '../src/bot/intake/ignored.js';
import { usable } from '../src/bot/intake/preferred.js';
import { isSpoiler, type KeepNeeds } from '../src/bot/intake/sources.js';
import { type SubmitNeeds, submit } from '../src/bot/intake/submit.js';
import { TypedOptions } from '../src/bot/intake/typed-options.js';
import { withUploads } from '../src/bot/intake/uploads.js';
import type { ChatCommand } from '../src/bot/interactions/command.js';
import { completions } from '../src/bot/interactions/complete.js';
import { type ControlOffer, controlOf, kindsOf } from '../src/bot/models/controls.js';
import {
  type Aspect,
  aspectSizes,
  modelChoices,
  modelOf,
  type Offer,
  sizeFor,
  sizeFrom,
  sizeOfShape,
  variationStrength,
} from '../src/bot/models/models.js';
import { MAX_COUNT, PROMPT_LENGTH, SCALE, STEPS } from '../src/bot/request/bounds.js';
import { SAMPLER_CHOICES, samplerOf } from '../src/bot/request/samplers.js';
import { ratioOf } from '../src/bot/request/size.js';
import { withAlternatives } from '../src/bot/request/varied.js';
import { PREFERENCES, type Preferences } from '../src/bot/rules/preferences.js';
import { styled } from '../src/bot/rules/styles.js';
import { Refusal } from '../src/bot/text/refusal.js';
import { named, suggest } from '../src/bot/text/suggest.js';
import { SPEED_NAMES, type Speed } from '../src/engine/pipeline/speed.js';
import { purposeOf } from '../src/engine/purpose.js';
import { MAX_SEED, randomSeed } from '../src/engine/random/seed.js';
import type { Tile } from '../src/engine/tile.js';

type Needs = Offer & ControlOffer & KeepNeeds & SubmitNeeds & { readonly preferences: Preferences };

/** /imagine: pictures from a prompt, or from a picture and a prompt. */
export const imagine: ChatCommand<Needs> = {
  data: (offer) => withOptions(slashCommand('imagine'), offer).toJSON(),

  execute: (needs, ask) =>
    withUploads(needs, ask, async (keep) => {
      const { options } = ask.interaction;
      const typed = new TypedOptions(options);
      const settings = await ask.settings();
      const image = options.getAttachment('image');
      const asked = controlOptions(options);
      if (asked.control && !image) throw new Refusal('controlPicture');
      const { preferred, notices } = usable(await needs.preferences.of(ask.place.userId), {
        chosen: PREFERENCES.filter((name) => typed.has(name)),
        settings,
        models: needs.models,
        fits: ({ name, model }) =>
          (image !== null || purposeOf(model) !== 'edit') &&
          (!asked.control || controlOf(needs, asked.control, name) !== undefined),
      });
      const offered = modelOf(needs, typed.string('model') ?? preferred.model ?? null, settings);
      const { card } = offered.model;
      const aspect = options.getString('aspect') as Aspect | null;
      const { nativeSize } = card;
      const [width, height] = image
        ? sizeFrom(offered.model, [image.width ?? nativeSize, image.height ?? nativeSize])
        : typed.given.ar
          ? sizeOfShape(offered.model, typed.given.ar)
          : sizeFor(needs, offered, aspect ?? (preferred.aspect as Aspect | undefined) ?? 'square');
      const negative = typed.negative ?? preferred.negative ?? '';
      const style = typed.string('style') ?? preferred.style ?? null;
      const words = styled({ prompt: typed.prompt!, negative }, style, settings);
      const count = typed.whole('count');
      const speed = preferred.speed ?? settings.speed;
      const defaults = await defaultsFor(card, { ...settings, speed }, words.prompt);
      const variationSeed = typed.whole('variation_seed');
      const mixed = typed.number('variation_strength');
      const wanted = {
        ...words,
        width,
        height,
        count: count ?? preferred.count ?? settings.count,
        steps: typed.whole('steps') ?? defaults.steps,
        scale: typed.number('scale') ?? defaults.scale,
        sampler: samplerOf(typed.string('sampler'), defaults.sampler),
        speed: (typed.string('speed') as Speed | null) ?? defaults.speed,
        seed: typed.whole('seed') ?? randomSeed(),
        model: offered.name,
        tile: (typed.string('tile') as Tile | null) ?? undefined,
        ...(mixed && { variation: { seed: variationSeed ?? randomSeed(), strength: mixed } }),
      };
      const strength = typed.number('strength');
      const key = image && (await keep(image)).key;
      const steered = key ? { ...wanted, ...controlled(needs, asked, offered.name, key) } : wanted;
      // A picture that steers is painted over only if somebody says how much.
      const startsFromIt = key && !(asked.control && strength === null);
      const request = withAlternatives(
        startsFromIt
          ? { kind: 'img2img', ...steered, source: key, strength: strength ?? variationStrength(offered.model) }
          : { kind: 'txt2img', ...steered },
        count,
      );
      await submit(needs, ask, request, {
        ephemeral: typed.flag('hidden') ?? false,
        spoiler: typed.flag('spoiler') ?? (image !== null && isSpoiler(image)),
        notices: [
          ...notices,
          ...typed.notices,
          ...unskipped(typed.string('speed') as Speed | null, request),
          ...ignored(
            strength !== null && image === null && 'strengthIgnored',
            (aspect !== null || typed.given.ar !== undefined) && image !== null && 'aspectIgnored',
            variationSeed !== null && !mixed && 'variationIgnored',
            asked.weight !== null && asked.control === null && 'weightIgnored',
          ),
        ],
      });
    }),

  async autocomplete(needs, { interaction, settings }) {
    const { name, value } = interaction.options.getFocused(true);
    if (name === 'prompt') {
      const { card } = modelOf(needs, null, await settings()).model;
      return interaction.respond(named(completions(card, value)));
    }
    const offered: Record<string, () => Promise<{ name: string; value: string }[]>> = {
      sampler: async () => [...SAMPLER_CHOICES],
      model: async () => modelChoices(needs),
      style: async () => named((await settings()).styles.map(({ name }) => name)),
    };
    await interaction.respond(suggest((await offered[name]?.()) ?? [], value));
  },
};

function withOptions(command: SlashCommandBuilder, offer: Offer & ControlOffer) {
  // Prompts are completed from the words that the model knows, if it has a list of them.
  const complete = offer.models.get(offer.config.model)?.model.card.knows !== undefined;
  const aspects = aspectSizes(offer);
  const ratio = (aspect: string) => ({ ratio: ratioOf(aspects.get(aspect as Aspect)!) });
  const built = command
    .addStringOption((o) =>
      described(o, 'imagine', 'prompt').setRequired(true).setMaxLength(PROMPT_LENGTH).setAutocomplete(complete),
    )
    .addStringOption((o) => described(o, 'imagine', 'negative').setMaxLength(PROMPT_LENGTH))
    .addIntegerOption((o) => described(o, 'imagine', 'count').setMinValue(1).setMaxValue(MAX_COUNT))
    .addStringOption((o) => described(o, 'imagine', 'aspect').addChoices(choices('aspect', [...aspects.keys()], ratio)))
    .addAttachmentOption((o) => picture(o, 'imagine', 'image'))
    .addNumberOption((o) => described(o, 'imagine', 'strength').setMinValue(0).setMaxValue(1))
    .addIntegerOption((o) => described(o, 'imagine', 'steps').setMinValue(STEPS.low).setMaxValue(STEPS.high))
    .addNumberOption((o) => described(o, 'imagine', 'scale').setMinValue(SCALE.low).setMaxValue(SCALE.high))
    .addIntegerOption((o) => described(o, 'imagine', 'seed').setMinValue(0).setMaxValue(MAX_SEED))
    .addNumberOption((o) => described(o, 'imagine', 'variation_strength').setMinValue(0).setMaxValue(1))
    .addIntegerOption((o) => described(o, 'imagine', 'variation_seed').setMinValue(0).setMaxValue(MAX_SEED))
    .addStringOption((o) => described(o, 'imagine', 'sampler').setAutocomplete(true))
    .addStringOption((o) => described(o, 'imagine', 'speed').addChoices(choices('speed', SPEED_NAMES)))
    .addStringOption((o) => described(o, 'imagine', 'tile').addChoices(choices('tile', ['both', 'x', 'y'])))
    .addStringOption((o) => described(o, 'imagine', 'model').setAutocomplete(true))
    .addStringOption((o) => described(o, 'imagine', 'style').setAutocomplete(true))
    .addBooleanOption((o) => described(o, 'imagine', 'hidden'))
    .addBooleanOption((o) => described(o, 'imagine', 'spoiler'));
  return withControl(built, kindsOf(offer));
}
