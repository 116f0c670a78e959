import type { APIMessage } from 'discord-api-types/v10';
import type { PageAccount, PageAnswer, PageInteraction } from '../page-protocol.js';
import { t } from './words.js';

/** The local Discord refused something; the message is its own. */
export class Refused extends Error {
  override name = 'Refused';

  constructor(
    message: string,
    readonly code: number,
  ) {
    super(message);
  }
}

/** A message to be sent. */
export interface Draft {
  content: string;
  sticker_ids?: string[];
  message_reference?: { message_id: string };
}

/** The local Discord's API for the page, as one account. */
export class Api {
  constructor(readonly account: string) {}

  static async accounts(): Promise<PageAccount[]> {
    const response = await fetch('/page/api/accounts');
    if (!response.ok) throw new Refused(t('app.noAnswer'), response.status);
    return response.json();
  }

  messages(channel: string, before?: string): Promise<APIMessage[]> {
    const query = before ? `?limit=50&before=${before}` : '?limit=50';
    return this.#ask('GET', `/channels/${channel}/messages${query}`);
  }

  message(channel: string, message: string): Promise<APIMessage> {
    return this.#ask('GET', `/channels/${channel}/messages/${message}`);
  }

  send(channel: string, draft: Draft, files: readonly File[]): Promise<APIMessage> {
    return this.#ask('POST', `/channels/${channel}/messages`, draft, files);
  }

  delete(channel: string, message: string): Promise<void> {
    return this.#ask('DELETE', `/channels/${channel}/messages/${message}`);
  }

  /** @param emoji a character, or name:id. */
  react(channel: string, message: string, emoji: string, on: boolean): Promise<void> {
    const path = `/channels/${channel}/messages/${message}/reactions/${encodeURIComponent(emoji)}`;
    return this.#ask(on ? 'PUT' : 'DELETE', path);
  }

  interact(channel: string, interaction: PageInteraction, files: readonly File[] = []): Promise<PageAnswer> {
    return this.#ask('POST', `/channels/${channel}/interactions`, interaction, files);
  }

  typing(channel: string): Promise<void> {
    return this.#ask('POST', `/channels/${channel}/typing`);
  }

  /** Sets the language of the account's client. */
  speak(locale: string): Promise<void> {
    return this.#ask('PATCH', '/me', { locale });
  }

  /** Sets a server's primary language. */
  speakIn(guild: string, locale: string): Promise<void> {
    return this.#ask('PATCH', `/guilds/${guild}`, { preferred_locale: locale });
  }

  /** @throws Refused with Discord's text, or because the server cannot be reached. */
  async #ask<T>(method: string, path: string, body?: object, files: readonly File[] = []): Promise<T> {
    const headers: Record<string, string> = { 'x-account': this.account };
    const json = body && JSON.stringify(body);
    if (json && files.length === 0) headers['content-type'] = 'application/json';
    const response = await fetch(`/page/api${path}`, {
      method,
      headers,
      ...(json && { body: files.length > 0 ? multipart(json, files) : json }),
    }).catch((cause: unknown) => {
      throw new Refused(`${t('app.noAnswer')} (${String(cause)})`, 0);
    });
    if (response.status === 204) return undefined as T;
    const answer = await response.json().catch(() => null);
    if (!response.ok)
      throw new Refused(explain(answer) ?? t('app.answered', { status: response.status }), answer?.code ?? 0);
    return answer as T;
  }
}

function multipart(json: string, files: readonly File[]): FormData {
  const form = new FormData();
  form.set('payload_json', json);
  for (const [n, file] of files.entries()) form.set(`files[${n}]`, file, file.name);
  return form;
}

/** Discord's message, with the innermost text of a form error. */
function explain(answer: { message?: string; errors?: unknown } | null): string | undefined {
  const inner = (node: unknown): string | undefined => {
    if (typeof node !== 'object' || node === null) return undefined;
    if ('_errors' in node && Array.isArray(node._errors)) return node._errors[0]?.message;
    return Object.values(node).map(inner).find(Boolean);
  };
  const detail = inner(answer?.errors);
  return detail ? `${answer?.message}: ${detail}` : answer?.message;
}
