import { ApiError } from '../api-error.js';

/** A picture that is sent as text, as AUTOMATIC1111 takes it (decode_base64_to_image): nothing is fetched for a program. */
export function pictureIn(encoded: string): Uint8Array {
  if (/^https?:\/\//i.test(encoded)) throw new ApiError(500, 'Requests not allowed');
  const text = encoded.startsWith('data:image/') ? encoded.slice(encoded.indexOf(',') + 1) : encoded;
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length === 0) throw new ApiError(500, 'Invalid encoded image');
  return bytes;
}

/** What stands where the safety checker flagged a picture: programs expect as many as they asked for. */
export async function blackPng(width: number, height: number): Promise<Uint8Array> {
  const { default: sharp } = await import('sharp');
  return sharp({ create: { width, height, channels: 3, background: '#000' } })
    .png()
    .toBuffer();
}
