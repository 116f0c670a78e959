import type { MemberCounters } from './counters.js';
import { spans } from './summary.js';

/** One member's use of the bot in a guild. */
export interface Usage {
  readonly userId: string;
  /** Null where it is not known. */
  readonly name: string | null;
  readonly counters: MemberCounters;
}

const COLUMNS = [
  'member',
  'name',
  'requests_7_days',
  'pictures_7_days',
  'painter_seconds_7_days',
  'cpu_seconds_7_days',
  'requests',
  'pictures',
  'painter_seconds',
  'cpu_seconds',
  'since',
];

/**
 * Usage by member as CSV (RFC 4180), the most painter seconds first, in UTF-8 with the mark that spreadsheets know it by.
 * Ids are written as mentions: a spreadsheet would round numbers of that length.
 */
export function usageFile(usage: readonly Usage[], now: number): Buffer {
  const rows = usage
    .map(({ userId, name, counters }) => ({ userId, name, since: counters.since, ...spans(counters, now) }))
    .sort((a, b) => b.total.seconds - a.total.seconds || b.total.pictures - a.total.pictures);
  const lines = rows.map(({ userId, name, week, total, since }) => [
    `<@${userId}>`,
    name ?? '',
    ...[week, total].flatMap(({ requests, pictures, seconds, cpu }) => [
      requests,
      pictures,
      tenths(seconds),
      tenths(cpu),
    ]),
    new Date(since).toISOString().slice(0, 10),
  ]);
  return Buffer.from(`\ufeff${[COLUMNS, ...lines].map((line) => `${line.map(cell).join(',')}\r\n`).join('')}`);
}

function tenths(seconds: number): number {
  return Math.round(seconds * 10) / 10;
}

/** What a spreadsheet would take for a formula begins with an apostrophe (OWASP, "CSV Injection"). */
function cell(value: string | number): string {
  if (typeof value === 'number') return String(value);
  const safe = /^\s*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/.test(value) ? `'${value}` : value;
  return /["',;\s]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
