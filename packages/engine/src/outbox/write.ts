// What the person does to the outbox: each call resolves once it is on disk, and says so where it was too late.
import { checkOperation, cleanText, isEmoji, uuidOf, type ChatId, type Operation, type OperationId, type UserId } from '@skein/protocol'
import { neededParts } from '../late-calls.ts'
import { lateParts } from '../late.ts'
import type { Local } from '../local.ts'
import type { Ports } from '../ports.ts'
import type { OutboxRow } from '../store/rows.ts'
import { expectQueued, put, type Change } from '../store/store.ts'
import { EngineError } from '../types.ts'
import { nextState } from './outbox.ts'

type Body<T extends Operation['type']> = Omit<Extract<Operation, { type: T }>, 'id' | 'at' | 'type'>
type Target = { id: OperationId; author: UserId }

export interface OutboxWriter {
  send(chat: ChatId, body: Body<'message'>): Promise<OperationId>
  edit(chat: ChatId, message: Target, text: string): Promise<void>
  /** `undoMs`: so long it is held back, see `release`. */
  delete(chat: ChatId, message: Target, undoMs?: number): Promise<void>
  react(chat: ChatId, message: Target, emoji: string, on: boolean): Promise<void>
  pin(chat: ChatId, message: Target, on: boolean): Promise<void>
  /** Throws 'too-late' when there are new words and it was handed to the document already, or sent again by another tab. */
  retry(id: OperationId, text?: string): Promise<void>
  /** In place while it waits; what was set aside goes out again. False when it was too late. */
  rewrite(id: OperationId, text: string): Promise<boolean>
  discard(id: OperationId): Promise<boolean>
  /** What this tab holds back goes out now: nobody looks who could take it back, and the page may not come again. */
  release(): Promise<void>
}

const hasWords = (row: OutboxRow): row is OutboxRow & { operation: Extract<Operation, { text: string }> } => 'text' in row.operation

/** `wrote`: something new is in the outbox. `isLedBlindly`: another tab leads, whose disk failed: what it has sent it could not note. */
export function createOutboxWriter(local: Local, ports: Ports, wrote: () => void, isLedBlindly: () => boolean = () => false): OutboxWriter {
  const newId = (): OperationId => uuidOf(ports.randomBytes(16), 4)
  const stamp = (): { id: OperationId; at: string } => ({ id: newId(), at: new Date(ports.now()).toISOString() })
  /** What is sent again is the same operation however often, its time too: a disk that fails may forget that it was, and it would be said twice. */
  const idAfter = (secret: string, id: OperationId, text: string): OperationId =>
    uuidOf(ports.sha256(new TextEncoder().encode(`${secret} ${id} ${text}`)), 8)

  function checked(operation: Operation): Operation {
    const result = checkOperation(operation)
    if (result === 'too-large') throw new EngineError('too-large', 'The message is too long.')
    if (typeof result === 'string') throw new EngineError('bad-request', 'This cannot be sent.')
    return result.operation
  }
  function rowOf(chat: ChatId, operation: Operation, secret: string = newId()): OutboxRow {
    let last = 0
    for (const { order } of local.outbox.values()) last = Math.max(last, order)
    return {
      id: operation.id,
      chat,
      order: Math.max(last + 1, ports.now()),
      operation: checked(operation),
      state: { at: 'waiting' },
      createdAt: ports.now(),
      secret,
    }
  }
  function mustBeMember(chat: ChatId): void {
    if (!local.chats.has(chat)) throw new EngineError('no-such-chat', 'There is no such chat.')
    if (local.chats.get(chat)?.removed) throw new EngineError('forbidden', 'You are no member of this chat any more.')
  }
  /** What this tab held back, as long as it may still wait. */
  const held = new Set<OperationId>()
  async function queue(chat: ChatId, operation: Operation, heldMs = 0): Promise<OperationId> {
    mustBeMember(chat)
    const queued = { ...rowOf(chat, operation), ...(heldMs > 0 ? { heldMs } : {}) }
    await local.commit([put('outbox', queued)], true)
    if (heldMs > 0) held.add(queued.id)
    wrote()
    return queued.id
  }
  /** Edits, deletions, reactions and pins of a message that is itself still in the outbox. */
  const about = (row: OutboxRow): OutboxRow[] =>
    local.outboxOf(row.chat).filter(({ operation, state }) => operation.type !== 'message' && operation.target === row.id && state.at !== 'appended')

  /** Does `work` with the row as it is now; again when another tab was faster. */
  async function withRow<T>(id: OperationId, work: (row: OutboxRow | undefined) => { changes: Change[]; result: T }): Promise<T> {
    for (;;) {
      const { changes, result } = work(local.outbox.get(id))
      if (changes.length === 0 || (await local.commit(changes, true))) return result
    }
  }
  /** Another tab may send it as it was, whatever happens to it here. */
  const isTooLate = (row: OutboxRow): boolean =>
    nextState(row.state, { is: 'discard' }) !== 'gone' || (row.state.at === 'waiting' && (local.isElsewhere(row.id) || isLedBlindly()))
  /** Each of these rows becomes another or goes, while nobody else sends the one; false when it is too late, and all is as it was. */
  async function inPlace(id: OperationId, next: (row: OutboxRow) => readonly (readonly [OutboxRow, OutboxRow | null])[]): Promise<boolean> {
    const before = await withRow(id, (row) => {
      const turns = row && !isTooLate(row) ? next(row) : []
      const changes = turns.flatMap(([was, is]) => [...expectQueued(was), is ? put('outbox', is) : ({ remove: 'outbox', key: was.id } as const)])
      return { changes, result: turns.map(([was]) => was) }
    })
    const [row] = before
    if (!row || !isTooLate(row)) return row !== undefined
    // The disk failed over it.
    await local.commit(
      before.map((was) => put('outbox', was)),
      true,
    )
    return false
  }

  /** Set aside as before, with other words; nothing where it may be stored as it was. */
  function reworded(row: OutboxRow | undefined, text: string): Change[] {
    if (!row || row.state.at !== 'aside' || row.state.from || !hasWords(row)) return []
    return [...expectQueued(row), put('outbox', { ...row, operation: checked({ ...row.operation, text }) })]
  }

  /** What was set aside goes out, under a new id where its fate is known; false when it is not set aside, by now. */
  async function again(id: OperationId, text?: string): Promise<boolean> {
    if (local.outbox.get(id)?.state.at !== 'aside') return false
    if (!lateParts()) {
      // The new id is a hash, which comes with the other half: until then the words stand where they are.
      if (text !== undefined) await withRow(id, (row) => ({ changes: reworded(row, text), result: undefined }))
      await neededParts(ports)
    }
    return withRow(id, (row) => {
      if (row?.state.at !== 'aside') return { changes: [], result: false }
      mustBeMember(row.chat)
      // It may be stored already, so it stays what it is, and the server is asked; other words follow it as an edit.
      const state = nextState(row.state, { is: 'again' })
      if (state !== null && state !== 'gone') {
        const { operation } = row
        const changes = [...expectQueued(row), put('outbox', { ...row, state })]
        if (text !== undefined && operation.type === 'message')
          changes.push(put('outbox', rowOf(row.chat, { type: 'edit', ...stamp(), target: id, targetAuthor: local.self, text })))
        else if (text !== undefined && operation.type === 'edit') changes.push(put('outbox', rowOf(row.chat, { ...operation, ...stamp(), text })))
        return { changes, result: true }
      }
      const words: { text?: string } = text !== undefined && 'text' in row.operation ? { text } : {}
      const secret = row.secret ?? newId()
      const following = idAfter(secret, id, words.text ?? ('text' in row.operation ? row.operation.text : ''))
      const next = rowOf(row.chat, { ...row.operation, id: following, ...words }, secret)
      const changes: Change[] = [...expectQueued(row), { remove: 'outbox', key: id }, put('outbox', next)]
      for (const other of about(row)) {
        if (other.operation.type === 'message') continue
        changes.push(...expectQueued(other), put('outbox', { ...other, operation: { ...other.operation, target: next.id } }))
      }
      return { changes, result: true }
    })
  }

  const writer: OutboxWriter = {
    send: (chat, body) => queue(chat, { type: 'message', ...stamp(), ...body, text: cleanText(body.text) }),
    edit: async (chat, message, text) => {
      if (local.outbox.get(message.id)?.operation.type === 'message' && (await writer.rewrite(message.id, text))) return
      await queue(chat, { type: 'edit', ...stamp(), target: message.id, targetAuthor: message.author, text: cleanText(text) })
    },
    delete: async (chat, message, undoMs) => {
      const row = local.outbox.get(message.id)
      if (row?.operation.type === 'message' && (await writer.discard(message.id))) return
      await queue(chat, { type: 'delete', ...stamp(), target: message.id, targetAuthor: message.author }, undoMs)
    },
    react: async (chat, message, emoji, on) => {
      if (on && !isEmoji(emoji)) throw new EngineError('bad-request', 'A reaction is one emoji.')
      await queue(chat, { type: 'react', ...stamp(), target: message.id, targetAuthor: message.author, emoji, on })
    },
    pin: async (chat, message, on) => {
      await queue(chat, { type: 'pin', ...stamp(), target: message.id, targetAuthor: message.author, on })
    },
    retry: async (id, text) => {
      if (text === undefined) await again(id)
      else if (!(await writer.rewrite(id, text))) throw new EngineError('too-late', 'It is on its way already, as it was.')
    },
    rewrite: async (id, dirty) => {
      const text = cleanText(dirty)
      if (
        await inPlace(id, (row) =>
          row.state.at === 'aside' || !hasWords(row) ? [] : [[row, { ...row, operation: checked({ ...row.operation, text }) }]],
        )
      )
        return true
      const row = local.outbox.get(id)
      return row?.state.at === 'aside' && hasWords(row) ? again(id, text) : false
    },
    discard: (id) => inPlace(id, (row) => [row, ...(row.operation.type === 'message' ? about(row) : [])].map((each) => [each, null])),
    release: async () => {
      for (const id of held) {
        held.delete(id)
        await withRow(id, (row) => {
          const { heldMs: _, ...free } = row ?? {}
          return { changes: row?.heldMs === undefined ? [] : [...expectQueued(row), put('outbox', free as OutboxRow)], result: undefined }
        })
      }
    },
  }
  return writer
}
