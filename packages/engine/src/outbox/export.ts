// What waits or was set aside, as text or JSON that a person can keep elsewhere. Pure.
import type { OutboxItem } from '../types.ts'

/** `chat`: the chat's title. `about`: the words of the message that it is about, where this device has them. */
export interface Exported {
  item: OutboxItem
  chat: string
  about: string | null
}

const KINDS = { message: 'message', edit: 'edit', delete: 'deletion', react: 'reaction', pin: 'pin', unpin: 'unpin' } as const
const STATES = { waiting: 'not sent yet', appended: 'handed over, not confirmed yet', aside: 'refused' } as const

function asJson({ item, chat, about }: Exported): object {
  const { id, chatId, kind, text, target, state, reason, createdAt, unsaved } = item
  return { id, chatId, chat, kind, text, target, about, state, reason, writtenAt: new Date(createdAt).toISOString(), unsaved }
}
function asText({ item, chat, about }: Exported): string {
  const state = item.reason ? `${STATES[item.state]}: ${item.reason}` : STATES[item.state]
  const lines = [`${chat} · ${new Date(item.createdAt).toISOString()} · ${KINDS[item.kind]} · ${state}`]
  if (about !== null) lines.push(`About: ${about}`)
  if (item.text !== '') lines.push(item.text)
  return lines.join('\n')
}

/** In the order given. */
export const exportText = (all: readonly Exported[]): string => all.map((each) => `${asText(each)}\n`).join('\n')
export const exportJson = (all: readonly Exported[]): string => JSON.stringify(all.map(asJson), null, 2)
