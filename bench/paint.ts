import type { Peer, Times } from './peers/peer.js';
import type { Axis, Results } from './results.js';
import { BASE, type Row } from './rows.js';
import { type Place, startPeer } from './start-peer.js';

interface How {
  readonly say: (text: string) => void;
  readonly late: () => boolean;
}

/** Whole pictures, from words to pixels, with the model open: each recipe in a process of its own. */
export async function paintRecipes(
  recipes: readonly Row[],
  place: Place,
  results: Results,
  { say, late, rounds, steps }: How & { rounds: number; steps?: number },
): Promise<void> {
  for (const recipe of recipes) {
    if (late()) {
      results.leftOut.push(`${recipe.name}, since the time was over`);
      continue;
    }
    const pictures: Times[] = [];
    let peer: Peer | undefined;
    try {
      peer = startPeer(recipe, place);
      say(`${recipe.name}: loading`);
      const asked = recipe.easel?.request?.steps ?? 1;
      // Of one step: it opens everything.
      await peer.order({ do: 'picture', side: results.side, steps: 1 });
      for (let k = 0; k < (asked > 8 ? 1 : rounds); k++) {
        pictures.push(
          await peer.order({ do: 'picture', side: results.side, ...(steps && { steps: Math.min(steps, asked) }) }),
        );
        say(`${recipe.name}: ${pictures.at(-1)!.cpu.toFixed(2)} s CPU, ${pictures.at(-1)!.wall.toFixed(2)} s`);
      }
      results.painted.push({ name: recipe.name, pictures, peak: peer.peak });
    } catch (error) {
      say(`${recipe.name}: ${(error as Error).message}`);
      results.painted.push({ name: recipe.name, failed: (error as Error).message, pictures });
    } finally {
      await peer?.close();
    }
  }
}

/** Sides in pixels, pictures painted together, tokens and steps that are measured, the usual one first. */
export type Points = Readonly<Record<Axis, readonly number[]>>;

/** How a guided step grows with the side, the pictures and the tokens; and how a picture grows with its steps. */
export async function grow(points: Points, place: Place, results: Results, { say, late }: How): Promise<void> {
  const int8: Row = { ...BASE, name: 'Easel, int8', easel: { open: { precision: 'int8' } } };
  for (const [precision, row] of [['int8', int8] as const, ['float32', BASE] as const]) {
    const stepper = startPeer(row, place);
    try {
      await stepper.order({ do: 'open' });
      const usual: Record<Exclude<Axis, 'steps'>, number> = { side: points.side[0]!, pictures: 1, tokens: 77 };
      const step = (axis: keyof typeof usual, at: number) => {
        const { side, pictures, tokens }: typeof usual = { ...usual, [axis]: at };
        return stepper.order({ do: 'step', batch: 2 * pictures, latent: side / 8, tokens });
      };
      await step('side', usual.side);
      for (const axis of ['side', 'pictures', 'tokens'] as const) {
        for (const at of points[axis]) await measure(axis, at, () => step(axis, at));
      }
    } finally {
      await stepper.close();
    }
    const painter = startPeer(row, place);
    try {
      await painter.order({ do: 'picture', side: points.side[0]!, steps: 1 });
      for (const at of points.steps) {
        await measure('steps', at, () => painter.order({ do: 'picture', side: points.side[0]!, steps: at }));
      }
    } finally {
      await painter.close();
    }

    async function measure(axis: Axis, at: number, work: () => Promise<Times>): Promise<void> {
      if (late()) {
        results.leftOut.push(`${precision}, ${axis} ${at}, since the time was over`);
        return;
      }
      const took = await work();
      say(`${precision}, ${axis} ${at}: ${took.cpu.toFixed(2)} s CPU, ${took.wall.toFixed(2)} s`);
      results.grown.push({ axis, precision, at, took });
    }
  }
}
