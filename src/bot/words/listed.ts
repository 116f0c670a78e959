/** The entries of a list of refused words, as people type it: separated by commas or lines. Lower case, each once. */
export function listed(text: string): string[] {
  return [
    ...new Set(
      text
        .toLowerCase()
        .split(/[,\n]/)
        .map((word) => word.trim()),
    ),
  ].filter(Boolean);
}
