// What only another server can do to one that reads an epoch: on SQLite there is but one.
import { createMysqlDatabase } from '@skein/testing'
import { expect, inject, onTestFinished, test } from 'vitest'
import { ERASE_AFTER_MS } from '@skein/protocol'
import { message, randomBytes, remove, sha256, START, storeOne, tag, talk, update, verifyTag } from './contract/lab.ts'
import { openStorage, type OpenPorts } from './index.ts'

test('ERASE-2, X5: a server that reads an epoch while another ends it for an erasure is not given erased rows as those of a live one', async () => {
  const server = inject('mariadb')
  const url = server.replace(/[^/]+$/, await createMysqlDatabase(server))
  let now = START
  const ports: OpenPorts = { now: () => now, randomBytes, sha256, tag, verifyTag, journal: null }
  const other = await openStorage({ url }, ports)
  const [found, ended] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const at = async (point: string): Promise<void> => {
    if (point !== 'epoch found') return
    found.resolve()
    await ended.promise
  }
  const reader = await openStorage({ url }, { ...ports, faults: { at } })
  onTestFinished(async () => {
    for (const storage of [reader, other]) await storage[Symbol.asyncDispose]()
  })
  const chat = await talk(other)
  const doomed = message('Mirabelle')
  await storeOne(other, update(chat, chat.ann, [doomed, remove(doomed.operation.id)]))
  now += ERASE_AFTER_MS

  const reading = reader.epochTail(chat.id, chat.epoch, { pos: 0, rev: 0 })
  await found.promise
  expect(await other.eraseDeleted(chat.id)).not.toBeNull()
  ended.resolve()
  const tail = await reading
  expect(
    tail?.entries.map(({ salt }) => salt),
    'it read what was erased in between',
  ).toContain(null)
  expect(tail).toMatchObject({ current: false })
})
