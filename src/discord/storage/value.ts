/** JSON with maps, sets and large integers. */
export function stringify(value: unknown): string {
  return JSON.stringify(value, replace);
}

/** What `stringify` wrote. @throws SyntaxError */
export function parse(text: string): unknown {
  return JSON.parse(text, revive);
}

function replace(_: string, value: unknown): unknown {
  if (value instanceof Map) return { $map: [...value] };
  if (value instanceof Set) return { $set: [...value] };
  return typeof value === 'bigint' ? { $bigint: value.toString() } : value;
}

function revive(_: string, value: { $map?: []; $set?: []; $bigint?: string }): unknown {
  if (value?.$map) return new Map(value.$map);
  if (value?.$set) return new Set(value.$set);
  return value?.$bigint === undefined ? value : BigInt(value.$bigint);
}
