import type { ChatInputCommandInteraction } from 'discord.js';
import type { ReadParameters } from '../../engine/image/metadata/parameters.js';
import type { Speed } from '../../engine/pipeline/speed.js';
import { purposeOf } from '../../engine/purpose.js';
import { randomSeed } from '../../engine/random/seed.js';
import { modelOf, sizeFrom } from '../models/models.js';
import { literally } from '../request/alternatives.js';
import { BLEND_STRENGTH } from '../request/bounds.js';
import type { SingleRequest } from '../request/paint-request.js';
import { withAlternatives } from '../request/varied.js';
import { PREFERENCES, type Preferences } from '../rules/preferences.js';
import { styled } from '../rules/styles.js';
import { Refusal } from '../text/refusal.js';
import { typedNumber } from '../text/typed-number.js';
import { type Ask, readSoon } from './ask.js';
import { defaultsFor } from './defaults.js';
import type { FromPictureNeeds } from './from-picture.js';
import { ignored, unskipped } from './ignored.js';
import { inherit } from './inherit.js';
import { usable } from './preferred.js';
import { isSpoiler, type KeepNeeds, type KeptUpload } from './sources.js';
import { type SubmitNeeds, submit } from './submit.js';
import { FROM_PICTURE, overridden, TypedOptions } from './typed-options.js';
import { withUploads } from './uploads.js';

export type BlendNeeds = KeepNeeds & FromPictureNeeds & SubmitNeeds & { readonly preferences: Preferences };

const IMAGES = ['image1', 'image2', 'image3', 'image4'];

/** The body of /blend: the member's model, or the server's, paints from its pictures together, in the shape of the first. */
export function paintBlend(needs: BlendNeeds, ask: Ask<ChatInputCommandInteraction>): Promise<void> {
  return withUploads(needs, ask, async (keep) => {
    const { options } = ask.interaction;
    const images = IMAGES.flatMap((name) => options.getAttachment(name) ?? []);
    const typed = new TypedOptions(options, FROM_PICTURE);
    const weights = weightsFrom(options.getString('weights'), images.length);
    const settings = await ask.settings();
    const { preferred, notices: without } = usable(await needs.preferences.of(ask.place.userId), {
      chosen: PREFERENCES.filter((name) => typed.has(name)),
      settings,
      models: needs.models,
      fits: ({ model }) => purposeOf(model) !== 'edit',
    });
    const offered = modelOf(needs, preferred.model ?? null, settings);
    const { model, name } = offered;
    const { nativeSize } = model.card;
    const { prompt } = typed;
    const count = typed.whole('count');
    const kept = await Promise.all(images.map(keep));
    const read = prompt ? null : await wordsOf(needs, ask, kept);
    const { notices, ...stored } = await inherit(read, offered, settings);
    const negative = stored.negative || (preferred.negative ?? '');
    const words = styled({ prompt: prompt || literally(stored.prompt), negative }, preferred.style ?? null, settings);
    const speed = preferred.speed ?? settings.speed;
    const [first] = images;
    const [width, height] = sizeFrom(model, [first!.width ?? nativeSize, first!.height ?? nativeSize]);
    const [source, ...others] = kept.map(({ key }) => key);
    const asked = typed.string('speed') as Speed | null;
    const request = overridden<SingleRequest>(
      {
        kind: 'blend',
        source: source!,
        others,
        weights,
        strength: typed.number('strength') ?? BLEND_STRENGTH,
        ...words,
        width,
        height,
        count: count ?? preferred.count ?? settings.count,
        ...(await defaultsFor(model.card, { ...settings, speed }, words.prompt)),
        ...(asked && { speed: asked }),
        seed: typed.whole('seed') ?? randomSeed(),
        model: name,
      },
      typed.given,
    );
    await submit(needs, ask, withAlternatives(request, count), {
      spoiler: images.some(isSpoiler),
      notices: [
        ...without,
        ...notices,
        ...typed.notices,
        ...unskipped(asked, request),
        ...ignored(typed.given.ar !== undefined && 'aspectIgnored'),
      ],
    });
  });
}

/** @throws Refusal unless there is a number for each picture, and one of them counts. */
function weightsFrom(text: string | null, count: number): number[] {
  if (text === null) return Array<number>(count).fill(1);
  // A comma may be a decimal one, if there are semicolons or spaces between the numbers.
  const plain = text.normalize('NFKC');
  const parts = plain.split(/[;/、]|,\s+|\s+/).filter((part) => part !== '');
  const weights = (parts.length === count ? parts : plain.split(',')).map((part) => typedNumber(part.trim()));
  const counts = weights.every((weight) => weight >= 0 && weight <= 100) && weights.some((weight) => weight > 0);
  if (weights.length === count && counts) return weights;
  throw new Refusal('blendWeights', { count, example: [2, 1, 1, 1].slice(0, count).join(', ') });
}

/** The prompts that the pictures carry, one after the other; null if they have none, or reading them takes too long. */
async function wordsOf(
  { inspectors }: Pick<BlendNeeds, 'inspectors'>,
  ask: Ask,
  kept: readonly KeptUpload[],
): Promise<Pick<ReadParameters, 'prompt' | 'negative'> | null> {
  const reading = Promise.all(kept.map(({ bytes, owner }) => inspectors.inspect(bytes, owner)));
  const read = await readSoon(ask, reading);
  const joined = (part: 'prompt' | 'negative') =>
    [...new Set((read ?? []).map((one) => one?.[part].trim() ?? ''))].filter((text) => text !== '').join(', ');
  return read ? { prompt: joined('prompt'), negative: joined('negative') } : null;
}
