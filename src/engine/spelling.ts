/** The word that is spelt most like another, case and punctuation aside; undefined if none is at all like it. */
export function nearest(word: string, words: readonly string[]): string | undefined {
  const own = plain(word);
  let best: string | undefined;
  // One slip for every three letters.
  let least = Math.min(3, Math.floor(own.length / 3)) + 1;
  for (const other of words) {
    const slips = distance(own, plain(other));
    if (slips < least) [best, least] = [other, slips];
  }
  return best;
}

/** `num_inference_steps`, `numInferenceSteps` and `num-inference-steps` are one word. */
export function plain(word: string): string {
  return word
    .slice(0, 60)
    .toLowerCase()
    .replace(/[^a-z\d]/g, '');
}

/** Letters that are missing, too many, wrong or swapped with their neighbour (optimal string alignment). */
function distance(a: string, b: string): number {
  let [before, last]: number[][] = [[], Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const other = a[i - 1] === b[j - 1] ? 0 : 1;
      row[j] = Math.min(last![j]! + 1, row[j - 1]! + 1, last![j - 1]! + other);
      if (a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) row[j] = Math.min(row[j]!, before![j - 2]! + 1);
    }
    [before, last] = [last, row];
  }
  return last![b.length]!;
}
