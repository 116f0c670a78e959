/** Groups of file types (documentation, "Application Commands", option `file_types`): what clients can show or play. */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  image: ['.png', '.jpg', '.jpeg', '.gif', '.webp', '.avif'],
  video: ['.mp4', '.mov', '.webm'],
  audio: ['.mp3', '.ogg', '.wav', '.flac', '.m4a'],
};

/** Most entries of an option, of 16 characters at most. */
const MOST = 10;

/** The extensions, with their dots, that an option's `file_types` come to; undefined where any file fits. */
export function extensionsOf(types: readonly string[] | undefined): readonly string[] | undefined {
  return types?.length ? types.flatMap((type) => GROUPS[type] ?? [type.toLowerCase()]) : undefined;
}

/** Whether a client lets a file of this name be attached. It only looks at the extension. */
export function fitsFileTypes(types: readonly string[] | undefined, name: string): boolean {
  return extensionsOf(types)?.some((extension) => name.toLowerCase().endsWith(extension)) ?? true;
}

/** Whether a command may ask for these. */
export function areFileTypes(types: unknown): boolean {
  return (
    Array.isArray(types) &&
    types.length <= MOST &&
    types.every((type) => typeof type === 'string' && (type in GROUPS || /^\.[\w.-]{1,15}$/.test(type)))
  );
}
