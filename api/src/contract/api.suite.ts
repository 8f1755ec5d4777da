// The API's contract: one suite, run on every database.
import type { Storage } from '@skein/storage'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { accountTests } from './accounts.suite.ts'
import { botTests } from './bots.suite.ts'
import { chatTests } from './chats.suite.ts'
import { contactTests } from './contacts.suite.ts'
import { feedTests } from './feed.suite.ts'
import { blockTests } from './blocks.suite.ts'
import { groupTests } from './groups.suite.ts'
import { healTests } from './healing.suite.ts'
import { joiningTests } from './joining.suite.ts'
import { identityTests } from './identity.suite.ts'
import { inputTests } from './inputs.suite.ts'
import { limitTests } from './limits.suite.ts'
import { meTests } from './me.suite.ts'
import { messageTests } from './messages.suite.ts'
import { peopleTests } from './people.suite.ts'
import { pictureTests } from './pictures.suite.ts'
import { rateTests } from './rates.suite.ts'
import { recoveryTests } from './recovery.suite.ts'
import { referenceTests } from './reference.suite.ts'
import { routeTests } from './routes.suite.ts'
import { sessionTests } from './sessions.suite.ts'
import { openWorld, refusal, type OpenStorage, type World } from './world.suite.ts'

export function apiContract(engine: Storage['engine'], open: OpenStorage): void {
  let world: World
  beforeAll(async () => {
    world = await openWorld(open)
  })
  afterAll(() => world.close())
  const current = (): World => world
  test('it runs on the database that the file is named after', () => {
    expect(world.storage.engine).toBe(engine)
  })
  describe('accounts', () => {
    accountTests(current)
  })
  describe('sessions', () => {
    sessionTests(current)
  })
  describe('recovery', () => {
    recoveryTests(current)
  })
  describe('me', () => {
    meTests(current)
  })
  describe('identity', () => {
    identityTests(current)
  })
  describe('people', () => {
    peopleTests(current)
  })
  describe('pictures', () => {
    pictureTests(current)
  })
  describe('contacts', () => {
    contactTests(current)
  })
  describe('chats', () => {
    chatTests(current)
  })
  describe('groups', () => {
    groupTests(current)
    joiningTests(current)
  })
  describe('blocks', () => {
    blockTests(current)
  })
  describe('bots', () => {
    botTests(current)
  })
  describe('messages', () => {
    messageTests(current)
  })
  describe('feed', () => {
    feedTests(current)
  })
  describe('healing', () => {
    healTests(current)
  })
  describe('reference', () => {
    referenceTests(current)
  })
  describe('routes', () => {
    routeTests(current)
  })
  describe('inputs', () => {
    inputTests(current)
  })
  describe('limits', () => {
    limitTests(current)
  })
  describe('rates', () => {
    rateTests(current)
  })

  test('a database that does not answer is 503, not ready, and no error of the server’s', async () => {
    const other = await openWorld(open)
    const person = await other.person()
    await other.close()
    expect(await person.get('/api/chats')).toMatchObject(refusal(503, 'not-ready'))
    expect(await other.ask('GET', '/health/ready')).toMatchObject({ status: 503, body: { checks: { database: 'failed' } } })
    expect(await other.ask('GET', '/health/live')).toMatchObject({ status: 200 })
    expect(other.log.map((line) => line.level)).toEqual(['warn', 'warn'])
  })
}
