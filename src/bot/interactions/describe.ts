import {
  ActionRowBuilder,
  type Attachment,
  ButtonBuilder,
  type ButtonInteraction,
  ButtonStyle,
  type ChatInputCommandInteraction,
  type MessageContextMenuCommandInteraction,
  MessageFlags,
} from 'discord.js';
import { purposeOf } from '../../engine/purpose.js';
import { randomSeed } from '../../engine/random/seed.js';
import { type CustomId, customId } from '../gateway/custom-id.js';
import type { Ask } from '../intake/ask.js';
import { defaultsFor } from '../intake/defaults.js';
import { usable } from '../intake/preferred.js';
import { type FetchNeeds, fetchAttachment } from '../intake/sources.js';
import { type SubmitNeeds, submit } from '../intake/submit.js';
import { modelOf, type Offer, sizeFor } from '../models/models.js';
import type { Describer } from '../painter/describer.js';
import type { Inspectors } from '../painter/inspectors.js';
import { checkPlace } from '../rules/place-rules.js';
import type { Preferences } from '../rules/preferences.js';
import { styled } from '../rules/styles.js';
import { Refusal } from '../text/refusal.js';

export type DescribeNeeds = FetchNeeds & Offer & { readonly inspectors: Inspectors; readonly describer: Describer };

/** Side of the square that is looked at: as much as the largest of CLIP's towers takes. */
const SIDE = 336;

/** Answers, to the member alone, with prompts that would paint something like a picture, and a button for each. */
export async function describePicture(
  needs: DescribeNeeds,
  ask: Ask<ChatInputCommandInteraction | MessageContextMenuCommandInteraction>,
  attachment: Attachment,
): Promise<void> {
  const { interaction, place, t } = ask;
  const settings = await ask.settings();
  checkPlace(settings, place);
  const path = await needs.describer.model();
  if (path === undefined) throw new Refusal('noClip');
  await interaction.deferReply({ flags: MessageFlags.Ephemeral });
  const bytes = await fetchAttachment(needs, attachment);
  const picture = await needs.inspectors.look(bytes, { width: SIDE, height: SIDE }, place.userId);
  const { card } = modelOf(needs, null, settings).model;
  const prompts = await needs.describer.describe(path, picture, card, place.userId);
  if (prompts.length === 0) {
    await interaction.editReply(t('describe.nothing'));
    return;
  }
  const buttons = prompts.map((_, k) =>
    new ButtonBuilder()
      .setCustomId(customId('described', { userId: place.userId, button: k + 1 }))
      .setStyle(ButtonStyle.Secondary)
      .setLabel(t('describe.paint', { index: k + 1 })),
  );
  await interaction.editReply({
    content: [t('describe.prompts'), ...prompts.map((prompt, k) => `${k + 1}. ${prompt}`)].join('\n'),
    components: [new ActionRowBuilder<ButtonBuilder>().addComponents(buttons)],
    allowedMentions: { parse: [] },
  });
}

/** Paints one of the prompts, which stands in the message above its button, as /imagine would with nothing else typed. */
export async function described(
  needs: Offer & SubmitNeeds & { readonly preferences: Preferences },
  ask: Ask<ButtonInteraction>,
  { button }: CustomId<'described'>,
): Promise<void> {
  const { content } = ask.interaction.message;
  const prompt = content
    .split('\n')
    .find((line) => line.startsWith(`${button}. `))
    ?.slice(`${button}. `.length);
  if (!prompt) throw new Refusal('old');
  const settings = await ask.settings();
  const { preferred, notices } = usable(await needs.preferences.of(ask.place.userId), {
    chosen: [],
    settings,
    models: needs.models,
    fits: ({ model }) => purposeOf(model) !== 'edit',
  });
  const offered = modelOf(needs, preferred.model ?? null, settings);
  const [width, height] = sizeFor(needs, offered, preferred.aspect ?? 'square');
  const words = styled({ prompt, negative: preferred.negative ?? '' }, preferred.style ?? null, settings);
  const speed = preferred.speed ?? settings.speed;
  const request = {
    kind: 'txt2img',
    ...words,
    width,
    height,
    count: preferred.count ?? settings.count,
    ...(await defaultsFor(offered.model.card, { ...settings, speed }, words.prompt)),
    seed: randomSeed(),
    model: offered.name,
  } as const;
  await submit(needs, ask, request, { notices });
}
