// What the leading tab does next for a chat with what waits, and after its document was closed: pure.
import { mayRetry, type CloseReason, type OperationId } from '@skein/protocol'
import type { OutboxState } from './outbox.ts'

export interface Queued {
  id: OperationId
  state: OutboxState
  /** Bytes of the operation as JSON. */
  bytes: number
}

/** The chat's live document as the leader sees it. */
export interface Situation {
  /** The document that the server last named as the chat's current one. */
  document: string
  n: number
  /** Open, authenticated, synced, and no update in flight (H15). */
  ready: boolean
  /** The operation stands in one's own log of the live document. */
  inLog(id: OperationId): boolean
  /** All was acknowledged, and still the first that waits has not been named for long. */
  isSilent: boolean
  /** Bounds of one update; the first is lowered while an offender is searched for. */
  maxOperations: number
  maxBytes: number
}

export type Step = { do: 'ask'; document: string; ids: OperationId[] } | { do: 'append'; ids: OperationId[] } | { do: 'nothing' }

/** What the leader does next for one chat; `queue` in the order in which the person wrote. */
export function plan(queue: readonly Queued[], situation: Situation): Step {
  const { document } = situation
  // What went into another epoch may be stored there; nothing follows it into this one before the server has said so.
  const old = queue.find(({ state }) => state.at === 'appended' && state.document !== document)
  if (old?.state.at === 'appended') {
    const asked = old.state.document
    return { do: 'ask', document: asked, ids: queue.filter(({ state }) => state.at === 'appended' && state.document === asked).map(({ id }) => id) }
  }
  if (!situation.ready) return { do: 'nothing' }
  // Said by another tab already, and brought back by one whose disk had failed: maybe stored, and named long ago.
  const said = queue.filter(({ id, state }) => situation.inLog(id) && (state.at === 'waiting' || (state.at === 'appended' && situation.isSilent)))
  if (said.length > 0) return { do: 'ask', document, ids: said.map(({ id }) => id) }
  const ids: OperationId[] = []
  let bytes = 0
  for (const { id, state, bytes: size } of queue) {
    if (state.at === 'aside' || situation.inLog(id)) continue
    bytes += size
    if (ids.length > 0 && (ids.length >= situation.maxOperations || bytes > situation.maxBytes)) break
    ids.push(id)
  }
  return ids.length > 0 ? { do: 'append', ids } : { do: 'nothing' }
}

/** What a closed document's connection asks for. */
export type Recovery =
  /** Open the same Y.Doc again: at once, or after a backoff. */
  | { do: 'reopen'; backoff: boolean }
  /** A fresh Y.Doc and database; `halve`: the next update holds half as much. */
  | { do: 'rebase'; halve: boolean }
  /** Learn the chat's current document. */
  | { do: 'relocate' }
  | { do: 'refresh' }
  | { do: 'give-up' }

/** The way on from each close reason (H3); `gaps` counts those in a row, this one included. */
export function recoveryFrom(reason: CloseReason | null, gaps: number): Recovery {
  switch (reason) {
    case 'gap':
      return gaps >= 3 ? { do: 'rebase', halve: false } : { do: 'reopen', backoff: false }
    case 'rebase':
    case 'client-id-taken':
      return { do: 'rebase', halve: false }
    case 'closed-epoch':
      return { do: 'relocate' }
    case 'token-expired':
    case 'logged-out':
      return { do: 'refresh' }
    case 'no-access':
      return { do: 'give-up' }
    case null:
      return { do: 'reopen', backoff: true }
    default:
      return mayRetry(reason) ? { do: 'reopen', backoff: true } : { do: 'rebase', halve: true }
  }
}
