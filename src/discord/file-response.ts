/** What a browser shows without running anything; SVG is not among it. */
const SHOWN = /^(image\/(png|jpeg|webp|gif|avif|bmp|apng)|video\/[\w.+-]+)$/;

/** In an origin of its own and without scripts. The rest lets a browser show a single picture or video. */
const POLICY = "sandbox; default-src 'none'; media-src 'self'; style-src 'unsafe-inline'";

/**
 * A file that somebody uploaded. It comes from the page's own origin here, and must not act as the page: Discord keeps
 * files on another domain for that.
 */
export function fileResponse({ bytes, type }: { bytes: Uint8Array; type: string }, headers = {}): Response {
  return new Response(new Uint8Array(bytes), {
    headers: {
      'content-type': type,
      'x-content-type-options': 'nosniff',
      'content-security-policy': POLICY,
      ...(!SHOWN.test(type) && { 'content-disposition': 'attachment' }),
      ...headers,
    },
  });
}
