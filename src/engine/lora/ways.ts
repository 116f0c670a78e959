import type { Part } from './names.js';
import { DeltaError, type Parts } from './parts.js';

/** How a module's weight is changed. OFT includes BOFT: rotations one after another. */
export type Way = 'LoRA' | 'LoHa' | 'LoKr' | 'GLoRA' | 'OFT' | '(IA)^3' | 'full';

/** The parts that each method has, and those it needs: one alternative of each group. */
const WAYS: readonly { way: Way; parts: RegExp; needs: readonly (readonly (readonly Part[])[])[] }[] = [
  { way: 'LoRA', parts: /^(up|down|mid)$/, needs: [[['up', 'down']]] },
  { way: 'LoHa', parts: /^hada_/, needs: [[['hada_w1_a', 'hada_w1_b', 'hada_w2_a', 'hada_w2_b']]] },
  {
    way: 'LoKr',
    parts: /^lokr_/,
    needs: [
      [['lokr_w1'], ['lokr_w1_a', 'lokr_w1_b']],
      [['lokr_w2'], ['lokr_w2_a', 'lokr_w2_b']],
    ],
  },
  { way: 'GLoRA', parts: /^glora_/, needs: [[['glora_a1', 'glora_a2', 'glora_b1', 'glora_b2']]] },
  { way: 'OFT', parts: /^oft_blocks$/, needs: [] },
  { way: '(IA)^3', parts: /^(ia3|on_input)$/, needs: [[['ia3', 'on_input']]] },
  { way: 'full', parts: /^diff$/, needs: [] },
];

/** The one way in which a module's parts change its weight; none if they change only its bias, or nothing. @throws DeltaError if parts are missing, or of several ways. */
export function wayOf(parts: Parts): Way | undefined {
  const [first, second] = WAYS.filter(({ parts: own }) => [...parts.keys()].some((part) => own.test(part)));
  if (!first) return undefined;
  if (second) throw new DeltaError(`it has parts of both ${first.way} and ${second.way}`);
  for (const alternatives of first.needs) {
    if (alternatives.some((group) => group.every((part) => parts.has(part)))) continue;
    const wanted = alternatives.find((group) => group.some((part) => parts.has(part))) ?? alternatives[0]!;
    throw new DeltaError(`it lacks its part "${wanted.find((part) => !parts.has(part))}"`);
  }
  return first.way;
}

/** The method's name, as its authors call it. */
export function wayInWords(way: Way, parts: Parts): string {
  const base = way === 'OFT' && parts.get('oft_blocks')!.shape.length === 4 ? 'BOFT' : way;
  return parts.has('dora_scale') || parts.has('magnitude') ? `${base} with DoRA` : base;
}
