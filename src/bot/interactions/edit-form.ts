import {
  ActionRowBuilder,
  type ButtonInteraction,
  ModalBuilder,
  type ModalSubmitInteraction,
  type TextInputBuilder,
} from 'discord.js';
import { randomSeed } from '../../engine/random/seed.js';
import { type CustomId, customId } from '../gateway/custom-id.js';
import type { Ask } from '../intake/ask.js';
import { ignored, unskipped } from '../intake/ignored.js';
import { type SubmitNeeds, submit, visibilityOf } from '../intake/submit.js';
import { COUNTED, FROM_PICTURE, ignoredFor, overridden } from '../intake/typed-options.js';
import type { ControlOffer } from '../models/controls.js';
import { modelOf, type Offer, sizeOfShape } from '../models/models.js';
import { type AsOffered, asOffered } from '../models/replaced.js';
import { Alternatives, literally } from '../request/alternatives.js';
import { MAX_WORDS, SCALE, STEPS } from '../request/bounds.js';
import { onlyEnlarges, type PaintRequest } from '../request/paint-request.js';
import { type Given, readTyped } from '../request/parameters.js';
import { isVaried, withAlternatives } from '../request/varied.js';
import type { Settings } from '../rules/settings.js';
import { lengthOf } from '../text/cut.js';
import type { Translate } from '../text/i18n.js';
import { Refusal } from '../text/refusal.js';
import { typedNumber } from '../text/typed-number.js';
import { type PressNeeds, recordBehind, resultToPaintFrom } from './press.js';
import { numberField, wordsField } from './text-field.js';

/** ✏️ opens the form with the original request. */
export async function edit(
  needs: PressNeeds & Offer & ControlOffer,
  ask: Ask<ButtonInteraction>,
  id: CustomId<'edit'>,
): Promise<void> {
  const record = await resultToPaintFrom(needs, ask, id);
  const { request } = withDetails(needs, await ask.settings(), record.request);
  await ask.interaction.showModal(form(id.job, request, ask.t));
}

/** Handles the submitted form: the same request with the changes. */
export async function edited(
  needs: PressNeeds & SubmitNeeds & Offer,
  ask: Ask<ModalSubmitInteraction>,
  id: CustomId<'edited'>,
): Promise<void> {
  const { interaction } = ask;
  const record = await recordBehind(needs, ask, id);
  if (!record) throw new Refusal('gone');
  const field = (name: string) => interaction.fields.getTextInputValue(name).trim();
  const number = (name: string, { low, high }: { low: number; high: number }): number => {
    const value = typedNumber(field(name));
    if (value >= low && value <= high) return value;
    throw new Refusal('number', { value: field(name), low, high });
  };
  // Not rounded: 1,234 may be meant as one thousand two hundred and thirty-four.
  const whole = (name: string, bounds: { low: number; high: number }): number => {
    const value = number(name, bounds);
    if (Number.isInteger(value)) return value;
    throw new Refusal('wholeNumber', { value: field(name), ...bounds });
  };
  const { request: before, notices } = withDetails(needs, await ask.settings(), record.request);
  const counted = before.kind === 'table' || before.kind === 'upscale';
  // What comes back as it was shown has been read before.
  const same = field('prompt') === typedAs(before).trim();
  const { prompt, given } = same
    ? { prompt: before.prompt, given: {} as Given }
    : readTyped(field('prompt'), counted ? COUNTED : FROM_PICTURE);
  // The fields are filled in: only one that was changed says something else than the prompt does.
  const changed = (name: 'steps' | 'scale' | 'seed') => !['', String(before[name])].includes(field(name));
  const lost = (['steps', 'scale', 'seed'] as const).filter((name) => given[name] !== undefined && changed(name));
  const taken: Given = { ...given, ...Object.fromEntries(lost.map((name) => [name, undefined])) };
  const { seed: typedSeed, ar, count: typedCount, strength } = taken;
  const model = needs.models.get(before.model)?.model;
  const shaped = ar && model && (before.kind === 'txt2img' || before.kind === 'table') ? sizeOfShape(model, ar) : null;
  const request = overridden<PaintRequest>(
    {
      ...before,
      prompt,
      template: prompt === before.prompt ? before.template : undefined,
      negative: field('negative'),
      ...(shaped && { width: shaped[0], height: shaped[1] }),
      steps: whole('steps', STEPS),
      scale: number('scale', SCALE),
      seed: typedSeed ?? (field('seed') === '' ? randomSeed() : whole('seed', { low: 0, high: 2 ** 32 - 1 })),
      ...(strength !== undefined && 'strength' in before && { strength }),
      ...(typedCount !== undefined && { count: typedCount }),
    },
    taken,
  );
  // The member asked for fewer pictures than the prompt has alternatives; this only applies to that prompt.
  const { count } = record.request;
  const wanted = typedCount ?? (isVaried(record.request) && prompt === record.request.prompt ? count : null);
  const visibility = interaction.message ? visibilityOf(interaction.message) : {};
  const asked = request.kind === 'table' || (same && !request.dynamic) ? request : withAlternatives(request, wanted);
  await submit(needs, ask, asked, {
    ...visibility,
    notices: [
      ...notices,
      ...lost.map(ignoredFor),
      ...unskipped(taken.speed, request),
      ...ignored(ar !== undefined && !shaped && 'aspectIgnored'),
    ],
  });
}

/** As it can be painted now. Words have something to do: a picture that was only enlarged gets details, if its model paints any. */
function withDetails(offer: Offer & ControlOffer, settings: Settings, asked: PaintRequest): AsOffered {
  if (!onlyEnlarges(asked)) return asOffered(offer, settings, asked);
  const { model } = offer.models.get(asked.model) ?? modelOf(offer, null, settings);
  const strength = model.card.upscaleStrength;
  return asOffered(offer, settings, strength ? { ...asked, strength } : asked);
}

/**
 * The prompt as it would be typed: braces that are words are escaped, if there is room, so that they stay words when others
 * are changed.
 */
function typedAs(request: PaintRequest): string {
  const { prompt } = request;
  const plain = request.kind === 'table' || request.dynamic || new Alternatives(prompt).count === 1n;
  const typed = plain ? prompt : literally(prompt);
  return lengthOf(typed) <= MAX_WORDS ? typed : prompt;
}

function form(job: string, request: PaintRequest, t: Translate): ModalBuilder {
  const row = (field: TextInputBuilder, label: string, required = true) =>
    new ActionRowBuilder<TextInputBuilder>().addComponents(field.setLabel(label).setRequired(required));
  return new ModalBuilder()
    .setCustomId(customId('edited', { job }))
    .setTitle(t('edit.title'))
    .addComponents(
      row(wordsField('prompt', typedAs(request)), t('edit.prompt')),
      row(wordsField('negative', request.negative), t('edit.negative'), false),
      row(numberField('steps', String(request.steps)), t('edit.steps', STEPS)),
      row(numberField('scale', String(request.scale)), t('edit.scale', SCALE)),
      row(numberField('seed', String(request.seed)), t('edit.seed'), false),
    );
}
