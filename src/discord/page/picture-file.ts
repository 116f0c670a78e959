import { store } from './session.js';
import { t } from './words.js';

/** A picture in a message as a file; null if it is gone, which the account is told. */
export async function pictureFile({ url, filename }: { url: string; filename: string }): Promise<File | null> {
  // The path alone: whether the window calls this machine localhost or by its number.
  const load = ({ pathname, search }: URL) => fetch(pathname + search);
  let response = await load(new URL(url));
  const fresh = response.status === 404 && (await store.freshLinks.of(url));
  if (fresh) response = await load(new URL(fresh));
  if (!response.ok) {
    store.tell(t('app.pictureGone'), true);
    return null;
  }
  const blob = await response.blob();
  return new File([blob], filename || 'picture.png', { type: blob.type });
}
