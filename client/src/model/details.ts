// What is known of one message, in words.
import type { ChatWindow, MessageItem } from '@skein/engine'
import { statusWords } from './rows.ts'
import { fullTime } from './times.ts'

export interface Detail {
  what: string
  lines: string[]
}

export function detailsOf(item: MessageItem, window: Pick<ChatWindow, 'chat' | 'receiptsOf'>): Detail[] {
  const at = (what: string, time: string | null): Detail[] => (time === null ? [] : [{ what, lines: [fullTime(Date.parse(time))] }])
  const times = [...at('Written', item.createdAt), ...(item.seq > 0 ? at('Sent', item.receivedAt) : []), ...at('Edited', item.editedAt)]
  if (!item.own) return times
  if (item.seq === 0) return [...times, { what: 'State', lines: [statusWords(item.status)] }]
  const nameOf = (id: string): string => window.chat.members.find((member) => member.id === id)?.name ?? 'Someone who left'
  const { delivered, seen } = window.receiptsOf(item.seq)
  const people = (what: string, ids: readonly string[]): Detail[] => (ids.length ? [{ what, lines: ids.map(nameOf) }] : [])
  const reached = [...people('Seen by', seen), ...people('Delivered to', delivered)]
  return [...times, ...(reached.length ? reached : [{ what: 'State', lines: ['Nobody has it yet'] }])]
}
