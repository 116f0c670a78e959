import type { APIApplicationCommand, APIMessage, APIUser } from 'discord-api-types/v10';
import { mayUse } from '../command-access.js';
import type {
  PageAnswer,
  PageApplication,
  PageChannel,
  PageEvent,
  PageGuild,
  PageInteraction,
  PageReady,
} from '../page-protocol.js';
import { Api, Refused } from './api.js';
import { labelOf } from './command-options.js';
import { fileOf, linkTo } from './links.js';
import { connect } from './live.js';
import { after, emojiKey, isNews, type News } from './news.js';
import { Flag, Permission } from './numbers.js';
import { type Place, pathOf, placeOf } from './place.js';
import { keepUnchanged } from './unchanged.js';
import { speak, spoken, t } from './words.js';

/** Something that only this window sees, at the end of a channel: a command on its way, or that it failed. */
export interface Note {
  id: string;
  channel: string;
  command: string;
  state: 'sending' | 'failed';
  text: string;
}

export interface Typing {
  user: string;
  until: number;
}

const TYPING_LASTS = 10_000;
const PAGE_OF_MESSAGES = 50;

/**
 * What the window knows, fed by live events. Elements watch it (watch.ts) and change it only through its methods.
 * Messages are replaced, never changed, so that only what differs is rendered again. Its events: `change` for anything,
 * `message` for each new one, `edit` for each that changed, `own` when the account did something, `arrive` for another place, `modal` for one to open.
 */
export class Store extends EventTarget {
  ready: PageReady | null = null;
  online = false;
  place: Place = placeOf(location.pathname);
  /** By channel, oldest first; missing until first shown. */
  readonly messages = new Map<string, readonly APIMessage[]>();
  /** Channels whose beginning is loaded. */
  readonly whole = new Set<string>();
  readonly unread = new Set<string>();
  readonly typing = new Map<string, readonly Typing[]>();
  notes: readonly Note[] = [];
  /** Components that wait for the app's answer: message id and custom id. */
  busy: ReadonlySet<string> = new Set();
  /** Messages of whose components the last use failed. */
  failed: ReadonlySet<string> = new Set();
  /** The last thing to tell in passing. */
  toast: { text: string; bad: boolean } | null = null;
  api: Api;
  /** Channels that are being loaded, and what happened in them meanwhile. */
  readonly #loading = new Map<string, News[]>();
  readonly #fresh = new Map<string, Promise<string | null>>();
  #disconnect = () => {};
  /** The connection is new, and what happened before it is unknown. */
  #connected = false;
  #toastTimer = 0;

  constructor(account: string) {
    super();
    this.api = new Api(account);
    window.addEventListener('popstate', () => this.#arrive(placeOf(location.pathname)));
  }

  start(): void {
    this.#disconnect();
    this.#disconnect = connect(
      this.api.account,
      (event) => this.#take(event),
      (online) => {
        this.online = online;
        if (online) this.#connected = true;
        this.#changed();
      },
    );
  }

  /** The same page as another account: everything is asked for again. */
  become(account: string): void {
    sessionStorage.setItem('account', account);
    this.api = new Api(account);
    this.messages.clear();
    this.#loading.clear();
    this.#fresh.clear();
    this.whole.clear();
    this.unread.clear();
    this.notes = [];
    this.busy = new Set();
    this.failed = new Set();
    this.ready = null;
    this.#changed();
    this.start();
  }

  get guild(): PageGuild | undefined {
    return this.ready?.guilds.find(({ id }) => id === this.place.guild);
  }

  get channel(): PageChannel | undefined {
    return this.channelOf(this.place.channel);
  }

  /** What messages name: the account, people, roles, channels and commands. Compared by identity, it tells whether any changed. */
  get named(): readonly unknown[] {
    const { me, guilds, directMessages, applications } = this.ready ?? {};
    return [me, guilds, directMessages, applications, this.place.guild];
  }

  /** Language of the account's client. */
  get locale(): string {
    return this.ready?.me.locale ?? 'en-US';
  }

  channelOf(id: string | null): PageChannel | undefined {
    const all = [
      ...(this.ready?.guilds.flatMap(({ channels }) => channels) ?? []),
      ...(this.ready?.directMessages ?? []),
    ];
    return all.find((channel) => channel.id === id);
  }

  guildOf(channel: PageChannel | undefined): PageGuild | undefined {
    return this.ready?.guilds.find(({ id }) => id === channel?.guild_id);
  }

  userOf(id: string): APIUser | undefined {
    const members = this.ready?.guilds.flatMap((guild) => guild.members.map(({ user }) => user)) ?? [];
    const others = this.ready?.directMessages.flatMap(({ recipient }) => recipient ?? []) ?? [];
    return [this.ready?.me.user, ...members, ...others].find((user) => user?.id === id);
  }

  applicationOf(botOrApplication: string): PageApplication | undefined {
    return this.ready?.applications.find(({ id, bot }) => id === botOrApplication || bot.id === botOrApplication);
  }

  isOnline({ id, bot }: APIUser): boolean {
    return bot ? (this.applicationOf(id)?.online ?? false) : (this.ready?.online.includes(id) ?? false);
  }

  may(permission: bigint, channel = this.channel): boolean {
    const mine = BigInt(channel?.permissions ?? 0);
    return (mine & Permission.Administrator) !== 0n || (mine & permission) === permission;
  }

  /** Commands that the account may use in the channel, with their application. */
  commandsIn(channel: PageChannel, type: number): { application: PageApplication; command: APIApplicationCommand }[] {
    return (this.ready?.applications ?? []).flatMap((application) =>
      application.commands
        .filter((command) => command.type === type && this.#mayUse(application, command, channel))
        .map((command) => ({ application, command })),
    );
  }

  /** A command's name in the account's language. @param name with a subcommand behind a blank. */
  labelOf(name: string): string {
    return labelOf(this.ready?.applications.flatMap(({ commands }) => commands) ?? [], name, this.locale);
  }

  #mayUse(application: PageApplication, command: APIApplicationCommand, channel: PageChannel): boolean {
    return mayUse(command, {
      guildId: channel.guild_id,
      nsfw: channel.nsfw,
      permissions: BigInt(channel.permissions),
      withApp: channel.recipient?.id === application.bot.id,
      added: channel.guild_id !== null && application.guild_ids.includes(channel.guild_id),
      installed: application.installed,
    });
  }

  go(place: Place): void {
    const path = pathOf(place);
    if (path !== location.pathname) history.pushState(null, '', path);
    this.#arrive(place);
  }

  /** To a server's or the direct messages' last visited channel, or its first. */
  goTo(guild: string | null): void {
    const last = sessionStorage.getItem(`last:${guild ?? '@me'}`);
    const channels = guild ? this.ready?.guilds.find(({ id }) => id === guild)?.channels : this.ready?.directMessages;
    const channel = channels?.find(({ id }) => id === last) ?? channels?.[0];
    this.go({ guild, channel: channel?.id ?? null, message: null });
  }

  #arrive(place: Place): void {
    this.place = place;
    if (place.channel) {
      sessionStorage.setItem(`last:${place.guild ?? '@me'}`, place.channel);
      this.unread.delete(place.channel);
      void this.#show(place.channel, place.message);
    }
    this.#changed();
    this.dispatchEvent(new Event('arrive'));
  }

  /** Loads what is not there: the newest messages, and all up to the one that a link names. */
  async #show(channel: string, message: string | null): Promise<void> {
    const { place } = this;
    if (!this.messages.has(channel)) await this.#load(channel);
    if (!message) return;
    for (;;) {
      const known = this.messages.get(channel);
      const oldest = known?.[0];
      if (!oldest || known.some(({ id }) => id === message) || this.place !== place) return;
      if (this.whole.has(channel) || BigInt(oldest.id) < BigInt(message)) break;
      await this.loadOlder(channel);
      // Refused: it has been told why.
      if (this.messages.get(channel) === known) break;
    }
    // It is gone: the newest are shown.
    this.place = { ...place, message: null };
    this.#changed();
  }

  async #load(channel: string): Promise<void> {
    const { api } = this;
    const before = this.messages.get(channel) ?? [];
    // The answer may be older than what came by the socket while it was on its way.
    const meanwhile: News[] = [];
    this.#loading.set(channel, meanwhile);
    const messages = await this.attempt(api.messages(channel));
    if (this.#loading.get(channel) !== meanwhile) return;
    this.#loading.delete(channel);
    if (!messages) return;
    // A reaction counts once: whether the answer counts it already, only another answer tells.
    if (meanwhile.some(({ t }) => t.startsWith('MESSAGE_REACTION'))) return this.#load(channel);
    // Without a message in common there may be a gap: what is older is asked for again when it is wanted.
    const common = before.findIndex(({ id }) => id === messages[0]?.id);
    const loaded = withEphemeral([...before.slice(0, Math.max(common, 0)), ...messages], before);
    this.messages.set(
      channel,
      meanwhile.reduce((all, event) => after(all, event, api.account), loaded),
    );
    if (messages.length < PAGE_OF_MESSAGES) this.whole.add(channel);
    else if (common < 0) this.whole.delete(channel);
    this.#changed();
  }

  async loadOlder(channel: string): Promise<void> {
    const known = this.messages.get(channel);
    if (!known?.length || this.whole.has(channel)) return;
    const older = await this.attempt(this.api.messages(channel, known[0]!.id));
    if (!older) return;
    const now = this.messages.get(channel) ?? [];
    this.messages.set(channel, [...older.filter(({ id }) => !now.some((one) => one.id === id)), ...now]);
    if (older.length < PAGE_OF_MESSAGES) this.whole.add(channel);
    this.#changed();
  }

  /** Another address for a picture whose own is no longer taken, as after a day; null where there is none. Asks once for each. */
  fresh(url: string): Promise<string | null> {
    const asked = this.#fresh.get(url) ?? this.#again(url);
    this.#fresh.set(url, asked);
    return asked;
  }

  async #again(url: string): Promise<string | null> {
    const named = fileOf(url);
    const before = named && this.messages.get(named.channel)?.find((one) => linkTo(named.file, one));
    if (!before) return null;
    const { api } = this;
    const d = await api.message(named.channel, before.id).catch((error) => {
      if (!(error instanceof Refused)) throw error;
      return null;
    });
    const known = this.messages.get(named.channel);
    if (!d || api !== this.api) return null;
    // An edit that came meanwhile is newer, and has its own addresses.
    if (known?.includes(before)) {
      this.messages.set(named.channel, after(known, { t: 'MESSAGE_UPDATE', d }, api.account));
      this.#changed();
    }
    const found = linkTo(named.file, d);
    return found && found !== url ? found : null;
  }

  /** Uses a command; a note stands for the answer until it comes. @returns the modal if that is the answer. */
  async command(channel: string, name: string, interaction: PageInteraction, files: readonly File[] = []) {
    const note: Note = { id: crypto.randomUUID(), channel, command: name, state: 'sending', text: '' };
    this.notes = [...this.notes, note];
    this.dispatchEvent(new Event('own'));
    this.#changed();
    let answer: PageAnswer | null = null;
    let refusal = '';
    try {
      answer = await this.api.interact(channel, interaction, files);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      refusal = error.message;
    }
    if (answer && answer.kind !== 'failed') this.dismissNote(note);
    else {
      const failed: Note = { ...note, state: 'failed', text: refusal || t('app.noResponse') };
      this.notes = this.notes.map((one) => (one.id === note.id ? failed : one));
    }
    this.#changed();
    return answer;
  }

  /** Presses or picks a component of a message. */
  async use(message: APIMessage, custom_id: string, component_type: number, values?: string[]) {
    const key = `${message.id} ${custom_id}`;
    if (this.busy.has(key)) return null;
    this.busy = new Set([...this.busy, key]);
    this.failed = without(this.failed, message.id);
    this.#changed();
    const data = { custom_id, component_type, ...(values && { values }) };
    const application_id = message.application_id ?? this.applicationOf(message.author.id)?.id ?? '';
    const answer = await this.attempt(
      this.api.interact(message.channel_id, { type: 3, application_id, message_id: message.id, data }),
    );
    this.busy = without(this.busy, key);
    if (!answer || answer.kind === 'failed') this.failed = new Set([...this.failed, message.id]);
    this.#changed();
    return answer;
  }

  dismissNote(note: Note): void {
    this.notes = this.notes.filter(({ id }) => id !== note.id);
    this.#changed();
  }

  /** Adds the account's reaction, or takes it back. */
  toggle(message: APIMessage, emoji: string): Promise<unknown> {
    const mine = message.reactions?.some((one) => one.me && emojiKey(one.emoji) === emoji) ?? false;
    return this.attempt(this.api.react(message.channel_id, message.id, emoji, !mine));
  }

  /** Tells of a refusal in passing; null then. */
  async attempt<T>(asked: Promise<T>): Promise<T | null> {
    try {
      return await asked;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.tell(error.message, true);
      return null;
    }
  }

  tell(text: string, bad = false): void {
    this.toast = { text, bad };
    clearTimeout(this.#toastTimer);
    this.#toastTimer = window.setTimeout(() => {
      this.toast = null;
      this.#changed();
    }, 5000);
    this.#changed();
  }

  #take(event: PageEvent): void {
    if (event.t === 'READY') this.#begin(event.d);
    else if (event.t === 'TYPING_START') this.#typing(event.d.channel_id, event.d.user_id);
    else if (isNews(event)) this.#hear(event);
    this.#changed();
  }

  #hear(event: News): void {
    const { channel_id } = event.d;
    this.#loading.get(channel_id)?.push(event);
    const known = this.messages.get(channel_id);
    if (known) this.messages.set(channel_id, after(known, event, this.api.account));
    if (event.t === 'MESSAGE_CREATE') this.#greet(event.d);
    if (event.t === 'MESSAGE_UPDATE') this.dispatchEvent(new CustomEvent('edit', { detail: event.d }));
  }

  #begin(ready: PageReady): void {
    const again = this.ready !== null && this.ready.me.user.id === ready.me.user.id;
    this.ready = keepUnchanged(this.ready, ready);
    this.#speak(ready.me.locale);
    if (!this.channel) {
      const [guild] = ready.guilds;
      this.goTo(this.guild?.id ?? guild?.id ?? null);
    } else if (!again || !this.messages.has(this.channel.id)) this.#arrive(this.place);
    // After a lost connection: what was missed.
    if (again && this.#connected && this.channel) {
      const here = this.channel.id;
      this.#loading.clear();
      for (const channel of this.messages.keys()) if (channel !== here) this.messages.delete(channel);
      for (const channel of [...this.whole]) if (channel !== here) this.whole.delete(channel);
      void this.#load(here);
    }
    this.#connected = false;
  }

  #speak(locale: string): void {
    speak(locale);
    document.documentElement.lang = spoken();
  }

  #greet(message: APIMessage): void {
    const { channel_id } = message;
    const typing = this.typing.get(channel_id) ?? [];
    this.typing.set(
      channel_id,
      typing.filter(({ user }) => user !== message.author.id),
    );
    if (channel_id !== this.place.channel) this.unread.add(channel_id);
    if (message.author.id === this.api.account) this.dispatchEvent(new Event('own'));
    this.dispatchEvent(new CustomEvent('message', { detail: message }));
  }

  #typing(channel: string, user: string): void {
    if (user === this.api.account) return;
    const others = (this.typing.get(channel) ?? []).filter((one) => one.user !== user && one.until > Date.now());
    this.typing.set(channel, [...others, { user, until: Date.now() + TYPING_LASTS }]);
    window.setTimeout(() => {
      this.typing.set(
        channel,
        (this.typing.get(channel) ?? []).filter(({ until }) => until > Date.now()),
      );
      this.#changed();
    }, TYPING_LASTS + 50);
  }

  #changed(): void {
    this.dispatchEvent(new Event('change'));
  }
}

/** The history does not have what only this window was told. Older than what is loaded, it is beyond a gap. */
function withEphemeral(loaded: readonly APIMessage[], before: readonly APIMessage[]): readonly APIMessage[] {
  const oldest = BigInt(loaded[0]?.id ?? 0);
  const kept = before.filter((one) => (one.flags ?? 0) & Flag.Ephemeral && BigInt(one.id) > oldest);
  const missing = kept.filter(({ id }) => !loaded.some((one) => one.id === id));
  return [...loaded, ...missing].sort((a, b) => (BigInt(a.id) < BigInt(b.id) ? -1 : 1));
}

function without(set: ReadonlySet<string>, gone: string): ReadonlySet<string> {
  return new Set([...set].filter((one) => one !== gone));
}
