// Everything that was ever shown was true at its rev, and at the end all readers show what the order makes of the operations: texts, deletions, reactions, bytes.
import { wordOf, type Ending, type Recorded } from './history.ts'
import type { Say } from './check.ts'
import { differs, modelOf, type Known } from './model.ts'

export function checkViews(history: readonly Recorded[], { stored, views, settled }: Ending, say: Say): void {
  const models = new Map(stored.chats.map(({ id }) => [id, modelOf(stored.links.filter(({ chat }) => chat === id))]))

  for (const [chat, { messages }] of models) {
    const rows = stored.messages.filter((row) => row.chat === chat)
    if (rows.length !== messages.length) say('one state for all', `${chat} has ${rows.length} message rows and ${messages.length} messages`, [])
    for (const [i, row] of rows.entries()) {
      const reactions = stored.reactions.filter(({ seq, chat: in_ }) => in_ === chat && seq === row.seq).map(({ what }) => what)
      const difference = differs({ ...row, reactions: reactions.sort() }, messages[i])
      if (difference) say('one state for all', `row ${row.seq} of ${chat}: ${difference}`, [row.id])
    }
  }

  for (const event of history) {
    if (event.is !== 'saw' || event.pending) continue
    const { message, device } = event
    const model = models.get(message.chat)
    const key = `${message.author}/${message.id}`
    const past = model?.past.get(key)
    // That it is not stored at all, the order says.
    if (!model || !past) continue
    const erased = model.erased.get(key)
    if (erased && (differs(message, erased) === null || model.erasedEdits.has(message.rev))) continue
    const difference = differs(message, past.get(message.rev))
    if (difference) say('what was shown was true', `${device} saw ${message.id} at rev ${message.rev}: ${difference}`, [message.id])
  }

  const documents = new Map<string, { device: string; document: string }>()
  for (const { device, chat, whole, messages, document } of views) {
    const all = models.get(chat)?.messages ?? []
    const expected = whole ? all : all.slice(-messages.length)
    if (messages.length !== expected.length || (!whole && messages.length === 0 && all.length > 0))
      say('one state for all', `${device} shows ${messages.length} of ${all.length} messages of ${chat}`, [])
    for (const [i, message] of messages.entries()) {
      const difference = differs(message, expected[i])
      if (difference) say('one state for all', `${device} shows ${message.id} in ${chat}: ${difference}`, [message.id])
    }
    if (document === null) continue
    const other = documents.get(chat)
    if (other && other.document !== document) say('one document for all', `${device} and ${other.device} hold other bytes of ${chat}`, [])
    documents.set(chat, { device, document })
  }
  checkChanges(
    history,
    settled,
    new Map([...models.values()].flatMap(({ messages }) => messages.map((message) => [`${message.chat}/${message.id}`, message]))),
    say,
  )
}

/** Where one device alone changed something, its last word is what stands at the end. */
function checkChanges(history: readonly Recorded[], settled: readonly string[], end: Map<string, Known>, say: Say): void {
  const kept = new Set(history.flatMap((event) => (event.is === 'changed' ? [event.change] : [])))
  const refused = new Set(history.flatMap((event) => (event.is === 'refused' ? [event.word] : [])))
  const changes = new Map<string, Extract<Recorded, { is: 'change' }>[]>()
  for (const event of history) {
    if (event.is !== 'change') continue
    const { chat, kind, target, user, what } = event
    // What somebody tried with another's message changes nothing.
    if (kind !== 'react' && end.get(`${chat}/${target}`)?.author !== user) continue
    const key = kind === 'react' ? `${chat}/${target}/${user}/${what}` : `${chat}/${target}/${kind}`
    changes.set(key, [...(changes.get(key) ?? []), event])
  }
  for (const list of changes.values()) {
    const last = list.at(-1)
    const message = last && end.get(`${last.chat}/${last.target}`)
    if (!last || !message || !kept.has(last.change) || !settled.includes(last.device)) continue
    if (list.some(({ device }) => device !== last.device)) continue
    if (last.kind === 'delete') {
      if (!message.deleted) say('what is kept arrives', `the deletion of ${last.target} is lost`, [last.target])
    } else if (message.deleted) continue
    else if (last.kind === 'edit') {
      if (refused.has(last.what) || message.text === null) continue
      if (wordOf(message.text) !== last.what) say('what is kept arrives', `edit ${last.what} of ${last.target} is lost`, [last.target, last.what])
    } else if (message.reactions.includes(`${last.what} ${last.user}`) !== last.on)
      say('what is kept arrives', `the reaction ${last.what} of ${last.user} to ${last.target} should be ${last.on ? 'on' : 'off'}`, [last.target])
  }
}
