import { parseUserId, type UserId } from '@skein/protocol'
import type { LitElement } from 'lit'
import { expect, test } from 'vitest'
import { BlockedController } from './blocked.ts'
import type { EngineController } from './engine-context.ts'

const [ada, ben, cem] = ['a', 'b', 'c'].map((letter) => parseUserId(letter.repeat(26))) as [UserId, UserId, UserId]
const turns = () => new Promise((resolve) => setImmediate(resolve))

function scene() {
  const lists = new Map([
    [ada, [ben]],
    [cem, [] as UserId[]],
  ])
  const state = { user: ada, asked: 0, updates: 0, online: true }
  const engine = {
    network: { connected: true },
    get session() {
      return { status: 'logged-in', user: { id: state.user } }
    },
    contacts: {
      blocked: async () => {
        state.asked++
        const answer = lists.get(state.user)?.map((id) => ({ id, name: '' }))
        await turns()
        if (!state.online) throw new Error('no network')
        return answer
      },
    },
  }
  const host = { addController: () => {}, requestUpdate: () => state.updates++ } as unknown as LitElement
  const controller = new BlockedController(host, { engine, required: engine } as unknown as EngineController)
  return { state, lists, controller }
}

test('whom one has blocked is asked once, is known from then on, and is asked anew on demand', async () => {
  const { state, lists, controller } = scene()
  expect([controller.has(ben), controller.has(null)]).toEqual([false, false])
  expect(controller.has(ben)).toBe(false)
  await turns()
  await turns()
  expect([controller.has(ben), controller.has(cem), state.asked, state.updates]).toEqual([true, false, 1, 1])
  lists.set(ada, [])
  await controller.learn()
  expect(controller.has(ben)).toBe(false)
})

test('W7: whoever is logged in next is shown nothing of it, not by an answer that comes late either', async () => {
  const { state, controller } = scene()
  controller.has(ben)
  state.user = cem
  await turns()
  await turns()
  expect(controller.has(ben)).toBe(false)
  await turns()
  await turns()
  expect([controller.has(ben), state.asked]).toEqual([false, 2])
  state.user = ada
  controller.has(ben)
  await turns()
  await turns()
  expect(controller.has(ben)).toBe(true)
})

test('without a network what was known stays, and no rendering asks again by itself', async () => {
  const { state, controller } = scene()
  controller.has(ben)
  await turns()
  await turns()
  state.online = false
  await controller.learn()
  for (let times = 0; times < 5; times++) expect(controller.has(ben)).toBe(true)
  expect(state.asked).toBe(2)
})
