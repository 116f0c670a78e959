import { dirname } from 'node:path';
import { EaselError } from '../../engine/errors.js';

/** For a file that was cut off or changed by hand: a new world in its place would delete the attachments. */
export function damaged(path: string, cause: unknown): EaselError {
  const why = (cause as Error).message;
  return new EaselError(
    `${path} is damaged (${why}). Restore a copy of it, or move the folder ${dirname(path)} away to start with an empty one.`,
    { cause },
  );
}

export function unreadable(path: string, cause: unknown): EaselError {
  const { code } = cause as NodeJS.ErrnoException;
  return new EaselError(
    `${path} cannot be read (${code}). Change its permissions, or set DATA_DIR to another folder.`,
    {
      cause,
    },
  );
}
