// People with devices around the real server, for the engine's suites.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openCutNetwork, startSkein, until, type CutNetwork, type Skein, type SkeinOptions } from '@skein/testing'
import { parseUserId, type ChatId, type UserId } from '@skein/protocol'
import { createEngine, memoryStores, type ChatWindow, type Engine, type Ports, type StoreFactory } from './index.ts'
import { nodePorts } from './node/index.ts'

export interface Device {
  engine: Engine
  readonly network: CutNetwork
  readonly stores: StoreFactory
  /** Closes the engine and opens it again over the same store, as a reload does. */
  reload(): Promise<void>
}
export interface Person extends Device {
  readonly id: UserId
}
export interface Pair {
  alice: Person
  bob: Person
  chat: ChatId
  a: ChatWindow
  b: ChatWindow
}

export interface Scene extends AsyncDisposable {
  readonly folder: string
  readonly skein: Skein
  device(options?: { stores?: StoreFactory; ports?: Partial<Ports> }): Promise<Device>
  /** Somebody with an account and one device, connected. */
  person(name: string, options?: { stores?: StoreFactory; ports?: Partial<Ports> }): Promise<Person>
  /** Alice and Bob, each with a window on their chat, in which one word has been said. */
  pair(options?: { stores?: StoreFactory; ports?: Partial<Ports> }): Promise<Pair>
}

/** Stores of which none opens or takes anything while it is broken. */
export function breakable(inner: StoreFactory): { stores: StoreFactory; broken: boolean } {
  const disk = {
    broken: false,
    stores: {
      ...inner,
      open: async (...args: Parameters<StoreFactory['open']>) => {
        if (disk.broken) throw new Error('UnknownError')
        const store = await inner.open(...args)
        const write: typeof store.write = (changes, durable) =>
          disk.broken ? Promise.reject(new Error('UnknownError')) : store.write(changes, durable)
        return { ...store, write }
      },
    },
  }
  return disk
}

export const password = 'correct horse'
export const texts = (window: ChatWindow): string[] => window.items.map(({ text }) => text)
export const statuses = (window: ChatWindow): string[] => window.items.map(({ status }) => status)
export const nothingQueued = (window: ChatWindow): boolean => window.items.every(({ status }) => status !== 'queued')

export async function openScene(
  databaseUrl: (folder: string) => Promise<string>,
  faults?: SkeinOptions['faults'],
  now?: SkeinOptions['now'],
  storagePorts: NonNullable<SkeinOptions['storagePorts']> = {},
  contacts: NonNullable<SkeinOptions['contacts']> = 'everyone',
): Promise<Scene> {
  const folder = mkdtempSync(join(tmpdir(), 'skein-engine-'))
  const skein = await startSkein({
    folder,
    databaseUrl: await databaseUrl(folder),
    storagePorts,
    contacts,
    ...(faults ? { faults } : {}),
    ...(now ? { now } : {}),
  })
  const open: AsyncDisposable[] = []

  const scene: Scene = {
    folder,
    skein,
    device: async ({ stores = memoryStores(), ports = {} } = {}) => {
      const network = await openCutNetwork(skein.url)
      const start = (): Engine => createEngine({ server: network.url, store: stores, ports: { ...nodePorts(stores), ...ports } })
      const device: Device = {
        engine: start(),
        network,
        stores,
        reload: async () => {
          await device.engine.close()
          device.engine = start()
          await device.engine.ready
        },
      }
      open.push(network, { [Symbol.asyncDispose]: () => device.engine.close() })
      await device.engine.ready
      return device
    },
    person: async (name, options) => {
      const device = await scene.device(options)
      await device.engine.register(`${name}@example.org`, name, password)
      const { session } = device.engine
      if (session.status !== 'logged-in') throw new Error('not logged in')
      await until(device.engine, () => device.engine.network.connected)
      return Object.assign(device, { id: parseUserId(session.user.id) })
    },
    pair: async (options) => {
      const alice = await scene.person('Alice', options)
      const bob = await scene.person('Bob')
      const chat = await alice.engine.directChat(bob.id)
      const a = alice.engine.openChat(chat)
      await alice.engine.send(chat, 'hello')
      await until(bob.engine, () => bob.engine.chats.length === 1)
      const b = bob.engine.openChat(chat)
      await until(b, () => b.items.length === 1)
      await until(a, () => a.items[0]?.status !== 'queued')
      return { alice, bob, chat, a, b }
    },
    [Symbol.asyncDispose]: async () => {
      for (const each of open.toReversed()) await each[Symbol.asyncDispose]()
      await skein[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true, force: true })
    },
  }
  return scene
}
