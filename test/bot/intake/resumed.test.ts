import { expect, test } from 'vitest';
import { resumed } from '../../../src/bot/intake/resumed.js';
import { DEFAULTS } from '../../../src/bot/rules/settings.js';
import { Refusal } from '../../../src/bot/text/refusal.js';
import { aJob } from '../request.js';

const card = { nativeSize: 64, steps: 20, scale: 4, sampler: 'ddim', upscaleStrength: 0.2 };
const model = { card, kind: 'weights', downsampling: 8, latentMultiple: 8 };
const models = new Map(
  ["operator's", "server's", 'unsafe'].map((name) => [name, { name, model, allowed: name !== 'unsafe' }]),
);
const canny = { kind: 'canny', net: 'gone-canny', image: 'key', weight: 1 } as const;

/** A job that waited across a restart. @param chosen by the server that it comes from; null if its rules are damaged. */
async function after(request: object, chosen: string | null = "server's", fits = ["operator's", "server's"]) {
  const recorded: unknown[] = [];
  const needs = {
    models,
    config: { model: "operator's" },
    controls: [{ name: 'new-canny', kind: 'canny', fits: new Set(fits) }],
    upscalers: [],
    settings: {
      of: async (guild: string | null) => {
        if (guild === '3' && chosen === null) throw new Refusal('settingsBroken');
        return { ...DEFAULTS, model: guild === '3' ? chosen : null };
      },
    },
    results: { revised: async (job: unknown) => void recorded.push(job) },
  };
  const job = aJob({ guildId: '3' }, request);
  return { job, now: await resumed(needs as never, job), recorded };
}

test('a job whose model, and all else, is here stays as it is', async () => {
  const { job, now, recorded } = await after({ model: "operator's" });
  expect(now).toBe(job);
  expect(recorded).toEqual([]);
});

test("a job whose model is gone is painted by its own server's choice", async () => {
  const { now, recorded } = await after({ model: 'gone' });
  const notices = [{ meaning: { code: 'modelReplaced', values: { gone: 'gone', model: "server's" } } }];
  expect(now).toMatchObject({ request: { model: "server's", steps: 20 }, work: 64 * 64 * 20, notices });
  expect(recorded).toEqual([now]);
});

test("rules that cannot be read keep no bot from starting: the operator's model paints", async () => {
  expect((await after({ model: 'gone' }, null)).now.request.model).toBe("operator's");
});

test('a job whose ControlNet is gone gets another of its kind', async () => {
  const { now, recorded } = await after({ model: "operator's", control: canny });
  expect(now.request.control).toEqual({ ...canny, net: 'new-canny' });
  expect(recorded).toEqual([now]);
});

test.each([
  ['a ControlNet of which there is none', { model: "operator's", control: { ...canny, kind: 'depth' } }, 'noControl'],
  ['a ControlNet that the model instead does not fit', { model: 'gone', control: canny }, 'controlUnfit'],
  ['an upscaler that is gone', { model: "operator's", kind: 'upscale', source: 'k', upscaler: 'x4' }, 'noUpscaler'],
  ['a model that may no longer be used', { model: 'unsafe' }, 'unsafeModel'],
])('a job with %s is refused by name', async (_, request, key) => {
  await expect(after(request, "server's", ["operator's"])).rejects.toMatchObject({ name: 'Refusal', key });
});
