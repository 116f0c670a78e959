/** Types that a browser shows without running anything; not SVG. */
const SHOWN = /^(image\/(png|jpeg|webp|gif|avif|bmp|apng)|video\/[\w.+-]+)$/;

/** In an origin of its own and without scripts, but a single picture or video can be shown. */
const POLICY = "sandbox; default-src 'none'; media-src 'self'; style-src 'unsafe-inline'";

/**
 * An uploaded file. Here it is served from the page's own origin, so it must not act as the page; Discord serves files
 * from another domain for that.
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
