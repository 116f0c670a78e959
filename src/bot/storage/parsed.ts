import type { z } from 'zod';

/** JSON that another process wrote, perhaps of another version. @returns null if it is not what the schema says. */
export function parsed<T>(schema: z.ZodType<T>, text: string | null | undefined): T | null {
  try {
    return schema.parse(JSON.parse(text ?? ''));
  } catch {
    return null;
  }
}
