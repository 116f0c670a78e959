import { GatewayOpcodes as Op } from 'discord-api-types/v10';
import { WebSocket } from 'ws';

export interface Payload {
  op: number;
  t: string | null;
  s: number | null;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the gateway sent
  d: any;
}

/** One connection to the gateway, spoken to as any client might, with all that came over it. */
export class GatewayConnection {
  readonly received: Payload[] = [];
  readonly socket: WebSocket;
  readonly closed: Promise<number>;
  readonly #waiting: (() => void)[] = [];

  /** @param url of the local Discord. */
  constructor(
    url: string,
    private readonly token: string,
  ) {
    this.socket = new WebSocket(`${url.replace('http', 'ws')}/gateway/?v=10&encoding=json`);
    this.socket.on('message', (data) => {
      this.received.push(JSON.parse(data.toString()));
      for (const look of this.#waiting.splice(0)) look();
    });
    this.closed = new Promise((resolve) => this.socket.on('close', resolve));
  }

  /** The first payload like this one, now or when it comes. */
  async until(like: (payload: Payload) => boolean): Promise<Payload> {
    for (;;) {
      const found = this.received.find(like);
      if (found) return found;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  event(name: string): Promise<Payload> {
    return this.until(({ t }) => t === name);
  }

  names(): (string | null)[] {
    return this.received.filter(({ op }) => op === Op.Dispatch).map(({ t }) => t);
  }

  send(op: number, d: unknown): void {
    this.socket.send(JSON.stringify({ op, d }));
  }

  async identify(more: object = {}): Promise<Payload> {
    await this.until(({ op }) => op === Op.Hello);
    this.send(Op.Identify, { token: this.token, intents: 0, properties: {}, ...more });
    return this.event('READY');
  }
}
