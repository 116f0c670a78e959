import { createConnection, createServer, type Socket } from 'node:net';

/** Proxies a server; on demand, it forwards requests and loses the responses. */
export class LossyProxy implements AsyncDisposable {
  readonly #sockets = new Set<Socket>();
  #losing = false;
  /** Resolves with the first lost response. */
  lost: Promise<void> = Promise.resolve();
  #onLost = () => {};

  private constructor(
    private readonly server: ReturnType<typeof createServer>,
    readonly port: number,
  ) {}

  static async before(target: number): Promise<LossyProxy> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const proxy = new LossyProxy(server, (server.address() as { port: number }).port);
    server.on('connection', (client) => proxy.#serve(client, createConnection(target, '127.0.0.1')));
    return proxy;
  }

  lose(): void {
    this.#losing = true;
    this.lost = new Promise((resolve) => {
      this.#onLost = resolve;
    });
  }

  work(): void {
    this.#losing = false;
  }

  /** Stops listening, as if there were no network. */
  async away(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  async back(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(this.port, '127.0.0.1', resolve));
  }

  #serve(client: Socket, server: Socket): void {
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on('error', () => {});
    }
    client.on('data', (bytes) => server.write(bytes));
    server.on('data', (bytes) => {
      if (!this.#losing) return client.write(bytes);
      this.#onLost();
      client.destroy();
      return server.destroy();
    });
    client.on('close', () => server.destroy());
    server.on('close', () => client.destroy());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.away();
  }
}
