import { RESTJSONErrorCodes as Code, DiscordAPIError } from 'discord.js';

/**
 * What an error of Discord's means for whoever wants to bring something there.
 *
 * - `gone`: what it was to go to is there no longer. Another place may be.
 * - `closed`: this place does not take it, however often one tries. Another may.
 * - `wrong`: what is sent is wrong: no place will take it.
 * - `retry`: it may go well next time: trouble of Discord's, of the network, or of this minute.
 */
export type Verdict = 'gone' | 'closed' | 'wrong' | 'retry';

/** By the documentation's "JSON Error Codes". */
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

/** Refused now, and perhaps not in a while. */
const PASSING: readonly (number | string)[] = [
  // Also what a page of a proxy's, or of Discord's while it is in trouble, comes as.
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

export function verdict(error: unknown): Verdict {
  if (!(error instanceof DiscordAPIError) || typeof error.code !== 'number') return 'retry';
  for (const [known, codes] of Object.entries(CODES)) if (codes.includes(error.code)) return known as Verdict;
  const { status } = error;
  if (status < 400 || status >= 500 || status === 401 || status === 429 || PASSING.includes(error.code)) return 'retry';
  // A code that this version does not know, with a status that says that the request is at fault.
  return 'closed';
}

export function isGone(error: unknown): boolean {
  return verdict(error) === 'gone';
}

/** Nothing that is written there, or deleted, gets through: it is gone, or closed to the bot. */
export function isForbidden(error: unknown): boolean {
  return verdict(error) === 'closed';
}

/** What is uploaded has more bytes than fit there: a server may have lost its boosts, or who asked their Nitro. */
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
