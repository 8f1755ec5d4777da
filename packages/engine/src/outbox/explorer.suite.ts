// Walks every interleaving of one operation, two tabs, two epochs, one rebase, two crashes or a leader that is stolen from in its sleep and wakes, a document cache that may lose its tail,
// a refusal that is taken back, and messages that outlive their sender, through the real rules of outbox.ts. Handed the rules, so that a test can hand in broken ones and see them found.
import { parseOperationId } from '@skein/protocol'
import type { nextState, OutboxState } from './outbox.ts'
import type { plan } from './plan.ts'

export interface Rules {
  nextState: typeof nextState
  plan: typeof plan
  /** false: the document gets the operation before the row names the epoch. */
  rowFirst: boolean
  /** false: a leader that was stolen from writes and opens a socket as before, until it hears of it. */
  fenced: boolean
}

/** What a tab knows of the local store. */
interface Sight {
  row: OutboxState | 'none' | 'gone'
  knownEpoch: number
  knownN: number
}

interface Tab {
  up: boolean
  /** The live document of the leader; -1: none. */
  epoch: number
  n: number
  has: boolean
  /** Between the row's write and the document's change. */
  writing: boolean
  /** Stolen from, and not told yet: goes on by what it knew when it fell asleep. */
  asleep: Sight | null
  asked: 'no' | 'asked-0' | 'asked-1' | 'stored' | 'final-0' | 'final-1' | 'open'
}

interface State extends Sight {
  discarded: boolean
  tabs: [Tab, Tab]
  leader: number
  /** The cache by epoch and n. */
  cache: boolean[]
  /** Updates under way, by epoch. */
  wire: boolean[]
  serverEpoch: number
  inServerLog: boolean[]
  stored: number
  refusal: boolean
  /** The server takes now what it has refused: the person was let in again, say. */
  pardoned: boolean
  /** At most two; a theft counts for both. */
  crashes: number
}

const id = parseOperationId('00000000-0000-4000-8000-000000000001')
const down: Tab = { up: false, epoch: -1, n: 0, has: false, writing: false, asleep: null, asked: 'no' }
const documentOf = (epoch: number): string => `epoch ${epoch}`
const epochOf = (document: string): number => Number(document.slice(6))

type Move = { name: string; fault: boolean; to: State }

/** Every state that can follow. `bad`: the server refuses every update that holds the operation. */
function moves(state: State, rules: Rules, bad: boolean): Move[] {
  const found: Move[] = []
  const move = (name: string, change: (next: State) => boolean | void, fault = false): void => {
    const to = structuredClone(state)
    if (change(to) !== false) found.push({ name, fault, to })
  }
  const apply = (to: State, event: Parameters<typeof nextState>[1]): boolean => {
    if (typeof to.row === 'string') return false
    const next = rules.nextState(to.row, event)
    if (next === null) return false
    to.row = next
    return true
  }
  /** The same by a tab: where it does not see what is there, the write is refused. */
  const applyBy = (to: State, tab: Tab, event: Parameters<typeof nextState>[1]): boolean =>
    (tab.asleep === null || JSON.stringify(tab.asleep.row) === JSON.stringify(to.row)) && apply(to, event)
  const slot = (epoch: number, n: number): number => epoch * 3 + n

  if (state.row === 'none') move('press', (to) => void (to.row = { at: 'waiting' }))
  for (const t of [0, 1] as const) {
    const tab = state.tabs[t]
    if (!tab.up) {
      move(`start ${t}`, (to) => void (to.tabs[t] = { ...down, up: true }))
      continue
    }
    if (typeof state.row !== 'string') {
      // The person's discard is a fault for the liveness check: nothing may depend on it.
      move(`discard ${t}`, (to) => apply(to, { is: 'discard' }) && void (to.discarded = true), true)
    }
    if (state.crashes < 2) {
      const crash = (to: State): void => {
        to.tabs[t] = { ...down }
        if (to.leader === t) to.leader = -1
        to.crashes++
      }
      move(`crash ${t}`, crash, true)
      if (tab.has) move(`crash ${t}, cache loses its tail`, (to) => (crash(to), void (to.cache[slot(tab.epoch, tab.n)] = false)), true)
    }
    const { asleep } = tab
    const push = (to: State): void => {
      to.tabs[t].has = true
      to.cache[slot(tab.epoch, tab.n)] = true
    }
    if (asleep) {
      move(`notice ${t}`, (to) => void (to.tabs[t] = { ...down, up: true }))
      // The words may be between the row and the document; they get no further, since no socket is opened.
      if (tab.writing && rules.rowFirst && rules.fenced) move(`append ${t}, second half, asleep`, (to) => ((to.tabs[t].writing = false), push(to)))
      if (rules.fenced) continue
    } else if (state.leader !== t) {
      const { row, knownEpoch, knownN, leader } = state
      if (leader === -1) move(`lead ${t}`, (to) => void (to.leader = t))
      else if (state.crashes === 0)
        move(
          `steal ${t}`,
          (to) => {
            to.crashes = 2
            to.tabs[leader === 0 ? 0 : 1].asleep = { row, knownEpoch, knownN }
            to.leader = t
          },
          true,
        )
      continue
    }
    const seen: Sight = asleep ?? state

    if (tab.epoch >= 0 && asleep) {
      if (tab.has && !state.wire[tab.epoch] && !state.inServerLog[tab.epoch]) move(`send ${t}, asleep`, (to) => void (to.wire[tab.epoch] = true))
    } else if (tab.epoch < 0) {
      move(`open ${t}`, (to) => {
        if (to.knownEpoch !== to.serverEpoch) to.knownEpoch = to.serverEpoch
        else {
          const { knownEpoch: epoch, knownN: n } = to
          to.tabs[t] = { ...tab, epoch, n, has: to.cache[slot(epoch, n)] === true || to.inServerLog[epoch] === true }
        }
      })
    } else {
      if (tab.has && !state.wire[tab.epoch] && !state.inServerLog[tab.epoch] && !state.refusal)
        move(`send ${t}`, (to) => void (to.wire[tab.epoch] = true))
      if (tab.epoch !== state.serverEpoch && !tab.writing)
        move(`learn ${t}`, (to) => ((to.knownEpoch = to.serverEpoch), void (to.tabs[t] = { ...down, up: true, asked: tab.asked })))
      if (state.stored === tab.epoch && typeof state.row !== 'string') move(`ledger ${t}`, (to) => apply(to, { is: 'stored', code: null }))
      if (state.knownN === 0 && !tab.writing)
        move(`rebase ${t}`, (to) => ((to.knownN = 1), void (to.tabs[t] = { ...down, up: true, asked: tab.asked })), true)
      if (state.refusal)
        move(`refusal ${t}`, (to) => {
          to.refusal = false
          to.knownN = 2
          to.tabs[t] = { ...down, up: true }
          apply(to, { is: 'refused', reason: 'bad-operation' })
        })
    }

    const written = (to: State): boolean => applyBy(to, tab, { is: 'append', document: documentOf(tab.epoch), n: tab.n })
    if (tab.writing) move(`append ${t}, second half`, (to) => ((to.tabs[t].writing = false), rules.rowFirst ? push(to) : void written(to)))
    else if (typeof seen.row !== 'string') {
      const document = documentOf(tab.epoch < 0 ? seen.knownEpoch : tab.epoch)
      const ready = tab.epoch >= 0 && tab.epoch === seen.knownEpoch && tab.n === seen.knownN
      const queue = [{ id, state: seen.row, bytes: 1 }]
      const planned = (isSilent: boolean) =>
        rules.plan(queue, { document, n: tab.n, ready, inLog: () => tab.has, isSilent, maxOperations: 1, maxBytes: 1 })
      const step = planned(false)
      // However long it takes: whether an answer is overdue is any tab's guess.
      const overdue = planned(true)
      if (step.do === 'append')
        move(`append ${t}, first half`, (to) => {
          if (!rules.rowFirst) push(to)
          else if (!written(to)) return false
          to.tabs[t].writing = true
          return true
        })
      if (overdue.do === 'ask' && tab.asked === 'no')
        move(`ask ${t}`, (to) => void (to.tabs[t].asked = epochOf(overdue.document) === 0 ? 'asked-0' : 'asked-1'))
    }

    if (tab.asked === 'asked-0' || tab.asked === 'asked-1')
      move(`server answers ${t}`, (to) => {
        const about = tab.asked === 'asked-0' ? 0 : 1
        to.tabs[t].asked = to.stored >= 0 ? 'stored' : about === to.serverEpoch ? 'open' : about === 0 ? 'final-0' : 'final-1'
      })
    else if (tab.asked !== 'no')
      move(`answer reaches ${t}`, (to) => {
        to.tabs[t].asked = 'no'
        if (tab.asked === 'stored') applyBy(to, tab, { is: 'stored', code: null })
        if (tab.asked === 'final-0' || tab.asked === 'final-1')
          applyBy(to, tab, { is: 'not-stored', document: documentOf(tab.asked === 'final-0' ? 0 : 1) })
      })
  }
  for (const epoch of [0, 1]) {
    if (state.wire[epoch])
      move(`server gets ${epoch}`, (to) => {
        to.wire[epoch] = false
        if (to.serverEpoch !== epoch) return
        if (bad && !to.pardoned) to.refusal = true
        else {
          to.inServerLog[epoch] = true
          if (to.stored < 0) to.stored = epoch
        }
      })
  }
  if (bad && !state.pardoned && !state.refusal) move('pardon', (to) => void (to.pardoned = true), true)
  if (state.serverEpoch === 0) move('epoch moves', (to) => void (to.serverEpoch = 1), true)
  return found
}

export interface Exploration {
  states: number
  /** The shortest way to each kind of violation. */
  violations: Map<string, string>
}

export function explore(rules: Rules, bad: boolean): Exploration {
  const start: State = {
    row: 'none',
    discarded: false,
    tabs: [{ ...down }, { ...down }],
    leader: -1,
    knownEpoch: 0,
    knownN: 0,
    cache: [false, false, false, false, false, false],
    wire: [false, false],
    serverEpoch: 0,
    inServerLog: [false, false],
    stored: -1,
    refusal: false,
    pardoned: false,
    crashes: 0,
  }
  const key = JSON.stringify(start)
  const from = new Map<string, { before: string; name: string } | null>([[key, null]])
  const backwards = new Map<string, string[]>()
  const settled: string[] = []
  const violations = new Map<string, string>()
  const way = (at: string): string => {
    const names: string[] = []
    for (let step = from.get(at); step; step = from.get(step.before)) names.unshift(step.name)
    return names.join(' → ')
  }
  const found = (violation: string, at: string): void => {
    if (!violations.has(violation)) violations.set(violation, way(at))
  }
  const queue: [string, State][] = [[key, start]]
  for (const [at, state] of queue) {
    if (state.row === 'gone' && state.stored < 0 && !state.discarded) found('lost', at)
    if (state.discarded && state.stored >= 0) found('sent after it was discarded', at)
    if (state.inServerLog[0] && state.inServerLog[1]) found('doubled', at)
    if (state.row === 'gone' || (typeof state.row !== 'string' && state.row.at === 'aside')) settled.push(at)
    for (const { name, fault, to } of moves(state, rules, bad)) {
      const next = JSON.stringify(to)
      if (!fault) backwards.set(next, [...(backwards.get(next) ?? []), at])
      if (from.has(next)) continue
      from.set(next, { before: at, name })
      queue.push([next, to])
    }
  }
  // Liveness: once faults stop, some way leads from every state to a settled one.
  const live = new Set(settled)
  for (const at of settled) {
    for (const before of backwards.get(at) ?? []) {
      if (live.has(before)) continue
      live.add(before)
      settled.push(before)
    }
  }
  for (const [at] of queue) if (!live.has(at)) found('stuck', at)
  return { states: queue.length, violations }
}
