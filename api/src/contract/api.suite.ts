// The API's contract: one suite, run on every database.
import { afterAll, beforeAll, describe } from 'vitest'
import { accountTests } from './accounts.suite.ts'
import { chatTests } from './chats.suite.ts'
import { feedTests } from './feed.suite.ts'
import { inputTests } from './inputs.suite.ts'
import { peopleTests } from './people.suite.ts'
import { routeTests } from './routes.suite.ts'
import { openWorld, type OpenStorage, type World } from './world.suite.ts'

export function apiContract(open: OpenStorage): void {
  let world: World
  beforeAll(async () => {
    world = await openWorld(open)
  })
  afterAll(() => world.close())
  const current = (): World => world
  describe('accounts', () => {
    accountTests(current)
  })
  describe('people', () => {
    peopleTests(current)
  })
  describe('chats', () => {
    chatTests(current)
  })
  describe('feed', () => {
    feedTests(current)
  })
  describe('routes', () => {
    routeTests(current)
  })
  describe('inputs', () => {
    inputTests(current)
  })
}
