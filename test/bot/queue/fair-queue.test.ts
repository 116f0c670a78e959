import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FairQueue } from '../../../src/bot/queue/fair-queue.js';

class Line {
  readonly fair = new FairQueue();
  #count = 0;

  /** @returns its id. */
  add(guild: string, user = 'u', work = 1): string {
    const id = `${guild}/${user}/${this.#count++}`;
    this.fair.add({ id, guild, user, work });
    return id;
  }

  take(): string | undefined {
    return this.fair.take();
  }

  takeAll(): string[] {
    const all: string[] = [];
    for (let id = this.take(); id; id = this.take()) all.push(id);
    return all;
  }
}

const guildOf = (id: string) => id.split('/')[0]!;
const userOf = (id: string) => id.split('/')[1]!;

const job = fc.record({
  guild: fc.constantFrom('a', 'b', 'c', 'd'),
  user: fc.constantFrom('x', 'y', 'z'),
  work: fc.integer({ min: 1, max: 1000 }),
});
/** Null takes one. */
const script = fc.array(fc.option(job, { freq: 2 }), { maxLength: 120 });

test('a guild with a hundred jobs delays another guild by one job at most', () => {
  const line = new Line();
  for (let k = 0; k < 100; k++) line.add('crowd', `u${k % 7}`);
  line.take();
  const late = line.add('quiet');
  expect(line.fair.order().indexOf(late)).toBeLessThanOrEqual(1);
});

test('whatever came before, a guild with nothing waiting is behind at most one job of each other guild', () => {
  fc.assert(
    fc.property(script, job, (steps, { user, work }) => {
      const line = new Line();
      for (const step of steps) {
        if (step) line.add(step.guild, step.user, step.work);
        else line.take();
      }
      const mine = line.add('newcomer', user, work);
      const ahead = line.fair.order().slice(0, line.fair.order().indexOf(mine)).map(guildOf);
      expect(new Set(ahead).size).toBe(ahead.length);
    }),
  );
});

test('in a guild, a member with nothing waiting is behind at most one job of each other member', () => {
  fc.assert(
    fc.property(script, (steps) => {
      const line = new Line();
      for (const step of steps) {
        if (step) line.add('guild', step.user, step.work);
        else line.take();
      }
      const mine = line.add('guild', 'newcomer', 5);
      const ahead = line.fair.order().slice(0, line.fair.order().indexOf(mine)).map(userOf);
      expect(new Set(ahead).size).toBe(ahead.length);
    }),
  );
});

test('every job comes out once, and those of one user in the order they went in', () => {
  fc.assert(
    fc.property(script, (steps) => {
      const line = new Line();
      const added: string[] = [];
      const taken: string[] = [];
      for (const step of steps) {
        if (step) added.push(line.add(step.guild, step.user, step.work));
        else taken.push(line.take() ?? '');
      }
      const out = [...taken.filter(Boolean), ...line.takeAll()];
      expect([...out].sort()).toEqual([...added].sort());
      const own = (ids: string[], id: string) => ids.filter((each) => each.startsWith(id));
      for (const place of new Set(added.map((id) => `${guildOf(id)}/${userOf(id)}/`))) {
        expect(own(out, place)).toEqual(own(added, place));
      }
      expect(line.fair.size).toBe(0);
    }),
  );
});

test('jobs come in the predicted order', () => {
  fc.assert(
    fc.property(script, (steps) => {
      const line = new Line();
      for (const step of steps) {
        if (step) line.add(step.guild, step.user, step.work);
        else line.take();
      }
      const foretold = [...line.fair.order()];
      expect(line.takeAll()).toEqual(foretold);
    }),
  );
});

test('guilds that always wait get the same work, to within one of their jobs', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 2, maxLength: 6 }),
      fc.integer({ min: 1, max: 200 }),
      (sizes, turns) => {
        const line = new Line();
        sizes.forEach((work, guild) => {
          for (let k = 0; k < 210; k++) line.add(`g${guild}`, `u${k % 3}`, work);
        });
        const done = sizes.map(() => 0);
        for (let turn = 0; turn < turns; turn++) {
          const guild = Number(guildOf(line.take()!).slice(1));
          done[guild]! += sizes[guild]!;
        }
        const largest = Math.max(...sizes);
        expect(Math.max(...done) - Math.min(...done)).toBeLessThanOrEqual(2 * largest);
      },
    ),
  );
});

/** Each keeps some jobs of one size waiting: those with one leave at every turn and come back at once. */
const habits = fc.array(fc.record({ work: fc.integer({ min: 1, max: 50 }), kept: fc.integer({ min: 1, max: 4 }) }), {
  minLength: 2,
  maxLength: 5,
});

test.each([
  ['guilds', (line: Line, who: number, work: number) => line.add(`${who}`, 'u', work), guildOf],
  ['members of a guild', (line: Line, who: number, work: number) => line.add('guild', `${who}`, work), userOf],
] as const)('%s that leave and come back get the same work, to within one job', (_, add, nameOf) => {
  fc.assert(
    fc.property(habits, fc.integer({ min: 1, max: 300 }), (habits, turns) => {
      const line = new Line();
      habits.forEach(({ work, kept }, who) => {
        for (let k = 0; k < kept; k++) add(line, who, work);
      });
      const done = habits.map(() => 0);
      for (let turn = 0; turn < turns; turn++) {
        const who = Number(nameOf(line.take()!));
        done[who]! += habits[who]!.work;
        add(line, who, habits[who]!.work);
      }
      const largest = Math.max(...habits.map(({ work }) => work));
      expect(Math.max(...done) - Math.min(...done)).toBeLessThanOrEqual(largest);
    }),
  );
});

test('who comes back is behind as much of each other guild as its own last job took, and one job more', () => {
  fc.assert(
    fc.property(script, (steps) => {
      const line = new Line();
      const works = new Map<string, number>();
      let last = 0;
      for (const step of steps) {
        if (step) works.set(line.add(step.guild, step.user, step.work), step.work);
        else {
          const id = line.take();
          if (id && guildOf(id) === 'a') last = works.get(id)!;
        }
      }
      fc.pre(!line.fair.order().some((id) => guildOf(id) === 'a'));
      const mine = line.add('a', 'x', 5);
      const ahead = line.fair.order().slice(0, line.fair.order().indexOf(mine));
      for (const guild of new Set(ahead.map(guildOf))) {
        const [, ...before] = ahead.filter((id) => guildOf(id) === guild).reverse();
        expect(before.reduce((sum, id) => sum + works.get(id)!, 0)).toBeLessThanOrEqual(last);
      }
    }),
  );
});

test('work done while nobody else waited is not held against anybody', () => {
  const line = new Line();
  line.add('a', 'u', 1000);
  line.take();
  line.add('b');
  const back = line.add('a');
  line.add('b');
  expect(line.fair.order().indexOf(back)).toBe(1);
});

test('shares are counted in work: one large job costs as many turns as it is worth small ones', () => {
  const line = new Line();
  for (let k = 0; k < 4; k++) line.add('large', 'u', 4);
  for (let k = 0; k < 16; k++) line.add('small', 'u', 1);
  const first = line.takeAll().slice(0, 10).map(guildOf);
  expect(first.filter((guild) => guild === 'large')).toHaveLength(2);
});

test('a removed job never comes, and the others keep their order', () => {
  fc.assert(
    fc.property(fc.array(job, { minLength: 1, maxLength: 40 }), fc.nat(), (jobs, which) => {
      const line = new Line();
      const ids = jobs.map(({ guild, user, work }) => line.add(guild, user, work));
      const gone = ids[which % ids.length]!;
      line.fair.remove(gone);
      line.fair.remove(gone);
      expect(line.fair.size).toBe(ids.length - 1);
      expect(line.takeAll().sort()).toEqual(ids.filter((id) => id !== gone).sort());
    }),
  );
});
