import { t } from './words.js';

const UNITS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
];

/** "in 8 seconds", "3 days ago". @param seconds from now. */
export function relative(seconds: number, locale?: string): string {
  const [unit, length] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? UNITS.at(-1)!;
  return new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(Math.trunc(seconds / length), unit);
}

const STYLES: Record<string, Intl.DateTimeFormatOptions> = {
  t: { timeStyle: 'short' },
  T: { timeStyle: 'medium' },
  d: { dateStyle: 'short' },
  D: { dateStyle: 'long' },
  f: { dateStyle: 'long', timeStyle: 'short' },
  F: { dateStyle: 'full', timeStyle: 'short' },
};

/** A timestamp in any of Discord's styles except R (documentation, "Timestamp Styles"). */
export function absolute(date: Date, style: string, locale?: string): string {
  return date.toLocaleString(locale, STYLES[style] ?? STYLES.f);
}

/** "Today at 14:05", "Yesterday at 14:05", "11/02/2026 14:05", as beside an author's name. */
export function sentAt(date: Date, now: Date, locale?: string): string {
  const time = date.toLocaleTimeString(locale, { timeStyle: 'short' });
  const day = (other: Date) => new Date(other.getFullYear(), other.getMonth(), other.getDate()).getTime();
  const days = Math.round((day(now) - day(date)) / 86_400_000);
  if (days === 0) return t('when.today', { time });
  if (days === 1) return t('when.yesterday', { time });
  return `${date.toLocaleDateString(locale)} ${time}`;
}
