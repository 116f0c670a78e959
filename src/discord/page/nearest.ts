interface Placed {
  getBoundingClientRect(): { readonly left: number; readonly top: number };
}

/**
 * The entry that an arrow key moves to in a grid whose rows may have different columns.
 *
 * @returns null above the first row, undefined for another key.
 */
export function nearest<E extends Placed>(from: E, entries: readonly E[], key: string): E | null | undefined {
  const at = entries.indexOf(from);
  if (key === 'ArrowRight') return entries[at + 1] ?? from;
  if (key === 'ArrowLeft') return entries[at - 1] ?? null;
  if (key !== 'ArrowDown' && key !== 'ArrowUp') return undefined;
  const { left, top } = from.getBoundingClientRect();
  const steps = entries.map((entry) => {
    const place = entry.getBoundingClientRect();
    return { entry, down: (place.top - top) * (key === 'ArrowDown' ? 1 : -1), aside: Math.abs(place.left - left) };
  });
  const beyond = steps.filter(({ down }) => down > 1).sort((a, b) => a.down - b.down || a.aside - b.aside);
  return beyond[0]?.entry ?? (key === 'ArrowDown' ? from : null);
}
