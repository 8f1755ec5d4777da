// Why words were not taken, in words for people.
import { msg, str } from '@lit/localize'
import { isRefusalCode, type CloseReason, type RefusalCode } from '@skein/protocol'

const refused = (): Record<RefusalCode, string> => ({
  'not-yours': msg('Only its author can change a message.'),
  'no-such-message': msg('The message it belongs to is not there.'),
  deleted: msg('The message was deleted in the meantime.'),
  'no-emoji': msg('A reaction is one emoji.'),
  'too-many-reactions': msg('You have reacted to this message as often as one can.'),
})

const closed = (): Partial<Record<CloseReason, string>> => ({
  'too-large': msg('It is too long for this server.'),
  'too-deep': msg('It is too long for this server.'),
  'read-only': msg('Nothing can be written in this chat.'),
  'no-access': msg('You are no longer in this chat.'),
  blocked: msg('One of you has blocked the other.'),
  'logged-out': msg('You were logged out.'),
  'slow-down': msg('The server asks for a pause.'),
  'bad-operation': msg('The server could not read it.'),
  'bad-value': msg('The server could not read it.'),
})

/** One sentence: why the words were not taken. */
export function reasonText(code: CloseReason | RefusalCode | null): string {
  if (code === null) return msg('It was not sent.')
  return (isRefusalCode(code) ? refused()[code] : closed()[code]) ?? msg(str`The server did not take it (${code}).`)
}
