import { FILE_LIMIT, Permission } from './numbers.js';
import { formatBytes } from './shown-picture.js';
import type { Store } from './store.js';
import { t } from './words.js';

/** Most files in a message (documentation, "Create Message"). */
const MOST_FILES = 10;

/** The files with one more, or unchanged, in which case the user is told why. */
export function withFile(files: readonly File[], file: File, store: Store): readonly File[] {
  const refused = refusal(files, file, store);
  if (!refused) return [...files, file];
  store.tell(refused, true);
  return files;
}

function refusal(files: readonly File[], { name, size }: File, store: Store): string | null {
  if (!store.may(Permission.AttachFiles)) return t('composer.noFiles');
  if (size > FILE_LIMIT)
    return t('composer.tooLarge', { name, size: formatBytes(size), limit: formatBytes(FILE_LIMIT) });
  return files.length < MOST_FILES ? null : t('composer.tooMany', { count: MOST_FILES });
}
