import { expect, test } from 'vitest';
import { usageFile } from '../../../src/bot/stats/usage-file.js';

const NOON = Date.UTC(2026, 10, 24, 12);

function line(userId: string, name: string | null, seconds: number) {
  const total = { requests: 2, pictures: 5, seconds, cpu: 2 * seconds };
  return { userId, name, counters: { since: NOON, total, days: { '2026-11-24': { ...total, requests: 1 } } } };
}

test('a line for each member, who used most first, with ids that no spreadsheet rounds', () => {
  const file = usageFile([line('123456789012345678', 'ada', 3), line('7', null, 12.34)], NOON).toString();
  expect(file.split('\r\n')).toEqual([
    '\ufeffmember,name,requests_7_days,pictures_7_days,painter_seconds_7_days,cpu_seconds_7_days,requests,pictures,painter_seconds,cpu_seconds,since',
    '<@7>,,1,5,12.3,24.7,2,5,12.3,24.7,2026-11-24',
    '<@123456789012345678>,ada,1,5,3,6,2,5,3,6,2026-11-24',
    '',
  ]);
});

test.each([
  ['=HYPERLINK("http://x","y")', `"'=HYPERLINK(""http://x"",""y"")"`],
  ['+1', `"'+1"`],
  ['-1', `"'-1"`],
  ['@SUM(A1)', `"'@SUM(A1)"`],
  ['\t=1', `"'\t=1"`],
  [' =1', `"' =1"`],
  ['＝1', `"'＝1"`],
  ['a,b', '"a,b"'],
  ['a"b', '"a""b"'],
  ['a\r\n=1', '"a\r\n=1"'],
  ['ada', 'ada'],
])('the name %j becomes no formula', (name, cell) => {
  expect(usageFile([line('7', name, 1)], NOON).toString()).toContain(`\r\n<@7>,${cell},1,`);
});
