import { createConnection, createServer, type Server, type Socket } from 'node:net';

export type Way = 'there' | 'back';

/** A proxy before a server, whose network breaks on demand in either direction. */
export class BadNetwork implements AsyncDisposable {
  readonly #pairs = new Set<Record<Way, Socket>>();
  readonly #dropped = new Set<Way>();
  #delay = 0;
  #refuses = false;

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  static async before(target: number): Promise<BadNetwork> {
    const server = createServer({ allowHalfOpen: true });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const network = new BadNetwork(server, (server.address() as { port: number }).port);
    server.on('connection', (client) => network.#serve(client, target));
    return network;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** What is sent that way disappears, and nobody is told. New connections get no further either. */
  drop(...ways: Way[]): void {
    for (const way of ways) this.#dropped.add(way);
  }

  /** Milliseconds that everything takes. */
  delay(time: number): void {
    this.#delay = time;
  }

  /** Says that nothing more is sent that way, on the connections that exist. */
  halfClose(way: Way): void {
    for (const pair of this.#pairs) pair[way].end();
  }

  /** Cuts all connections and refuses new ones. */
  cut(): void {
    this.#refuses = true;
    for (const { there, back } of this.#pairs) for (const socket of [there, back]) socket.destroy();
  }

  mend(): void {
    this.#dropped.clear();
    this.#delay = 0;
    this.#refuses = false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }

  #serve(client: Socket, target: number): void {
    if (this.#refuses) {
      client.destroy();
      return;
    }
    const server = createConnection({ port: target, host: '127.0.0.1', allowHalfOpen: true });
    const pair = { there: server, back: client };
    this.#pairs.add(pair);
    // A connection that has lost something never works again, as when a router has forgotten it.
    const broken = new Set<Way>();
    const pass = (from: Socket, to: Socket, way: Way) => {
      from.on('error', () => to.destroy());
      from.on('close', () => {
        this.#pairs.delete(pair);
        to.destroy();
      });
      from.on('end', () => to.end());
      from.on('data', (bytes) => {
        if (this.#dropped.has(way)) broken.add(way);
        if (broken.has(way)) return;
        if (this.#delay > 0) setTimeout(() => to.write(bytes), this.#delay);
        else to.write(bytes);
      });
    };
    pass(client, server, 'there');
    pass(server, client, 'back');
  }
}
