import { inSeconds } from '../delivery/texts.js';
import type { PainterState } from '../request/painter-state.js';
import type { Translate } from '../text/i18n.js';
import { quote } from '../text/quote.js';

/** Most painters that are named. */
const SHOWN = 8;
/** Characters of a name. */
const LONGEST = 40;

/**
 * A line for each painter: its machine, model, speed and state. None for a single one that works, which is what everybody
 * expects.
 *
 * @param now by Discord's clock.
 */
export function paintersText(painters: readonly PainterState[], t: Translate, locale: string, now: number): string[] {
  if (painters.length === 0) return [`-# ${t('painters.none')}`];
  if (painters.length === 1 && painters[0]!.state !== 'resting') return [];
  const number = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
  const lines = painters.slice(0, SHOWN).map((painter) => {
    const { name, host, model, state, restSeconds, pictures, secondsPerPicture: seconds } = painter;
    const parts = [
      `**${quote(name, LONGEST)}** (${quote(host, LONGEST)})`,
      ...(model === null ? [] : [quote(model, LONGEST)]),
      ...(seconds === null ? [] : [t('painters.pace', { seconds: number.format(seconds) })]),
      ...(pictures > 0 ? [t('painters.pictures', { number: number.format(pictures) })] : []),
      t(`painters.${state}`, { when: inSeconds(restSeconds, now) }),
    ];
    return `-# ${parts.join(' · ')}`;
  });
  const more = painters.length - SHOWN;
  return more > 0 ? [...lines, `-# ${t('painters.more', { number: more })}`] : lines;
}
