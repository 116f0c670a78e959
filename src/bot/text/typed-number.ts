const NUMBER = /^[-+]?(\d+\.?\d*|\.\d+)$/;

/**
 * The number that a member typed into a text field: with a point or a comma, and in the full-width figures of a Japanese
 * keyboard as well. NaN if it is none.
 */
export function typedNumber(text: string): number {
  // NFKC does not turn the minus sign into a hyphen.
  const plain = text.trim().normalize('NFKC').replace('−', '-').replace(',', '.');
  return NUMBER.test(plain) ? Number(plain) : Number.NaN;
}
