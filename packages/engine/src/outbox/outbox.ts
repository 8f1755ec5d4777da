// The outbox's state machine: pure, and explored over every interleaving by outbox.explorer.test.ts.
//
//   waiting ──append, row written first──▶ appended(document, n) ──named as stored──▶ gone
//      ▲                                        │ epoch closed, ids asked: not stored
//      └────────────────────────────────────────┘ refused ──▶ aside ──▶ gone, by the person
//                                                    ▲          │ sent again: under another id, or, where nobody could be asked, as it was appended
//                                                    └──────────┘
import { isOfMembership, type CloseReason, type RefusalCode } from '@skein/protocol'

export type Problem = CloseReason | RefusalCode

/** Which document has it, so far as is known, and in which of its caches. */
export interface Appended {
  document: string
  n: number
}
export type OutboxState =
  | { at: 'waiting' }
  | ({ at: 'appended' } & Appended)
  /** `from`: it may be stored there all the same; whoever is shut out cannot ask. */
  | { at: 'aside'; reason: Problem; from?: Appended }

export type OutboxEvent =
  /** Written before the document gets the operation. */
  | { is: 'append'; document: string; n: number }
  /** The server named (author, id): by ledger, by `changes`, or by the ids question. */
  | { is: 'stored'; code: RefusalCode | null }
  /** The server's final answer: the document's epoch is closed and does not hold it. */
  | { is: 'not-stored'; document: string }
  /** The operation stood alone in an update that was refused, or the chat is out of reach. */
  | { is: 'refused'; reason: CloseReason }
  /** The person sends what was set aside again, as it is. */
  | { is: 'again' }
  /** The person takes it back. */
  | { is: 'discard' }

/** The state after an event, 'gone', or null where the event is not allowed: then nothing changes. */
export function nextState(state: OutboxState, event: OutboxEvent): OutboxState | 'gone' | null {
  switch (event.is) {
    case 'append':
      if (state.at === 'waiting') return { at: 'appended', document: event.document, n: event.n }
      return state.at === 'appended' && state.document === event.document ? { at: 'appended', document: event.document, n: event.n } : null
    case 'stored':
      return event.code === null ? 'gone' : { at: 'aside', reason: event.code }
    case 'not-stored':
      return state.at === 'appended' && state.document === event.document ? { at: 'waiting' } : null
    case 'refused':
      if (state.at === 'appended' && isOfMembership(event.reason))
        return { at: 'aside', reason: event.reason, from: { document: state.document, n: state.n } }
      return state.at === 'aside' ? null : { at: 'aside', reason: event.reason }
    case 'again':
      return state.at === 'aside' && state.from ? { at: 'appended', ...state.from } : null
    case 'discard':
    default:
      return state.at === 'appended' ? null : 'gone'
  }
}
