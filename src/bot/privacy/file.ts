import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { Refusal } from '../text/refusal.js';

/** The data as a file that Discord accepts, compressed if necessary. @throws Refusal if even that is too large. */
export async function exportFile(json: Buffer, name: string, limit: number): Promise<{ name: string; bytes: Buffer }> {
  if (json.length <= limit) return { name: `${name}.json`, bytes: json };
  const bytes = await promisify(gzip)(json, { level: 9 });
  if (bytes.length <= limit) return { name: `${name}.json.gz`, bytes };
  throw new Refusal('privacyTooLarge');
}
