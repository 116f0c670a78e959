import { LocalDiscord } from '../../../src/discord/local-discord.js';
import type { MemoryBytes } from '../../../src/discord/storage/bytes.js';
import type { Message, User } from '../../../src/discord/things.js';
import { DrivenUser } from './driven-user.js';

/**
 * A local Discord whose users a test can be, and whose every change it can wait for.
 *
 * @example
 * const { message } = await discord.as(alice).run(general, 'imagine', { prompt: 'a red apple' });
 * await discord.until(() => discord.message(message).attachments.length > 0);
 * await discord.as(alice).press(message, 'U1');
 */
export class DrivenDiscord extends LocalDiscord {
  /** Acts as a user does in the client. */
  as(user: User): DrivenUser {
    return new DrivenUser(this, user);
  }

  /** A message as it is now. @throws DiscordError 10008 if it is gone. */
  message({ channel_id, id }: Pick<Message, 'channel_id' | 'id'>): Message {
    return this.world.message(channel_id, id);
  }

  /** Bytes of a message's attachment. */
  file({ attachments }: Message, index = 0): Uint8Array {
    const attachment = attachments[index];
    if (!attachment) throw new Error(`The message has ${attachments.length} attachments.`);
    return this.bytesOf(attachment.id);
  }

  /** Bytes of any file, of a world in memory. */
  bytesOf(id: string): Uint8Array {
    return (this.world.bytes as MemoryBytes).get(id)!;
  }

  /** Waits until something holds, looking after each event. @throws Error after `timeout` milliseconds. */
  until<T>(look: () => T | undefined | null | false, timeout = 60_000): Promise<T> {
    return new Promise((resolve, reject) => {
      const check = () => {
        try {
          const value = look();
          if (value) finish(() => resolve(value));
        } catch (error) {
          finish(() => reject(error));
        }
      };
      const finish = (how: () => void) => {
        stop();
        clearTimeout(limit);
        how();
      };
      const stop = this.world.listen(() => queueMicrotask(check));
      const limit = setTimeout(
        () => finish(() => reject(new Error(`Waited ${timeout} ms in vain for ${look}`))),
        timeout,
      );
      check();
    });
  }
}
