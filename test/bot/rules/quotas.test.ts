import { expect, test } from 'vitest';
import { perHourFor, withQuota } from '../../../src/bot/rules/quotas.js';

const rules = {
  perHour: 10,
  quotas: [
    { role: 'new', perHour: 4 },
    { role: 'painter', perHour: 50 },
  ],
  exempt: ['staff'],
};

test.each([
  [[], 10],
  [['other'], 10],
  [['new'], 4],
  [['new', 'painter'], 50],
  [['painter', 'staff'], undefined],
  [['staff'], undefined],
])('with the roles %j, %s an hour', (roles, perHour) => {
  expect(perHourFor(rules, roles)).toBe(perHour);
});

test('where everybody has the operator’s limit, a role can still have less', () => {
  expect(perHourFor({ ...rules, perHour: 0 }, [])).toBeUndefined();
  expect(perHourFor({ ...rules, perHour: 0 }, ['new'])).toBe(4);
});

test('a role has one number, and 0 takes it away', () => {
  const changed = withQuota(rules, 'new', 7);
  expect(changed).toEqual([
    { role: 'painter', perHour: 50 },
    { role: 'new', perHour: 7 },
  ]);
  expect(withQuota({ quotas: changed }, 'painter', 0)).toEqual([{ role: 'new', perHour: 7 }]);
});
