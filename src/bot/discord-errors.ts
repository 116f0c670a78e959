import { RESTJSONErrorCodes as Code, DiscordAPIError } from 'discord.js';

/** What an answer was to go to is gone: the message, the channel, or the interaction's token. */
const GONE: readonly (string | number)[] = [
  Code.UnknownMessage,
  Code.UnknownChannel,
  Code.UnknownWebhook,
  Code.UnknownInteraction,
  Code.InvalidWebhookToken,
];

const FORBIDDEN: readonly (string | number)[] = [
  Code.MissingAccess,
  Code.MissingPermissions,
  Code.CannotSendMessagesToThisUser,
  Code.CannotSendMessagesToThisUserDueToHavingNoMutualGuilds,
  Code.InvalidActionOnArchivedThread,
  Code.UnknownGuild,
];

export function isGone(error: unknown): boolean {
  return error instanceof DiscordAPIError && GONE.includes(error.code);
}

export function isForbidden(error: unknown): boolean {
  return error instanceof DiscordAPIError && FORBIDDEN.includes(error.code);
}

export function isTooLate(error: unknown): boolean {
  return (
    error instanceof DiscordAPIError &&
    (error.code === Code.UnknownInteraction || error.code === Code.InteractionHasAlreadyBeenAcknowledged)
  );
}

/** Replies need the permission to read the history; messages do not. */
export function isNoReply(error: unknown): boolean {
  return error instanceof DiscordAPIError && error.code === Code.CannotReplyWithoutPermissionToReadMessageHistory;
}
