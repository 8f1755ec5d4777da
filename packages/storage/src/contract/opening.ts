// Opening a database: what is refused and how, what protects a commit, and what is left when a process or the database dies.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { directChatId } from '@skein/protocol'
import { describe, expect, test } from 'vitest'
import { openStorage, StorageError, type StorageOptions } from '../index.ts'
import type { Storage } from '../types.ts'
import { checkChain } from './chain.ts'
import { message, person, randomBytes, sha256, START, storeOne, stored, tag, talk, update, verifyTag, type Lab } from './lab.ts'

const ports = { now: () => START, randomBytes, sha256, tag, verifyTag, journal: null }
const open = (options: StorageOptions): Promise<Storage> => openStorage(options, ports)
const errorOf = (opening: Promise<unknown>): Promise<unknown> =>
  opening.then(
    () => null,
    (error: unknown) => error,
  )

export function openingContract(lab: Lab): void {
  describe('opening a database', () => {
    test('what was stored is there after closing and opening again; a closed storage says so', async () => {
      const url = await lab.newDatabase()
      const first = await open({ url })
      const chat = await talk(first)
      await storeOne(first, update(chat, chat.ann, [message('Kept')]))
      await first[Symbol.asyncDispose]()
      expect(await errorOf(first.ping())).toMatchObject({ code: 'database-unreachable' })
      expect(await errorOf(first.commit([update(chat, chat.ann, [message()])]))).toMatchObject({ code: 'database-unreachable' })
      await using second = await open({ url })
      expect(second.engine).toBe(lab.engine)
      expect((await checkChain(second, chat.id)).length).toBe(2)
    })

    test('a database that newer code has migrated is refused, by name, and left as it is', async () => {
      const url = await lab.newDatabase()
      await (await open({ url }))[Symbol.asyncDispose]()
      const known = (await lab.query(url, 'select name from kysely_migration')).length
      await lab.query(url, `insert into kysely_migration (name, timestamp) values ('9999-tomorrow', '2099-01-01')`)
      const error = await errorOf(open({ url }))
      expect(error).toBeInstanceOf(StorageError)
      expect(error).toMatchObject({ code: 'database-newer', message: expect.stringContaining('9999-tomorrow') })
      expect((await lab.query(url, 'select name from kysely_migration')).length).toBe(known + 1)
      await lab.query(url, `delete from kysely_migration where name = '9999-tomorrow'`)
      await (await open({ url }))[Symbol.asyncDispose]()
    })

    test('a second opener: refused on SQLite, with the pid of the first, and welcome on MySQL', async () => {
      const url = await lab.newDatabase()
      const first = await open({ url })
      const second = await errorOf(open({ url }).then((storage) => storage[Symbol.asyncDispose]()))
      if (lab.engine === 'mysql') expect(second).toBeNull()
      else expect(second).toMatchObject({ code: 'database-in-use', message: expect.stringContaining(`pid ${process.pid}`) })
      const chat = await talk(first)
      await storeOne(first, update(chat, chat.ann, [message()]))
      await first[Symbol.asyncDispose]()
      await (await open({ url }))[Symbol.asyncDispose]()
    })

    test('a database that is not there, or is none, is a clear error and no crash', async () => {
      const nowhere = lab.engine === 'mysql' ? 'mysql://root@127.0.0.1:1/none' : 'sqlite:/no/such/folder/skein.db'
      expect(await errorOf(open({ url: nowhere }))).toMatchObject({ name: 'StorageError', code: 'database-unreachable' })
      if (lab.engine === 'sqlite') {
        const url = await lab.newDatabase()
        await lab.spoil(url)
        expect(await errorOf(open({ url }))).toMatchObject({ name: 'StorageError', code: 'database-damaged' })
      } else {
        expect(await errorOf(open({ url: (await lab.newDatabase()).replace(/[^/]+$/, 'no_such_database') }))).toMatchObject({ name: 'StorageError' })
      }
      expect(await errorOf(open({ url: 'postgres://localhost/skein' }))).toBeInstanceOf(TypeError)
    })

    test('D3, RT12: each connection has the settings that a commit’s promise rests on', async () => {
      expect(await lab.settings(await lab.newDatabase())).toEqual(
        lab.engine === 'mysql'
          ? { isolation: 'READ-COMMITTED', lock_wait: 10, idle: 60, modes: expect.stringContaining('STRICT_ALL_TABLES'), time_zone: '+00:00' }
          : { journal_mode: 'wal', synchronous: 2, foreign_keys: 1, secure_delete: 1 },
      )
    })

    test(
      'promise 2: a process killed in the middle of commits loses nothing that it had acknowledged, and locks nobody out',
      { timeout: 60_000 },
      async () => {
        const url = await lab.newDatabase()
        const setUp = await open({ url })
        const [ann, bob] = [await person(setUp), await person(setUp)]
        const { chat } = await setUp.createChat({ id: directChatId(ann, bob, sha256), kind: 'direct', title: null, by: ann, members: [ann, bob] })
        await setUp[Symbol.asyncDispose]()
        const acknowledged = new Set<string>()
        for (let life = 1; life <= 3; life++) {
          const child = spawn(
            process.execPath,
            [
              fileURLToPath(new URL('./writer.ts', import.meta.url)),
              url,
              JSON.stringify({ chat: chat.id, epoch: chat.epoch, user: ann, client: life * 10 }),
            ],
            {
              stdio: ['ignore', 'pipe', 'inherit'],
            },
          )
          let lines = 0
          for await (const id of createInterface({ input: child.stdout })) {
            acknowledged.add(id)
            if (++lines === 40) {
              // Somebody else may read meanwhile.
              expect((await lab.query(url, 'select rev from operations')).length).toBeGreaterThan(40)
              child.kill('SIGKILL')
            }
          }
          if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
          expect(child.signalCode).toBe('SIGKILL')
          const rows = await lab.query(url, 'select operation_id from operations')
          const found = new Set(rows.map((row) => row['operation_id']))
          expect(found.size).toBe(rows.length)
          expect([...acknowledged].filter((id) => !found.has(id))).toEqual([])
        }
        await using again = await open({ url })
        expect((await checkChain(again, chat.id)).length).toBeGreaterThan(120)
      },
    )

    test(
      'the database dies under its users: each is told, nothing acknowledged is lost, and the same words are stored once afterwards',
      { timeout: 60_000 },
      async () => {
        const { url, die, revive } = await lab.mortal()
        let fatal: unknown = null
        const storage = await open({ url, onFatal: (error) => (fatal = error) })
        const chat = await talk(storage)
        const before = update(chat, chat.ann, [message('Before')])
        await storeOne(storage, before)
        const during = Array.from({ length: 10 }, () => update(chat, chat.ann, [message('During')]))
        const asked = [...during.map((item) => storage.commit([item])), storage.ping(), storage.chat(chat.id)]
        const answers = Promise.allSettled(asked)
        await die()
        for (const answer of await answers) if (answer.status === 'rejected') expect(answer.reason).toMatchObject({ code: 'database-unreachable' })
        expect(await errorOf(storage.commit([before]))).toMatchObject({ code: 'database-unreachable' })
        // A thread does not come back: the process has to end, and is told so. A server may.
        if (lab.engine === 'sqlite') expect(fatal).toMatchObject({ code: 'database-unreachable' })
        await revive()
        await using again = lab.engine === 'sqlite' ? await open({ url }) : storage
        const outcomes = stored(await again.commit([before, ...during]))
        expect(outcomes[0]?.repeated.length).toBe(1)
        for (const outcome of outcomes) expect(outcome.entries.length + outcome.repeated.length).toBe(1)
        expect((await checkChain(again, chat.id)).length).toBe(12)
      },
    )
  })
}
