import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { REST } from 'discord.js';
import Database from 'libsql';

export { CHROMIUM, launchBrowser } from '../../scripts/chromium.js';

const MAIN = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));

/** What `npm start` starts, without a token: the local Discord with its page, and the bot in it. */
export class Product {
  private constructor(
    readonly url: string,
    readonly dataDir: string,
    readonly port: number,
    private readonly child: ChildProcess,
    /** Of its painter. */
    private readonly painter: number,
  ) {}

  /** @throws Error with what it printed, if it ends before it answers. */
  static async start(dataDir: string, port?: number): Promise<Product> {
    const chosen = port ?? (await freePort());
    const { PATH, HOME } = process.env;
    const env = {
      PATH,
      HOME,
      DATA_DIR: dataDir,
      LOCAL_PORT: String(chosen),
      HEALTH_PORT: '0',
      LOG_LEVEL: 'info',
      CI: 'true',
    };
    const child = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let printed = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (printed += text));
    const url = `http://127.0.0.1:${chosen}`;
    while (!printed.includes(`Easel is here: ${url}`)) {
      if (child.exitCode !== null) throw new Error(`It ended with ${child.exitCode}:\n${printed}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const painter = Number(/"child":(\d+),"msg":"painter started"/.exec(printed)![1]);
    return new Product(url, dataDir, chosen, child, painter);
  }

  /** Has the painter work a twelfth of the time meanwhile: no machine is then done before one can look. */
  async slowly<T>(act: () => Promise<T>): Promise<T> {
    const go = () => process.kill(this.painter, 'SIGCONT');
    let rest: NodeJS.Timeout | undefined;
    const stops = setInterval(() => {
      process.kill(this.painter, 'SIGSTOP');
      rest = setTimeout(go, 550);
    }, 600);
    try {
      return await act();
    } finally {
      clearInterval(stops);
      clearTimeout(rest);
      go();
    }
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null) return;
    this.child.kill('SIGTERM');
    await once(this.child, 'exit');
  }

  /** Stops it and starts it again on the same folder and port. */
  async restart(): Promise<Product> {
    await this.stop();
    return Product.start(this.dataDir, this.port);
  }

  /** The bot's own REST, for what it would do: its token is in what the local Discord wrote down. */
  async bot(): Promise<{ rest: REST; id: string }> {
    const database = new Database(join(this.dataDir, 'discord', 'world.sqlite'), { readonly: true });
    const row = database.prepare("SELECT value FROM things WHERE kind = 'applications'").get() as { value: string };
    database.close();
    const { id, token } = JSON.parse(row.value);
    return { rest: new REST({ api: `${this.url}/api` }).setToken(token), id };
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
