// What waits and what was not taken, over all chats, in words.
import { msg, str } from '@lit/localize'
import type { ChatItem, OutboxItem } from '@skein/engine'
import type { ChatId } from '@skein/protocol'
import { reasonText } from './reasons.ts'
import { untilText } from './times.ts'

export interface OutboxGroup {
  chatId: ChatId
  title: string
  items: readonly OutboxItem[]
}

/** The chat whose words have waited longest first; in each chat as the person wrote. */
export function groupByChat(outbox: readonly OutboxItem[], chats: readonly ChatItem[]): OutboxGroup[] {
  const groups = new Map<ChatId, OutboxItem[]>()
  for (const item of outbox) groups.set(item.chatId, [...(groups.get(item.chatId) ?? []), item])
  return Array.from(groups, ([chatId, items]) => ({ chatId, items, title: chats.find(({ id }) => id === chatId)?.title ?? msg('A chat') }))
}

const kinds = (): Record<OutboxItem['kind'], string> => ({
  message: msg('Message'),
  edit: msg('Edit'),
  delete: msg('Deletion'),
  react: msg('Reaction'),
  pin: msg('Pin'),
  unpin: msg('Unpin'),
})
export const kindText = ({ kind }: Pick<OutboxItem, 'kind'>): string => kinds()[kind]

export interface OutboxLine {
  text: string
  /** When it is tried next; apart from the text, so that assistive technology does not hear each second. */
  countdown: string
  failed: boolean
}

/** What becomes of it. */
export function outboxLine({ state, reason, nextTryAt }: OutboxItem, connected: boolean, now: number): OutboxLine {
  if (state === 'aside') return { text: reasonText(reason), countdown: '', failed: true }
  if (state === 'appended') return { text: msg('Handed over, not confirmed yet'), countdown: '', failed: false }
  if (!connected) return { text: msg('Waits for the network'), countdown: '', failed: false }
  return { text: msg('Waits for its turn'), countdown: nextTryAt === null ? '' : msg(str`next try in ${untilText(nextTryAt, now)}`), failed: false }
}

export interface OutboxChoices {
  retry: boolean
  edit: boolean
  copy: boolean
  discard: boolean
}

/** What can be done about it: what was handed over already is out of one's hands until the server has answered. */
export function choicesOf({ state, kind, text }: OutboxItem, connected: boolean): OutboxChoices {
  const inHand = state !== 'appended'
  return {
    retry: state === 'aside' || (inHand && connected),
    edit: inHand && (kind === 'message' || kind === 'edit'),
    copy: kind !== 'react' && text !== '',
    discard: inHand,
  }
}
