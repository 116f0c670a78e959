import type { PageAccount } from '../page-protocol.js';
import { Api } from './api.js';
import { Store } from './store.js';

/** Retries until the local Discord answers, since the page may be open before it has started. */
async function accounts(): Promise<PageAccount[]> {
  for (;;) {
    try {
      return await Api.accounts();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
}

/** The window's account: `?as=` in the address, otherwise this tab's last one, otherwise the first administrator. */
async function account(): Promise<string> {
  const known = await accounts();
  const asked = new URLSearchParams(location.search).get('as');
  const wanted = [asked, sessionStorage.getItem('account')].find((id) => known.some(({ user }) => user.id === id));
  const chosen = wanted ?? (known.find(({ administrator }) => administrator) ?? known[0]!).user.id;
  sessionStorage.setItem('account', chosen);
  if (asked) history.replaceState(null, '', location.pathname);
  return chosen;
}

/** This window's store; the page has one. */
export const store = new Store(await account());
store.start();
