// What becomes of an outbox row once the server names it as stored. The person may have gone on writing in a row whose way out this device forgot: only equal words leave with it.
import { canonicalJson, uuidOf, type AnyOperation, type Operation, type RefusalCode, type UserId } from '@skein/protocol'
import type { Ports } from '../ports.ts'
import type { OutboxRow } from '../store/rows.ts'
import { expectQueued, put, type Change } from '../store/store.ts'
import { nextState } from './outbox.ts'

/** What says the row's words again, under an id of its own. */
function again(row: OutboxRow, self: UserId, ports: Ports): Operation {
  const stamp = { id: uuidOf(ports.randomBytes(16), 4), at: new Date(ports.now()).toISOString() }
  const { operation } = row
  return operation.type === 'message'
    ? { type: 'edit', ...stamp, target: row.id, targetAuthor: self, text: operation.text }
    : { ...operation, ...stamp }
}

/** `stored`: the operation as the server has it; null where this device cannot learn it. What was erased meanwhile is not said again. */
export function settle(row: OutboxRow, self: UserId, stored: AnyOperation | 'erased' | null, code: RefusalCode | null, ports: Ports): Change[] {
  const state = nextState(row.state, { is: 'stored', code })
  if (!state) return []
  const expected = expectQueued(row)
  if (state !== 'gone') return [...expected, put('outbox', { ...row, state })]
  const changes: Change[] = [...expected, { remove: 'outbox', key: row.id }]
  if (stored === 'erased' || (stored && canonicalJson(stored) === canonicalJson(row.operation))) return changes
  const operation = again(row, self, ports)
  return [...changes, put('outbox', { ...row, id: operation.id, operation, state: { at: 'waiting' } })]
}
