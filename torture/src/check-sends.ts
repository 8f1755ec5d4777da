// Every send is ok, refused or unknown; at the end each ok is stored exactly once, each refused nowhere, each unknown at most once.
import { wordOf, type Ending, type Link, type Recorded } from './history.ts'
import type { Say } from './check.ts'

export interface Counts {
  sends: number
  ok: number
  refused: number
  /** Neither was heard by anybody. */
  unknown: number
  /** Of the unknown. */
  unknownStored: number
}

interface Send {
  device: string
  chat: string
  word: string
  id: string | null
  ok: Extract<Recorded, { is: 'ok' }> | null
  refused: string | null
}

function readSends(history: readonly Recorded[]): Map<string, Send> {
  const sends = new Map<string, Send>()
  const byId = new Map<string, Send>()
  const acknowledged = new Map<string, Extract<Recorded, { is: 'ok' }>>()
  for (const event of history) {
    if (event.is === 'send') sends.set(event.word, { device: event.device, chat: event.chat, word: event.word, id: null, ok: null, refused: null })
    else if (event.is === 'ok') acknowledged.set(event.id, event)
    else if (event.is === 'kept') {
      const send = sends.get(event.word)
      if (!send) continue
      send.id = event.id
      byId.set(event.id, send)
    } else if (event.is === 'refused') {
      const send = sends.get(event.word)
      if (send) send.refused = event.reason
    }
  }
  for (const [id, ok] of acknowledged) {
    const send = byId.get(id)
    if (send) send.ok = ok
  }
  return sends
}

export function checkSends(history: readonly Recorded[], { stored, settled }: Ending, say: Say): Counts {
  const sends = readSends(history)
  const counts: Counts = { sends: sends.size, ok: 0, refused: 0, unknown: 0, unknownStored: 0 }
  const places = new Map<string, Link[]>()
  const note = (key: string, link: Link): void => void places.set(key, [...(places.get(key) ?? []), link])
  const ids = new Map([...sends.values()].flatMap((send): [string, Send][] => (send.id === null ? [] : [[send.id, send]])))
  const edits = new Set(history.flatMap((event) => (event.is === 'change' && event.kind === 'edit' ? [event.what] : [])))
  const refusedEdits = new Map(
    history.flatMap((event): [string, string][] => (event.is === 'refused' && !sends.has(event.word) ? [[event.word, event.reason]] : [])),
  )

  for (const link of stored.links) {
    if (!['message', 'edit'].includes(link.kind)) continue
    const word = link.operation === null ? null : wordOf((JSON.parse(link.operation) as { text: string }).text)
    if (link.kind === 'edit') {
      if (word === null) continue
      if (!edits.has(word)) say('nothing from nowhere', `an edit that nobody made is stored at rev ${link.rev}`, [link.id, word])
      const reason = link.code === null ? refusedEdits.get(word) : undefined
      if (reason) say('each refused nowhere', `edit ${word} was refused (${reason}) and counts at rev ${link.rev}`, [word])
      continue
    }
    // By its id, since a text may have been edited before it was sent; by its word where the device died before it could tell the id.
    const send = ids.get(link.id) ?? (word === null ? undefined : sends.get(word))
    if (send) note(send.word, link)
    else if (word !== null && !edits.has(word))
      say('nothing from nowhere', `a message that nobody sent is stored at rev ${link.rev}`, [link.id, word])
  }

  for (const send of sends.values()) {
    const found = places.get(send.word) ?? []
    const where = found.map(({ chat, rev, seq }) => `${chat} rev ${rev} seq ${seq}`).join(', ') || 'nowhere'
    const piece = [send.word, ...(send.id ? [send.id] : []), ...found.map(({ id }) => id)]
    if (send.ok && send.refused) say('one answer', `${send.word} was acknowledged and refused (${send.refused})`, piece)
    if (found.some(({ chat }) => chat !== send.chat)) say('the chat it was sent to', `${send.word} for ${send.chat} is stored ${where}`, piece)
    if (send.ok) {
      counts.ok++
      if (found.length !== 1) say('each ok exactly once', `${send.word} was acknowledged and is stored ${where}`, piece)
    } else if (send.refused) {
      counts.refused++
      if (found.some(({ code }) => code === null))
        say('each refused nowhere', `${send.word} was refused (${send.refused}) and is stored ${where}`, piece)
    } else {
      counts.unknown++
      counts.unknownStored += found.length
      if (found.length > 1) say('each unknown at most once', `${send.word} is stored ${where}`, piece)
      // Its device had it on disk, came back, and has nothing waiting any more.
      if (found.length === 0 && send.id && settled.includes(send.device))
        say('what is kept arrives', `${send.word} was kept and is stored nowhere`, piece)
    }
  }
  return counts
}
