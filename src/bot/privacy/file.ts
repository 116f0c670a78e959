import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { Refusal } from '../text/refusal.js';

/** Data as a file that Discord accepts, compressed if necessary. @throws Refusal if even that is too large. */
export async function exportFile(data: Buffer, name: string, limit: number): Promise<{ name: string; bytes: Buffer }> {
  if (data.length <= limit) return { name, bytes: data };
  const bytes = await promisify(gzip)(data, { level: 9 });
  if (bytes.length <= limit) return { name: `${name}.gz`, bytes };
  throw new Refusal('privacyTooLarge');
}
