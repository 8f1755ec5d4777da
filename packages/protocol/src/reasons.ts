// The closed list of everything that can go wrong between two programs: why a document's connection was closed, and what an HTTP answer of 4xx or 5xx means.
// The numbers follow y-websocket: 44xx is final for a client that knows nothing else, 45xx may try again (H4).

/** Why a document's connection (on `/sync`) or the socket (on `/yjs`) was closed. The token travels as the close reason. */
export const CLOSE_REASONS = {
  // final: the same bytes will never be taken
  garbage: 4400,
  'bad-struct': 4401,
  'bad-content': 4402,
  'foreign-root': 4403,
  'foreign-write': 4404,
  'foreign-client': 4405,
  'reserved-client': 4406,
  'has-delete': 4407,
  'bad-value': 4408,
  'bad-operation': 4409,
  'id-taken': 4410,
  'too-deep': 4411,
  'too-large': 4412,
  'bad-message': 4413,
  'read-only': 4414,
  // final until the person or their membership changes
  'no-access': 4420,
  'logged-out': 4421,
  blocked: 4422,
  'not-allowed': 4423,
  'group-full': 4424,
  // come back, after doing what the reason says
  gap: 4500,
  rebase: 4501,
  'client-id-taken': 4502,
  'closed-epoch': 4503,
  'token-expired': 4510,
  'slow-down': 4511,
  'slow-reader': 4512,
  restart: 4513,
  'try-again': 4514,
} as const
export type CloseReason = keyof typeof CLOSE_REASONS
export const isCloseReason = (value: unknown): value is CloseReason => typeof value === 'string' && Object.hasOwn(CLOSE_REASONS, value)
/** Whether the same words may be offered again after this reason. */
export const mayRetry = (reason: CloseReason): boolean => CLOSE_REASONS[reason] >= 4500
/** Final only until the person or their membership changes. Who is shut out cannot ask what became of their last words: they may be stored all the same. */
export const isOfMembership = (reason: CloseReason): boolean => CLOSE_REASONS[reason] >= 4420 && CLOSE_REASONS[reason] < 4500

/** Why an operation was stored as refused: it stands in the ledger with this code, and everybody ignores it. */
export const REFUSAL_CODES = ['not-yours', 'no-such-message', 'deleted', 'too-many-reactions', 'no-emoji'] as const
export type RefusalCode = (typeof REFUSAL_CODES)[number]
export const isRefusalCode = (value: unknown): value is RefusalCode => REFUSAL_CODES.some((code) => code === value)

/** Codes of HTTP errors, with their status and a title. */
export const HTTP_ERRORS = {
  'bad-request': [400, 'The request is not well formed.'],
  'common-password': [400, 'This password is one of those that are tried first. Choose another one.'],
  'no-emoji': [400, 'A reaction is one emoji.'],
  'private-address': [400, 'This address leads into a private network, where this server sends nothing. Whoever runs it can allow that.'],
  'not-logged-in': [401, 'Log in first.'],
  'wrong-login': [401, 'Email or password is wrong.'],
  'session-ended': [401, 'This session has ended. Log in again.'],
  'identity-refused': [401, 'This token is none that this server takes.'],
  'identity-expired': [401, 'This token has expired. Bring a new one.'],
  'identity-ended': [401, 'The session of this token was ended. Bring a new one.'],
  'login-too-old': [403, 'For this one has to have just logged in: log in again first.'],
  'wrong-password': [403, 'The password is wrong.'],
  'account-disabled': [403, 'This account is disabled.'],
  blocked: [403, 'One of you has blocked the other.'],
  'email-unconfirmed': [403, 'Confirm your email first: open the link in the mail that was sent to it.'],
  forbidden: [403, 'This is not allowed.'],
  'login-denied': [403, 'The log-in was called off at the provider.'],
  'email-unverified': [403, 'The provider has not verified your email, and this server wants that.'],
  'registration-closed': [403, 'This server takes no new accounts.'],
  'invitation-needed': [403, 'This server takes new accounts by invitation only.'],
  'missing-scope': [403, 'This API key may not do this.'],
  'not-yours': [403, 'Only its author may do this.'],
  'not-found': [404, 'There is nothing here.'],
  'no-issuer': [404, 'This server takes no tokens of another issuer.'],
  'no-provider': [404, 'This server offers no log-in by an OpenID provider.'],
  'no-such-person': [404, 'There is no such person.'],
  'no-such-session': [404, 'There is no such session, or it has ended.'],
  'no-such-link': [404, 'This link does not work, or does not work any more.'],
  'no-such-member': [404, 'There is no such member.'],
  'no-such-chat': [404, 'There is no such chat, or you are no member of it.'],
  'no-such-message': [404, 'There is no such message in this chat.'],
  'no-such-key': [404, 'There is no such API key, or it was deleted.'],
  'no-such-webhook': [404, 'There is no such webhook, or it was deleted.'],
  'email-taken': [409, 'There is an account with this email already.'],
  'not-linked': [409, 'There is an account with this email already, and it is not certain that it is yours.'],
  'group-full': [409, 'This group has as many members as a group may have.'],
  'unknown-head': [409, 'The server does not know this state of the chat.'],
  'key-reused': [409, 'This idempotency key was used for something else.'],
  deleted: [409, 'This message is deleted.'],
  'too-many-reactions': [409, 'Nobody reacts to one message in so many ways.'],
  'too-many': [409, 'There are as many of these as one person may have. Delete one first.'],
  'closed-epoch': [409, 'This epoch of the chat has ended.'],
  'login-expired': [410, 'This log-in began too long ago, or in another browser. Begin again.'],
  'link-expired': [410, 'This link is not good any more.'],
  'too-large': [413, 'The request is too large.'],
  'slow-down': [429, 'Too many requests. Wait a little.'],
  internal: [500, 'Something went wrong on the server.'],
  'issuer-away': [503, 'The issuer of this token does not answer just now.'],
  'provider-away': [503, 'The OpenID provider does not answer just now.'],
  'not-ready': [503, 'The server is not ready.'],
} as const satisfies Record<string, readonly [status: number, title: string]>
export type HttpErrorCode = keyof typeof HTTP_ERRORS

/** What may be wrong with a line of an export that is to be imported, with a sentence. */
export const IMPORT_ERRORS = {
  'no-text': 'It is not UTF-8.',
  'no-json': 'It is not JSON.',
  'too-large': 'It is larger than a line of an export can be.',
  'bad-line': 'It is no line of an export, or of one of another version.',
  'bad-order': 'It does not follow the line before it.',
  'id-taken': 'Its author has a message with this id already.',
  'no-member': 'In a direct chat nobody but its two people says anything.',
  'too-many': 'An import takes no more people or messages.',
  'cut-off': 'The file ends before the export does.',
} as const
export type ImportErrorCode = keyof typeof IMPORT_ERRORS

/** A refusal to a peer: an expected outcome with a stable code, never a bug. */
export class Refusal extends Error {
  readonly reason: CloseReason
  /** Hocuspocus reads `code` off what a hook throws and puts it on the wire. */
  readonly code: number
  constructor(reason: CloseReason, detail = '') {
    super(detail ? `${reason}: ${detail}` : reason)
    this.name = 'Refusal'
    this.reason = reason
    this.code = CLOSE_REASONS[reason]
  }
}
