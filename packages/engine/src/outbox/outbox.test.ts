import { CLOSE_REASONS, mayRetry, parseOperationId, type CloseReason, type OperationId } from '@skein/protocol'
import { describe, expect, test } from 'vitest'
import { nextState, type OutboxState } from './outbox.ts'
import { plan, recoveryFrom, type Queued, type Situation } from './plan.ts'

const idOf = (n: number): OperationId => parseOperationId(`00000000-0000-4000-8000-${String(n).padStart(12, '0')}`)
const row = (n: number, state: OutboxState = { at: 'waiting' }, bytes = 10): Queued => ({ id: idOf(n), state, bytes })
const situation: Situation = { document: 'two', n: 0, ready: true, inLog: () => false, isSilent: false, maxOperations: 3, maxBytes: 100 }
const inEpoch = (document: string): OutboxState => ({ at: 'appended', document, n: 0 })

describe('H15: what goes into one update', () => {
  test('all that waits, in order, up to the bounds', () => {
    expect(plan([row(1), row(2), row(3), row(4)], situation)).toEqual({ do: 'append', ids: [idOf(1), idOf(2), idOf(3)] })
    expect(plan([row(1, undefined, 60), row(2, undefined, 60)], situation)).toEqual({ do: 'append', ids: [idOf(1)] })
    expect(plan([row(1, undefined, 500)], situation)).toEqual({ do: 'append', ids: [idOf(1)] })
  })
  test('nothing while the document is not ready, an update is under way, or all is set aside', () => {
    expect(plan([row(1)], { ...situation, ready: false })).toEqual({ do: 'nothing' })
    expect(plan([row(1, { at: 'aside', reason: 'garbage' })], situation)).toEqual({ do: 'nothing' })
  })
  test('again what this epoch should have and its log has not', () => {
    expect(plan([row(1, inEpoch('two')), row(2)], situation)).toEqual({ do: 'append', ids: [idOf(1), idOf(2)] })
    expect(plan([row(1, inEpoch('two')), row(2)], { ...situation, inLog: (id) => id === idOf(1) })).toEqual({ do: 'append', ids: [idOf(2)] })
  })
  test('not again what waits and stands in the log all the same: the server is asked', () => {
    expect(plan([row(1), row(2)], { ...situation, inLog: (id) => id === idOf(1) })).toEqual({ do: 'ask', document: 'two', ids: [idOf(1)] })
    // Stored, taken out, and brought back by a disk that had failed: the ledger will not name it again.
    expect(plan([row(1, inEpoch('two'))], { ...situation, inLog: () => true, isSilent: true })).toEqual({
      do: 'ask',
      document: 'two',
      ids: [idOf(1)],
    })
    expect(plan([row(1)], { ...situation, ready: false, inLog: () => true })).toEqual({ do: 'nothing' })
  })
  test('nothing before the server has said what the older epoch holds', () => {
    expect(plan([row(1, inEpoch('one')), row(2), row(3, inEpoch('one'))], situation)).toEqual({ do: 'ask', document: 'one', ids: [idOf(1), idOf(3)] })
  })
})

test('promise 4: what was under way when its person was shut out is sent again as what it was, so that the server can say that it has it', () => {
  const aside: OutboxState = { at: 'aside', reason: 'no-access', from: { document: 'one', n: 1 } }
  expect(nextState({ at: 'appended', document: 'one', n: 1 }, { is: 'refused', reason: 'no-access' })).toEqual(aside)
  expect(nextState(aside, { is: 'again' })).toEqual({ at: 'appended', document: 'one', n: 1 })
  // What was refused for itself, or was not under way, is stored nowhere.
  const refused = nextState({ at: 'appended', document: 'one', n: 1 }, { is: 'refused', reason: 'too-large' })
  expect(refused).toEqual({ at: 'aside', reason: 'too-large' })
  expect(nextState({ at: 'waiting' }, { is: 'refused', reason: 'no-access' })).toEqual({ at: 'aside', reason: 'no-access' })
  expect(nextState({ at: 'aside', reason: 'no-access' }, { is: 'again' })).toBe(null)
})

describe('H3: the way on from each close reason', () => {
  test.each(Object.keys(CLOSE_REASONS) as CloseReason[])('%s', (reason) => {
    const way = recoveryFrom(reason, 1)
    const special: Partial<Record<CloseReason, unknown>> = {
      gap: { do: 'reopen', backoff: false },
      rebase: { do: 'rebase', halve: false },
      'client-id-taken': { do: 'rebase', halve: false },
      'closed-epoch': { do: 'relocate' },
      'token-expired': { do: 'refresh' },
      'logged-out': { do: 'refresh' },
      'no-access': { do: 'give-up' },
    }
    expect(way).toEqual(special[reason] ?? (mayRetry(reason) ? { do: 'reopen', backoff: true } : { do: 'rebase', halve: true }))
  })
  test('the third gap in a row is a rebase; a reason nobody knows is tried again', () => {
    expect(recoveryFrom('gap', 3)).toEqual({ do: 'rebase', halve: false })
    expect(recoveryFrom(null, 0)).toEqual({ do: 'reopen', backoff: true })
  })
})
