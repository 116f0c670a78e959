/** The new value, with those parts of the old one that are equal, so that whatever shows only them need not render. */
export function keepUnchanged<T extends object>(before: T | null, now: T): T {
  if (!before) return now;
  const kept = Object.fromEntries(
    Object.entries(now).map(([key, value]) => {
      const old = before[key as keyof T];
      return [key, JSON.stringify(old) === JSON.stringify(value) ? old : value];
    }),
  ) as T;
  return Object.keys(kept).every((key) => kept[key as keyof T] === before[key as keyof T]) ? before : kept;
}
