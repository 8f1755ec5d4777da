// Watches what travels: an acknowledgement, and every word that anybody is sent, must be committed by then (promise 2), stand in its author's log (promise 3), and go to members only.
import {
  canonicalJson,
  INFO_CLIENT,
  INFO_ROOT,
  LEDGER_CLIENT,
  LEDGER_ROOT,
  logRoot,
  parseDocumentName,
  parseLedgerValue,
  type ChatId,
  type UserId,
} from '@skein/protocol'
import * as decoding from 'lib0/decoding'
import * as Y from 'yjs'
import { addedBy } from './added-values.ts'
import type { Connection, Wire } from './network.ts'
import type { Record } from './record.ts'
import type { Actor } from './scheduler.ts'

const SYNC = 0
const AWARENESS = 1
const AUTH = 2
const SYNC_REPLY = 4
const CLOSE = 7
const STATUS = 8

interface OnSocket {
  /** By document: the ids of each update under way, in order, and where it was opened anew: what comes before that is answered no more. */
  underWay: Map<string, (string[] | 'opening')[]>
  /** By document: the chat's rev when it was opened. */
  openedAt: Map<string, number>
  /** By document: a copy that follows the server, for reading what its updates say. */
  copies: Map<string, Y.Doc>
}

export interface Watched {
  record(): Record
  broken(promise: string, what: string): void
  /** Whose socket it is. */
  userOf(tab: Actor): UserId | null
  /** How long ago they were taken out of the chat, in milliseconds; null for members. */
  sinceRemoved(chat: ChatId, user: UserId): number | null
  isRewound(chat: ChatId): boolean
  acknowledged(count: number): void
  closed(reason: string): void
  /** The database has failed lately. */
  mayFail(): boolean
  /** It answers late, or not at all: what is stored is known later. */
  mayBeLate(): boolean
}

/** A document's connection closes within this time after a removal. */
const GRACE_MS = 1_000
/** A slow database may keep a request that was let in before, and the answer to the removal itself. */
const GRACE_SLOW_MS = 20_000

export function createWireWatch(watched: Watched): Wire {
  const sockets = new WeakMap<Connection, OnSocket>()
  const on = (connection: Connection): OnSocket => {
    const known = sockets.get(connection) ?? { underWay: new Map(), openedAt: new Map(), copies: new Map() }
    sockets.set(connection, known)
    return known
  }

  /** By document: who has said there that they type. */
  const typists = new Map<string, Set<UserId>>()

  /** Whoever is shown as typing has said so themselves (W2). */
  function awareness(connection: Connection, name: string, decoder: decoding.Decoder, isSent: boolean): void {
    const known = typists.get(name) ?? new Set()
    typists.set(name, known)
    for (const { user, typing } of statesIn(decoding.readVarUint8Array(decoder))) {
      if (!user || typing !== true) continue
      if (!isSent && !known.has(user)) watched.broken('W2', `${user} is shown as typing in ${name}, and never said so`)
      if (isSent && watched.userOf(connection.tab) === user) known.add(user)
    }
  }

  /** What stands in somebody else's log is cut, and what is left acknowledged. */
  function idsOf(update: Uint8Array, user: UserId | null): string[] {
    const ids: string[] = []
    try {
      for (const struct of Y.decodeUpdate(update).structs) {
        if (!(struct instanceof Y.Item) || !(struct.content instanceof Y.ContentAny)) continue
        // What is claimed under the server's own ids, in no root that can be told, is cut off too (CHECK-4).
        if (struct.id.client === INFO_CLIENT || struct.id.client === LEDGER_CLIENT) continue
        const root: unknown = struct.parent
        if (user && typeof root === 'string' && root.startsWith('log:') && root !== logRoot(user)) continue
        for (const value of struct.content.arr as unknown[]) {
          const { id } = Object(value) as { id?: unknown }
          if (typeof id === 'string') ids.push(id)
        }
      }
    } catch {
      // Not an update: the server will say so.
    }
    return ids
  }

  /** Everything in a document that was sent to `user` must be stored, and stand above rev `unseen`, but for their own words, which they may have said again. */
  function read(chat: ChatId, document: Y.Doc, update: Uint8Array, user: UserId | null, unseen: number): void {
    const record = watched.record().chats.get(chat)
    const added = addedBy(document, update)
    if (!record) {
      if (added.size > 0) watched.broken('promise 2', `words of ${chat}, which is not stored, were sent`)
      return
    }
    for (const [root, values] of added) {
      if (root === INFO_ROOT) continue
      for (const value of values) {
        if (root === LEDGER_ROOT) {
          const entry = parseLedgerValue(value)
          const rev = entry && record.places.get(`${entry.authorId}/${entry.id}`)
          const stored = rev ? record.entries[rev - 1] : undefined
          if (!entry || !stored)
            if (!entry || !stored) watched.broken('promise 2', `a ledger entry of ${chat} was sent that is not stored`)
            else if (entry.seq !== stored.seq || entry.at !== stored.at || entry.code !== stored.code || entry.salt !== stored.salt)
              watched.broken('LED-2', `a ledger entry of ${chat} is another than its row`)
          continue
        }
        const author = root.slice('log:'.length)
        const { id } = Object(value) as { id?: unknown }
        const rev = record.places.get(`${author}/${String(id)}`)
        const stored = rev ? record.entries[rev - 1] : undefined
        if (rev !== undefined && rev <= unseen && author !== user)
          watched.broken('CHAT-9', `${String(id)} of ${chat} was sent to somebody who joined after it`)
        if (!stored) watched.broken('promise 2', `operation ${String(id)} stands in ${root} of ${chat}, was sent, and is not stored as that author's`)
        else if (stored.text !== null && stored.text !== canonicalJson(value as object))
          watched.broken('promise 3', `operation ${String(id)} in ${root} is another than is stored`)
      }
    }
  }

  /** A message stands where its first entry does, whatever its last change was. */
  function idIsUnseen(chat: ChatId, id: string, unseen: number): boolean {
    const entry = watched
      .record()
      .chats.get(chat)
      ?.entries.find((each) => each.id === id)
    return entry !== undefined && entry.rev <= unseen
  }

  function sync(connection: Connection, name: string, decoder: decoding.Decoder): void {
    const type = decoding.readVarUint(decoder)
    const payload = decoding.readVarUint8Array(decoder)
    const parsed = parseDocumentName(name)
    if (type === 0 || parsed?.kind !== 'chat') return
    const user = watched.userOf(connection.tab)
    const since = user ? watched.sinceRemoved(parsed.chat, user) : null
    if (user && since !== null && since > (watched.mayBeLate() ? GRACE_SLOW_MS : GRACE_MS))
      watched.broken('promise 8', `${user} was sent words of ${parsed.chat} ${since} ms after being taken out of it`)
    const { copies, openedAt } = on(connection)
    const copy = copies.get(name) ?? new Y.Doc()
    copies.set(name, copy)
    // What was on its way when they left may arrive when they are back.
    const unseen = user ? watched.record().unseenBy(parsed.chat, user) : 0
    read(parsed.chat, copy, payload, user, unseen < (openedAt.get(name) ?? 0) ? unseen : 0)
  }

  return {
    sent: (connection, frame) => {
      try {
        const decoder = decoding.createDecoder(frame)
        const name = connection.document ?? decoding.readVarString(decoder)
        const type = decoding.readVarUint(decoder)
        const { underWay, copies } = on(connection)
        if (type === AWARENESS) return awareness(connection, name, decoder, true)
        if (type === AUTH) {
          underWay.set(name, [...(underWay.get(name) ?? []), 'opening'])
          copies.delete(name)
        }
        if (type !== SYNC && type !== SYNC_REPLY) return
        if (decoding.readVarUint(decoder) === 0) return
        const ids = idsOf(decoding.readVarUint8Array(decoder), watched.userOf(connection.tab))
        underWay.set(name, [...(underWay.get(name) ?? []), ids])
      } catch {
        // Hostile bytes.
      }
    },
    answered: (connection, frame) => {
      const decoder = decoding.createDecoder(frame)
      const name = connection.document ?? decoding.readVarString(decoder)
      const type = decoding.readVarUint(decoder)
      const { underWay, openedAt } = on(connection)
      if (type === AWARENESS) return awareness(connection, name, decoder, false)
      if (type === SYNC || type === SYNC_REPLY) return sync(connection, name, decoder)
      const waiting = underWay.get(name) ?? []
      const opening = waiting.indexOf('opening')
      if (type === CLOSE) {
        const reason = decoding.readVarString(decoder)
        watched.closed(reason)
        // What the server closes by itself is opened anew, whatever was on its way; its answer to a close says nothing of an opening behind that.
        waiting.splice(0, opening < 0 || reason !== 'provider_initiated' ? waiting.length : opening)
      }
      if (type === AUTH) {
        if (decoding.readVarUint(decoder) === 1) watched.closed(`denied: ${decoding.readVarString(decoder)}`)
        else {
          const opened = parseDocumentName(name)
          if (opened?.kind === 'chat') openedAt.set(name, watched.record().chats.get(opened.chat)?.rev ?? 0)
        }
        waiting.splice(0, opening + 1)
      }
      if (type !== STATUS || decoding.readVarUint(decoder) !== 1 || opening === 0) return
      const parsed = parseDocumentName(name)
      const first = waiting.shift() ?? []
      const ids = first === 'opening' ? [] : first
      watched.acknowledged(ids.length)
      // After a restore, what others wrote is cut off unseen, and the rest acknowledged.
      if (parsed?.kind !== 'chat' || watched.isRewound(parsed.chat)) return
      for (const id of ids)
        if (!watched.record().stored.has(`${parsed.chat}/${id}`))
          watched.broken('promise 2', `operation ${id} of ${parsed.chat} was acknowledged and is not stored`)
    },
    replied: (tab, request, status, text) => {
      const chat = /^\/api\/chats\/([0-9a-z]{26})(?:\/|\?|$)/.exec(request.path)?.[1] as ChatId | undefined
      if (!chat || status >= 300) {
        if (status >= 500 && status !== 503 && !watched.mayFail())
          watched.broken('stable codes', `${request.method} ${request.path.split('?')[0]} was answered ${status}: ${text.slice(0, 200)}`)
        return
      }
      const user = watched.userOf(tab)
      const since = user ? watched.sinceRemoved(chat, user) : null
      // However late, one is told that one's own word is stored, and that one has left.
      const isOwn = (request.method === 'POST' && request.path.endsWith('/messages')) || request.method === 'DELETE'
      if (user && since !== null && since > GRACE_SLOW_MS && !isOwn)
        watched.broken('promise 8', `${user} was answered ${request.path} after being taken out of the chat`)
      if (user && request.method === 'GET' && watched.record().memberFor(chat, user) > GRACE_SLOW_MS) {
        const unseen = watched.record().unseenBy(chat, user)
        const { messages = [], entries = [] } = JSON.parse(text) as {
          messages?: { rev: number; id: string }[]
          entries?: { rev: number; id: string }[]
        }
        const early = [...messages.filter(({ id }) => idIsUnseen(chat, id, unseen)), ...entries.filter(({ rev }) => rev <= unseen)]
        if (early.length > 0) watched.broken('CHAT-9', `${request.path} told ${user} of ${early[0]?.id}, which stands before they joined`)
      }
      if (!/\/(messages|stored)(\?|$)/.test(request.path) || request.method !== 'POST') return
      const answer = JSON.parse(text) as { message?: { id: string }; stored?: [string, string | null][] }
      for (const id of [...(answer.message ? [answer.message.id] : []), ...(answer.stored ?? []).map(([stored]) => stored)])
        if (!watched.record().stored.has(`${chat}/${id}`)) watched.broken('promise 2', `operation ${id} of ${chat} is told to be stored and is not`)
    },
  }
}

/** The states of an awareness update. */
function* statesIn(update: Uint8Array): Generator<{ user?: UserId; typing?: boolean }> {
  const decoder = decoding.createDecoder(update)
  for (let left = decoding.readVarUint(decoder); left > 0; left--) {
    decoding.readVarUint(decoder)
    decoding.readVarUint(decoder)
    yield Object(JSON.parse(decoding.readVarString(decoder))) as { user?: UserId; typing?: boolean }
  }
}
