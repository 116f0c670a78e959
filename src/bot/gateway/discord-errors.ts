import { RESTJSONErrorCodes as Code, DiscordAPIError } from 'discord.js';

/**
 * What an error from Discord means for sending something there.
 *
 * - `gone`: the destination no longer exists. Another one may work.
 * - `closed`: this destination refuses it, however often one tries. Another one may work.
 * - `wrong`: the message itself is wrong, so no destination will take it.
 * - `retry`: a temporary problem of Discord, the network or a rate limit; it may work next time.
 */
export type Verdict = 'gone' | 'closed' | 'wrong' | 'retry';

/** By the codes in the documentation's "JSON Error Codes". */
const CODES: Readonly<Record<Exclude<Verdict, 'retry'>, readonly Code[]>> = {
  gone: [
    Code.UnknownChannel,
    Code.UnknownGuild,
    Code.UnknownMessage,
    Code.UnknownUser,
    Code.UnknownWebhook,
    Code.UnknownInteraction,
    Code.InvalidWebhookToken,
  ],
  closed: [
    Code.ExplicitContentCannotBeSentToTheDesiredRecipient,
    Code.VerifyYourAccount,
    Code.UserBannedFromThisGuild,
    Code.MissingAccess,
    Code.CannotExecuteActionOnDMChannel,
    Code.CannotSendMessagesToThisUser,
    Code.CannotSendMessagesInNonTextChannel,
    Code.ChannelVerificationLevelTooHighForYouToGainAccess,
    Code.MissingPermissions,
    Code.CannotExecuteActionOnThisChannelType,
    Code.InvalidActionOnArchivedThread,
    Code.CannotSendMessagesToThisUserDueToHavingNoMutualGuilds,
    Code.ThreadLocked,
    Code.MessageWasBlockedByAutomaticModeration,
    Code.MessageBlockedByHarmfulLinksFilter,
  ],
  wrong: [Code.RequestEntityTooLarge, Code.CannotSendAnEmptyMessage, Code.InvalidFormBodyOrContentType],
};

/** Refused now, but perhaps not later. */
const PASSING: readonly (number | string)[] = [
  // Also what a proxy's error page, or Discord's own during an outage, is parsed as.
  Code.GeneralError,
  Code.AnnouncementEditLimitExceeded,
  Code.ActionCannotBePerformedDueToSlowmodeRateLimit,
  Code.MaximumNumberOfEditsToMessagesOlderThanOneHourReached,
  Code.Unauthorized,
  Code.SendMessagesHasBeenTemporarilyDisabled,
  Code.FeatureTemporarilyDisabledServerSide,
  Code.CloudflareIsBlockingYourRequest,
  Code.APIResourceOverloaded,
];

/** A message that could not be made: nothing that Discord did, so trying again changes nothing. */
export class Unsendable extends Error {
  override name = 'Unsendable';
}

export function verdict(error: unknown): Verdict {
  if (error instanceof Unsendable) return 'wrong';
  if (!(error instanceof DiscordAPIError) || typeof error.code !== 'number') return 'retry';
  for (const [known, codes] of Object.entries(CODES)) if (codes.includes(error.code)) return known as Verdict;
  const { status } = error;
  if (status < 400 || status >= 500 || status === 401 || status === 429 || PASSING.includes(error.code)) return 'retry';
  // A code unknown to this version, with a status that blames the request.
  return 'closed';
}

export function isGone(error: unknown): boolean {
  return verdict(error) === 'gone';
}

export function isForbidden(error: unknown): boolean {
  return verdict(error) === 'closed';
}

/** Reading, writing and deleting there fail for good: it is gone, or closed to the bot. */
export function isOutOfReach(error: unknown): boolean {
  return isGone(error) || isForbidden(error);
}

/** @returns null if the place is gone or closed to the bot. @throws any other error. */
export async function ifWithinReach<T>(tried: Promise<T>): Promise<T | null> {
  try {
    return await tried;
  } catch (error) {
    if (isOutOfReach(error)) return null;
    throw error;
  }
}

/** The upload exceeds the limit there: the server may have lost its boosts, or the member their Nitro. */
export function isTooLarge(error: unknown): boolean {
  return error instanceof DiscordAPIError && (error.code === Code.RequestEntityTooLarge || error.status === 413);
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
