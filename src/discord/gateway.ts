import { randomBytes } from 'node:crypto';
import { GatewayCloseCodes as Close, GatewayOpcodes as Op } from 'discord-api-types/v10';
import type { WebSocket } from 'ws';
import { maySee } from './audience.js';
import { type Identify, type Identity, identityOf, REASONS } from './identify.js';
import type { Payloads } from './payload.js';
import { SessionStarts, SHARDING, type Sharding, shardOf } from './session-starts.js';
import type { Application } from './things.js';
import type { World, WorldEvent } from './world.js';

const MAX_PAYLOAD = 4096;
const MAX_SENDS = 120;
const SENDS_WINDOW = 60_000;
/** Most dispatches that a resume can replay. */
const MAX_LOG = 1000;
/** Close codes after which a session cannot be resumed. */
const GOODBYE: readonly number[] = [1000, 1001, Close.SessionTimedOut];
/** Milliseconds that a heartbeat may be late beyond twice the interval, since this machine may be busy. */
const GRACE = 10_000;

/** A bot's session. It outlives its socket, so that the bot can resume it. */
interface Session extends Pick<Identity, 'application' | 'intents' | 'shard'> {
  readonly id: string;
  sequence: number;
  /** Sent dispatches, for a resume. */
  readonly log: { s: number; text: string }[];
  socket: WebSocket | null;
  presence: unknown;
}

/** Faults that tests can switch on. */
export interface GatewayFaults {
  /** Heartbeats are not acknowledged, so that the client must notice a zombie connection. */
  silent: boolean;
  /** Every dispatch is sent twice. */
  twice: boolean;
  /** Dispatches with these names wait for `release`, so that later ones overtake them. */
  held: RegExp | null;
  /** Every new connection is closed at once; with a number, those of one shard as soon as it says which it is. */
  away: boolean | number;
  /** Every IDENTIFY is refused with this close code. */
  refusal: Close | null;
}

/**
 * Discord's gateway, version 10, JSON without compression (documentation, "Gateway" and "Opcodes and status codes"). A
 * session gets what its intents ask for and its application may see.
 */
export class Gateway {
  readonly faults: GatewayFaults = { silent: false, twice: false, held: null, away: false, refusal: null };
  readonly sharding: Sharding;
  readonly #starts: SessionStarts;
  readonly #waiting: WorldEvent[] = [];
  readonly #sessions = new Map<string, Session>();

  constructor(
    private readonly world: World,
    private readonly payloads: Payloads,
    private readonly url: () => string,
    private readonly heartbeatInterval: number,
    private readonly after: (milliseconds: number, then: () => void) => () => void,
    sharding: Partial<Sharding> = {},
  ) {
    this.sharding = { ...SHARDING, ...sharding };
    this.#starts = new SessionStarts(this.sharding, world.now);
    world.listen((event) => this.#dispatch(event));
  }

  get sessions(): readonly Session[] {
    return [...this.#sessions.values()];
  }

  /** What `GET /gateway/bot` says. */
  forBot(application: Application) {
    return { url: this.url(), ...this.#starts.told(application) };
  }

  /** Handles a new socket: HELLO, then IDENTIFY or RESUME. */
  accept(socket: WebSocket): void {
    if (this.faults.away === true) {
      socket.terminate();
      return;
    }
    let session: Session | null = null;
    const timedOut = () => socket.close(Close.SessionTimedOut, 'Session timed out.');
    let cancel = this.after(2 * this.heartbeatInterval + GRACE, timedOut);
    const sends: number[] = [];
    send(socket, { op: Op.Hello, d: { heartbeat_interval: this.heartbeatInterval } });
    // A frame above the server's maxPayload closes the connection; without a listener, the error would end the process.
    socket.on('error', () => {});
    socket.on('close', (code) => {
      cancel();
      if (session?.socket !== socket) return;
      session.socket = null;
      // A client that closes normally does not come back; one that is cut off may.
      if (GOODBYE.includes(code)) this.#sessions.delete(session.id);
      this.#showPresence(session.application);
    });
    socket.on('message', (data) => {
      const text = data.toString();
      const now = this.world.now();
      sends.push(now);
      while (sends[0]! < now - SENDS_WINDOW) sends.shift();
      if (sends.length > MAX_SENDS) return socket.close(Close.RateLimited, 'You are being rate limited.');
      const payload = Buffer.byteLength(text) > MAX_PAYLOAD ? null : parse(text);
      if (!payload) return socket.close(Close.DecodeError, 'Error while decoding payload.');
      const { op, d } = payload;
      if (op === Op.Heartbeat) {
        cancel();
        cancel = this.after(2 * this.heartbeatInterval + GRACE, timedOut);
        if (!this.faults.silent) send(socket, { op: Op.HeartbeatAck });
      } else if (op === Op.Identify) {
        if (session) return socket.close(Close.AlreadyAuthenticated, 'Already authenticated.');
        session = this.#identify(socket, d);
      } else if (op === Op.Resume) {
        session = this.#resume(socket, d);
      } else if (!session) {
        socket.close(Close.NotAuthenticated, 'Not authenticated.');
      } else if (op === Op.PresenceUpdate) {
        session.presence = d;
        this.#showPresence(session.application);
      } else if (op === Op.RequestGuildMembers) {
        this.#members(session, d);
      } else if (op !== Op.VoiceStateUpdate) {
        socket.close(Close.UnknownOpcode, 'Unknown opcode.');
      }
    });
  }

  /** Cuts every connection, or one shard's, without a close frame, like a network failure; sessions can be resumed. */
  drop(shard?: number): void {
    for (const { socket } of this.#of(shard)) socket?.terminate();
  }

  /** Asks every client, or one shard, to reconnect and resume. */
  reconnect(shard?: number): void {
    for (const { socket } of this.#of(shard)) if (socket) send(socket, { op: Op.Reconnect, d: null });
  }

  /** Drops all sessions, or one shard's: clients must identify again. */
  invalidate(shard?: number): void {
    for (const session of this.#of(shard)) {
      if (session.socket) send(session.socket, { op: Op.InvalidSession, d: false });
      this.#sessions.delete(session.id);
    }
  }

  /** Sends what `faults.held` held back. */
  release(): void {
    this.faults.held = null;
    for (const event of this.#waiting.splice(0)) this.#dispatch(event);
  }

  close(): void {
    for (const { socket } of this.#sessions.values()) socket?.close(1001);
    this.#sessions.clear();
  }

  #identify(socket: WebSocket, d: Identify): Session | null {
    const { guildsPerShard } = this.sharding;
    const identity = this.faults.refusal ?? identityOf(d, this.world.applications.values(), guildsPerShard);
    if (typeof identity === 'number') {
      socket.close(identity, REASONS[identity]);
      return null;
    }
    const { application, intents, guilds } = identity;
    const [shard, shards] = identity.shard;
    if (this.faults.away === shard) {
      socket.terminate();
      return null;
    }
    const start = this.#starts.start(application, shard);
    if (start === 'tooSoon') send(socket, { op: Op.InvalidSession, d: false });
    if (start === 'tooMany') this.#endAll(application, socket);
    if (start !== 'allowed') return null;
    // A client that identifies again has given up the session it could have resumed.
    for (const { id, application: other, shard: known, socket } of this.sessions) {
      if (other === application && `${known}` === `${shard},${shards}` && !socket) this.#sessions.delete(id);
    }
    const id = randomBytes(16).toString('hex');
    const presence = d.presence ?? null;
    const session: Session = {
      id,
      application,
      intents,
      shard: [shard, shards],
      sequence: 0,
      log: [],
      socket,
      presence,
    };
    this.#sessions.set(id, session);
    this.#send(session, 'READY', {
      v: 10,
      user: {
        ...this.payloads.user(this.world.user(application.botId)),
        verified: true,
        mfa_enabled: false,
        email: null,
      },
      guilds: guilds.map((guild) => ({ id: guild, unavailable: true })),
      session_id: id,
      session_type: 'normal',
      resume_gateway_url: this.url(),
      shard: [shard, shards],
      application: { id: application.id, flags: 0 },
      private_channels: [],
      relationships: [],
      user_settings: {},
    });
    for (const guild of guilds) this.#send(session, 'GUILD_CREATE', this.payloads.guild(this.world.guild(guild)));
    this.#showPresence(application);
    return session;
  }

  /** "All active sessions for the app will be terminated, the bot token will be reset" (documentation, "Rate Limiting"). */
  #endAll(application: Application, last: WebSocket): void {
    application.token = `${application.token}-reset`;
    this.world.put('applications', application);
    for (const { id, application: other, socket } of this.sessions) {
      if (other !== application) continue;
      socket?.close(Close.AuthenticationFailed, REASONS[Close.AuthenticationFailed]);
      this.#sessions.delete(id);
    }
    last.close(Close.AuthenticationFailed, REASONS[Close.AuthenticationFailed]);
  }

  #resume(socket: WebSocket, d: { token: string; session_id: string; seq: number }): Session | null {
    const session = this.#sessions.get(d.session_id);
    const seq = typeof d.seq === 'number' ? d.seq : Number.NaN;
    const oldest = session?.log[0]?.s ?? 0;
    if (!session || session.application.token !== d.token || seq < oldest - 1) {
      send(socket, { op: Op.InvalidSession, d: false });
      return null;
    }
    if (!(seq <= session.sequence)) {
      socket.close(Close.InvalidSeq, 'Invalid seq.');
      return null;
    }
    if (this.faults.away === session.shard[0]) {
      socket.terminate();
      return null;
    }
    const before = session.socket;
    session.socket = socket;
    before?.terminate();
    for (const { s, text } of session.log) if (s > seq) socket.send(text);
    this.#send(session, 'RESUMED', {});
    this.#showPresence(session.application);
    return session;
  }

  /** A bot is there while any of its shards is. */
  #showPresence(application: Application): void {
    const online = this.sessions.find((session) => session.application === application && session.socket);
    const data = { user_id: application.botId, presence: online ? online.presence : null };
    this.world.publish({ name: 'LOCAL_PRESENCE', data });
  }

  #of(shard?: number): Session[] {
    return this.sessions.filter((session) => shard === undefined || session.shard[0] === shard);
  }

  #members(session: Session, d: { guild_id: string; query?: string; user_ids?: string | string[]; nonce?: string }) {
    const guild = this.world.guilds.get(d.guild_id);
    if (!guild) return;
    const ids = d.user_ids ? [d.user_ids].flat() : [...guild.members.keys()];
    const members = ids.flatMap((id) => guild.members.get(id) ?? []);
    this.#send(session, 'GUILD_MEMBERS_CHUNK', {
      guild_id: guild.id,
      members: members.map((member) => this.payloads.member(guild, member)),
      chunk_index: 0,
      chunk_count: 1,
      not_found: ids.filter((id) => !guild.members.has(id)),
      nonce: d.nonce,
    });
  }

  #dispatch(event: WorldEvent): void {
    if (event.name.startsWith('LOCAL_')) return;
    if (this.faults.held?.test(event.name)) {
      this.#waiting.push(event);
      return;
    }
    for (const session of this.#sessions.values()) {
      if (!isFor(session.shard, this.#guildOf(event))) continue;
      const data = maySee(this.world, session.application, session.intents, event);
      if (data === undefined) continue;
      this.#send(session, event.name, data);
      if (this.faults.twice) this.#send(session, event.name, data);
    }
  }

  #guildOf({ guildId, data }: WorldEvent): string | null {
    return guildId ?? (data as { guild_id?: string } | null)?.guild_id ?? null;
  }

  /** Keeps what was sent even without a socket, so that a resume can replay it. */
  #send(session: Session, name: string, data: unknown): void {
    const s = ++session.sequence;
    const text = JSON.stringify({ op: Op.Dispatch, t: name, s, d: data });
    session.log.push({ s, text });
    if (session.log.length > MAX_LOG) session.log.shift();
    session.socket?.send(text);
  }
}

/** A guild's events go to one shard, all others to the first (documentation, "Sharding"). */
function isFor([shard, shards]: Session['shard'], guild: string | null): boolean {
  return (guild ? shardOf(guild, shards) : 0) === shard;
}

/** A payload with its opcode; null for anything else. */
function parse(text: string): { op: number; d: never } | null {
  try {
    const payload = JSON.parse(text);
    const { op } = payload;
    // Except for heartbeats, which have a number or null, all have an object.
    const fits = op === Op.Heartbeat || (typeof payload.d === 'object' && payload.d !== null);
    return Number.isInteger(op) && fits ? payload : null;
  } catch {
    return null;
  }
}

function send(socket: WebSocket, payload: object): void {
  socket.send(JSON.stringify({ t: null, s: null, ...payload }));
}
