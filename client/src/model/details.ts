// What is known of one message, in words.
import { msg } from '@lit/localize'
import type { ChatWindow, MessageItem } from '@skein/engine'
import { statusWords } from './rows.ts'
import { fullTime } from './times.ts'

export interface Detail {
  what: string
  lines: string[]
}

export function detailsOf(item: MessageItem, window: Pick<ChatWindow, 'chat' | 'receiptsOf'>): Detail[] {
  const at = (what: string, time: string | null): Detail[] => (time === null ? [] : [{ what, lines: [fullTime(Date.parse(time))] }])
  const times = [
    ...at(msg('Written'), item.createdAt),
    ...(item.seq > 0 ? at(msg('Sent'), item.receivedAt) : []),
    ...at(msg('Edited'), item.editedAt),
  ]
  if (!item.own) return times
  if (item.seq === 0) return [...times, { what: msg('State'), lines: [statusWords(item.status)] }]
  const nameOf = (id: string): string => window.chat.members.find((member) => member.id === id)?.name ?? msg('Someone who left')
  const { delivered, seen } = window.receiptsOf(item.seq)
  const people = (what: string, ids: readonly string[]): Detail[] => (ids.length ? [{ what, lines: ids.map(nameOf) }] : [])
  const reached = [...people(msg('Seen by'), seen), ...people(msg('Delivered to'), delivered)]
  return [...times, ...(reached.length ? reached : [{ what: msg('State'), lines: [msg('Nobody has it yet')] }])]
}
