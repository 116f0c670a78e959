import { describe, expect, test } from 'vitest';
import { Memory } from '../../../src/engine/runtime/memory.js';
import { ThriftySession } from '../../../src/engine/runtime/thrifty-session.js';

const MB = 2 ** 20;
/** What the memory keeps for Node itself. */
const RESERVE = 128;

/** A way to run a network, which takes `held` and per place `more` MB of a machine's memory while it is open. */
function way(name: string, machine: { free: number; log: string[] }, held: number, more: number) {
  let open = 0;
  return {
    need: ([places]: readonly number[]) => ({ held: held * MB, more: more * places! * MB }),
    session: {
      run: async () => {
        machine.free -= held - open;
        open = held;
        machine.log.push(name);
        return {};
      },
      outputNames: async () => [name],
      inputShape: async () => undefined,
      release: async () => {
        if (open > 0) machine.log.push(`${name} released`);
        machine.free += open;
        open = 0;
      },
    },
  };
}

function networks(free: number) {
  const machine = { free: free + RESERVE, log: [] as string[] };
  const memory = new Memory(() => machine.free * MB);
  const unet = new ThriftySession([way('packed', machine, 300, 10), way('mapped', machine, 0, 10)], memory);
  const decoder = new ThriftySession([way('whole', machine, 20, 40), way('bands', machine, 10, 20)], memory);
  const run = async (session: ThriftySession, places: number) => {
    machine.log.length = 0;
    await session.readyFor([places]);
    await session.run({});
    return machine.log.join(', ');
  };
  return { machine, unet, decoder, run };
}

describe('a network takes', () => {
  test('its fastest way where there is enough memory', async () => {
    const { unet, decoder, run } = networks(1000);
    expect(await run(unet, 10)).toBe('packed');
    expect(await run(decoder, 10)).toBe('whole');
    expect(await run(unet, 10)).toBe('packed');
  });

  test('the next where there is not, and the fastest again for a smaller picture', async () => {
    const { unet, decoder, run } = networks(600);
    expect(await run(unet, 10)).toBe('packed');
    expect(await run(decoder, 10)).toBe('bands');
    expect(await run(decoder, 2)).toBe('bands released, whole');
    expect(await run(unet, 40)).toBe('packed released, mapped');
  });

  test('what others hold, when it is not enough otherwise', async () => {
    const { unet, decoder, run } = networks(500);
    await run(unet, 10);
    expect(await run(decoder, 15)).toBe('packed released, bands');
    expect(await run(unet, 10)).toBe('packed');
  });

  test('the way that takes least, if nothing is enough: the estimate may be too high', async () => {
    const { decoder, run } = networks(50);
    expect(await run(decoder, 30)).toBe('bands');
  });

  test('no other way from one step to the next only because memory has become free', async () => {
    const { machine, unet, run } = networks(250);
    expect(await run(unet, 10)).toBe('mapped');
    machine.free += 1000;
    expect(await run(unet, 10)).toBe('mapped');
    expect(await run(unet, 11)).toBe('packed');
  });

  test('what it holds itself counts as free for it', async () => {
    const { unet, run } = networks(410);
    expect(await run(unet, 10)).toBe('packed');
    expect(await run(unet, 11)).toBe('packed');
    expect(unet.fits([41])).toBe(true);
    expect(unet.fits([42])).toBe(false);
  });
});
