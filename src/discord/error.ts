/** An error in Discord's form: a status, one of its codes, and its text (documentation, "JSON error codes"). */
export class DiscordError extends Error {
  override name = 'DiscordError';

  constructor(
    readonly status: 400 | 401 | 403 | 404 | 405 | 413 | 429,
    readonly code: number,
    message: string,
    /** The invalid fields, in Discord's nested form, for code 50035. */
    readonly errors?: unknown,
  ) {
    super(message);
  }

  toJSON(): object {
    return { message: this.message, code: this.code, ...(this.errors ? { errors: this.errors } : {}) };
  }
}

/** Code 50035 for one field, such as `data.components[0].custom_id`. */
export function invalidForm(path: string, code: string, message: string): DiscordError {
  const keys = path.split(/[.[\]]+/).filter(Boolean);
  const errors = keys.reduceRight<unknown>((inner, key) => ({ [key]: inner }), { _errors: [{ code, message }] });
  return new DiscordError(400, 50035, 'Invalid Form Body', errors);
}

export const unknown = {
  account: () => new DiscordError(404, 10001, 'Unknown Account'),
  application: () => new DiscordError(404, 10002, 'Unknown Application'),
  channel: () => new DiscordError(404, 10003, 'Unknown Channel'),
  guild: () => new DiscordError(404, 10004, 'Unknown Guild'),
  member: () => new DiscordError(404, 10007, 'Unknown Member'),
  message: () => new DiscordError(404, 10008, 'Unknown Message'),
  user: () => new DiscordError(404, 10013, 'Unknown User'),
  emoji: () => new DiscordError(404, 10014, 'Unknown Emoji'),
  webhook: () => new DiscordError(404, 10015, 'Unknown Webhook'),
  sticker: () => new DiscordError(404, 10060, 'Unknown sticker'),
  interaction: () => new DiscordError(404, 10062, 'Unknown interaction'),
  command: () => new DiscordError(404, 10063, 'Unknown application command'),
};

export const missingAccess = () => new DiscordError(403, 50001, 'Missing Access');
export const missingPermissions = () => new DiscordError(403, 50013, 'Missing Permissions');
