import { describe, expect, test } from 'vitest'
import { explore, type Rules } from './explorer.suite.ts'
import { nextState } from './outbox.ts'
import { plan } from './plan.ts'

const rules: Rules = { nextState, plan, rowFirst: true, fenced: true }

describe('RT11, I7: every interleaving of two tabs, two epochs, two crashes or a theft', () => {
  test.each([
    ['an operation that the server takes', false],
    ['an operation that the server refuses whole', true],
  ])('%s is never lost, doubled, stuck, or sent after it was discarded', { timeout: 120_000 }, (_, bad) => {
    const { states, violations } = explore(rules, bad)
    expect(Object.fromEntries(violations)).toEqual({})
    expect(states).toBeGreaterThan(1_000)
  })
})

describe('RT11: the explorer finds each rule that is broken', () => {
  test('moving to the next epoch without asking', () => {
    const careless: Rules['plan'] = (queue, situation) =>
      plan(
        queue.map((row) => (row.state.at === 'appended' && row.state.document !== situation.document ? { ...row, state: { at: 'waiting' } } : row)),
        situation,
      )
    const moving: Rules['nextState'] = (state, event) =>
      event.is === 'append' && state.at === 'appended' ? { at: 'appended', document: event.document, n: event.n } : nextState(state, event)
    expect(explore({ nextState: moving, plan: careless, rowFirst: true, fenced: true }, false).violations.has('doubled')).toBe(true)
  })
  test('discarding what a document already holds', () => {
    const lenient: Rules['nextState'] = (state, event) => (event.is === 'discard' ? 'gone' : nextState(state, event))
    expect(explore({ nextState: lenient, plan, rowFirst: true, fenced: true }, false).violations.has('sent after it was discarded')).toBe(true)
  })
  test('changing the document before the row', () => {
    expect(explore({ nextState, plan, rowFirst: false, fenced: true }, false).violations.has('sent after it was discarded')).toBe(true)
  })
  test('a leader that was stolen from and goes on without a fence', { timeout: 120_000 }, () => {
    expect(explore({ ...rules, fenced: false }, true).violations.has('sent after it was discarded')).toBe(true)
  })
  test('never asking', () => {
    const silent: Rules['plan'] = (queue, situation) => {
      const step = plan(queue, situation)
      return step.do === 'ask' ? { do: 'nothing' } : step
    }
    expect(explore({ nextState, plan: silent, rowFirst: true, fenced: true }, false).violations.has('stuck')).toBe(true)
  })
  test('taking "not stored" from an epoch that is still open', () => {
    const hasty: Rules['nextState'] = (state, event) => (event.is === 'not-stored' ? 'gone' : nextState(state, event))
    expect(explore({ nextState: hasty, plan, rowFirst: true, fenced: true }, false).violations.has('lost')).toBe(true)
  })
  test('not appending again after the cache lost its tail', () => {
    const once: Rules['plan'] = (queue, situation) => {
      const step = plan(queue, situation)
      return step.do === 'append' && queue.some((row) => row.state.at === 'appended') ? { do: 'nothing' } : step
    }
    expect(explore({ nextState, plan: once, rowFirst: true, fenced: true }, false).violations.has('stuck')).toBe(true)
  })
})
