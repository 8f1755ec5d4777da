// The check (promise 3): which part of an update somebody may add to a chat document. An allow-list over a normalised update, pure, so that it can be fuzzed.
// The order of the steps matters: each has been shown to lose words when it was done later or earlier (SPEC, rules CHECK-…).
import { equalityDeep } from 'lib0/function'
import * as Y from 'yjs'
import { encodeAppend } from './entries.ts'
import type { UserId } from './ids.ts'
import { MAX_CLIENT_IDS_PER_UPDATE, MAX_OPERATIONS_PER_UPDATE } from './limits.ts'
import { INFO_CLIENT, LEDGER_CLIENT, logRoot } from './names.ts'
import { checkOperation, type Checked } from './operations.ts'
import type { CloseReason } from './reasons.ts'

export interface CheckContext {
  /** The document as this server has it. */
  doc: Y.Doc
  /** Who sends. */
  user: UserId
  /** Whose Yjs client id this is, as far as this server knows. */
  ownerOf(client: number): UserId | undefined
  /** The document and the owners are at the database's newest position. */
  upToDate: boolean
}

export type CheckResult =
  /** Nothing that is not known; acknowledge. */
  | { kind: 'nothing-new' }
  /** Store, apply and broadcast `update`, never the raw bytes. */
  | { kind: 'new'; update: Uint8Array; clients: number[]; operations: Checked[] }
  /** It names what this server does not have: read the database's newest position and ask again with `upToDate`. */
  | { kind: 'behind' }
  | { kind: 'refused'; reason: CloseReason }

/** A part of the update that may be taken: an Item that appends plain values. */
interface Append {
  client: number
  clock: number
  end: number
  /** The root's name, when the wire says it. */
  root: string | null
  origin: Y.ID | null
  values: unknown[]
}

class Refused extends Error {
  readonly reason: CloseReason
  constructor(reason: CloseReason) {
    super(reason)
    this.reason = reason
  }
}

/** Checks one raw update against the document. Changes nothing; never throws for a bad update. */
export function checkUpdate(raw: Uint8Array, context: CheckContext): CheckResult {
  try {
    return check(raw, context)
  } catch (error) {
    if (error instanceof Refused) return { kind: 'refused', reason: error.reason }
    // Only decoding and comparing can throw: by nesting that overflows the stack, or by bytes that are no update.
    const tooDeep = error instanceof RangeError && error.message.includes('call stack')
    return { kind: 'refused', reason: tooDeep ? 'too-deep' : 'garbage' }
  }
}

function check(raw: Uint8Array, context: CheckContext): CheckResult {
  if (raw.length < 2) throw new Refused('garbage')
  const appends = decode(raw)
  if (appends.length === 0) {
    if (raw.length > 2) throw new Refused('garbage')
    return { kind: 'nothing-new' }
  }
  const known = new Map<number, number>()
  for (const { client } of appends) known.set(client, stateOf(context.doc, client))
  compareKnown(appends, context, known)

  const plain = plainAppend(appends, context, known)
  if (plain)
    return {
      kind: 'new',
      update: encodeAppend(plain.client, logRoot(context.user), plain.clock, plain.values),
      clients: [plain.client],
      operations: checkValues([plain]),
    }

  const update = Y.diffUpdate(raw, Y.encodeStateVector(known))
  const fresh = decode(update)
  if (fresh.length === 0) return { kind: 'nothing-new' }

  const unknown = new Set(fresh.map(({ client }) => client).filter((client) => !reserved(client) && context.ownerOf(client) === undefined))
  // Before anything is laid, since laying goes in rounds and there can be as many as client ids.
  if (unknown.size > MAX_CLIENT_IDS_PER_UPDATE) {
    if (context.upToDate) throw new Refused('rebase')
    return { kind: 'behind' }
  }
  const { laid, foreign } = lay(fresh, context)
  if (foreign.size > 0 || laid === null) {
    if (!context.upToDate) return { kind: 'behind' }
    if (laid === null) throw new Refused('gap')
  }
  if (laid.length === 0) return { kind: 'nothing-new' }
  const clients = [...new Set(laid.map((append) => append.client))]
  const operations = checkValues(laid)
  if (foreign.size === 0) return { kind: 'new', update, clients, operations }
  const cut = new Map([...foreign].map((client) => [client, Number.MAX_SAFE_INTEGER]))
  return { kind: 'new', update: Y.diffUpdate(update, Y.encodeStateVector(cut)), clients, operations }
}

/**
 * The update of every day: one person's next values behind their own last ones, under a client id that is theirs already. It passes all that follows,
 * and its normalised bytes are made from its values, which costs a fifth of cutting and decoding again.
 */
function plainAppend(appends: Append[], { doc, user, ownerOf }: CheckContext, known: Map<number, number>): Append | null {
  const [append] = appends
  if (!append || appends.length > 1 || append.origin === null || append.root !== null) return null
  const { client, clock, origin } = append
  const follows = origin.client === client && origin.clock === clock - 1 && clock === known.get(client)
  return follows && !reserved(client) && ownerOf(client) === user && rootAt(doc, origin) === logRoot(user) ? append : null
}

const reserved = (client: number): boolean => client === LEDGER_CLIENT || client === INFO_CLIENT
const stateOf = (doc: Y.Doc, client: number): number => Y.getState(doc.store, client)

/** CHECK-1: each client id in one block, clocks without a gap, nothing but Items that append plain values, no deletion. */
function decode(update: Uint8Array): Append[] {
  const { structs, ds } = Y.decodeUpdate(update)
  if (ds.clients.size > 0) throw new Refused('has-delete')
  const seen = new Set<number>()
  let client = -1
  let next = 0
  return structs.map((struct) => {
    const { id, length } = struct
    if (id.client !== client) {
      if (seen.has(id.client)) throw new Refused('bad-struct')
      seen.add((client = id.client))
    } else if (id.clock !== next) throw new Refused('bad-struct')
    next = id.clock + length
    if (!Number.isSafeInteger(id.client) || !Number.isSafeInteger(id.clock)) throw new Refused('garbage')
    if (length === 0) throw new Refused('bad-struct')
    if (!(struct instanceof Y.Item) || struct.content instanceof Y.ContentDeleted) throw new Refused('bad-struct')
    if (!(struct.content instanceof Y.ContentAny)) throw new Refused('bad-content')
    if (struct.rightOrigin !== null) throw new Refused('foreign-write')
    if (struct.parentSub !== null) throw new Refused('bad-value')
    const root = typeof struct.parent === 'string' ? struct.parent : null
    if (root === null && struct.origin === null) throw new Refused('bad-content') // inside another type
    return { client, clock: id.clock, end: next, root, origin: struct.origin, values: struct.content.arr }
  })
}

/** The name of the root in which a known struct stands. */
function rootAt(doc: Y.Doc, id: Y.ID): string | null {
  const { parent } = Y.getItem(doc.store, id)
  for (const [name, type] of doc.share) if (parent === type) return name
  return null
}

/**
 * CHECK-2: what the document already has at a clock must be the same, root and value.
 * Cutting it off first would acknowledge a word that stands nowhere, when somebody else took the client id (RT3).
 */
function compareKnown(appends: Append[], context: CheckContext, known: Map<number, number>): void {
  const { doc, user } = context
  /** null: its origin is new as well; an honest client that lost its id to somebody sends such. */
  const rootOf = ({ root, origin }: Append): string | null => {
    if (root !== null || origin === null) return root
    return origin.clock < (known.get(origin.client) ?? stateOf(doc, origin.client)) ? rootAt(doc, origin) : null
  }
  for (const append of appends) {
    const upTo = Math.min(append.end, known.get(append.client) ?? 0)
    if (append.clock >= upTo) continue
    const claimed = rootOf(append)
    for (let clock = append.clock; clock < upTo; clock++) {
      const id = Y.createID(append.client, clock)
      const item: unknown = Y.getItem(doc.store, id)
      const same =
        item instanceof Y.Item &&
        item.content instanceof Y.ContentAny &&
        equalityDeep(item.content.arr[clock - item.id.clock], append.values[clock - append.clock]) &&
        (claimed === null || claimed === rootAt(doc, id))
      if (!same) throw new Refused(claimed === null || claimed === logRoot(user) ? 'client-id-taken' : 'foreign-client')
    }
  }
}

/**
 * CHECK-4 and CHECK-5: sorts out what belongs to others and lays the rest in rounds, each part when its clock is next and its origin lies already,
 * in the sender's own root. `laid` is null when something of one's own cannot be laid; `foreign` are the client ids to cut off.
 */
function lay(fresh: Append[], context: CheckContext): { laid: Append[] | null; foreign: Set<number> } {
  const { doc, user } = context
  const own = logRoot(user)
  const foreign = new Set<number>()
  const laid: Append[] = []
  const at = new Map<number, number>()
  const state = (client: number): number => at.get(client) ?? stateOf(doc, client)
  const others = (client: number): boolean => {
    const owner = context.ownerOf(client)
    return reserved(client) || (owner !== undefined && owner !== user)
  }
  /** The root an origin stands in: known, laid in an earlier round, or not (yet) there. */
  const originRoot = (origin: Y.ID): string | null => {
    if (origin.clock < stateOf(doc, origin.client)) return rootAt(doc, origin)
    return origin.clock < state(origin.client) ? own : null
  }
  let left = fresh
  for (let before = -1; left.length !== before;) {
    before = left.length
    left = left.filter((append) => {
      const { client, clock, end, origin } = append
      const root = append.root ?? (origin && originRoot(origin))
      if (root === null) return true
      if (others(client)) {
        if (root === own && context.upToDate) throw new Refused(reserved(client) ? 'reserved-client' : 'foreign-client')
        foreign.add(client)
        return false
      }
      if (root !== own) {
        if (context.upToDate || context.ownerOf(client) === user) throw new Refused(append.root === null ? 'foreign-write' : 'foreign-root')
        foreign.add(client) // somebody's client id that this server has not read yet, or a forgery: the database tells
        return false
      }
      if (clock !== state(client)) return true
      at.set(client, end)
      laid.push(append)
      return false
    })
  }
  for (const { client } of left) if (others(client)) foreign.add(client)
  return { laid: left.some(({ client }) => !others(client)) ? null : laid, foreign }
}

/** CHECK-6: each value is an operation; what is stored is the validated copy. */
function checkValues(laid: Append[]): Checked[] {
  const values = laid.flatMap((append) => append.values)
  if (values.length > MAX_OPERATIONS_PER_UPDATE) throw new Refused('too-large')
  return values.map((value) => {
    const checked = checkOperation(value)
    if (typeof checked === 'string') throw new Refused(checked)
    return checked
  })
}
