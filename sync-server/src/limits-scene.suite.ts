// What the suites of the socket's bounds share: a server with a clock that the test turns, two people with a chat, and storage that does something else instead.
import { RawClient, startTestServer, type Heard } from '@skein/testing'
import type { Storage } from '@skein/storage'
import * as encoding from 'lib0/encoding'
import type { WebSocket } from 'ws'

export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
export const PING = Uint8Array.of(9)
export const EMPTY_VECTOR = Uint8Array.of(0)
export const end = (client: RawClient): Promise<Heard> => client.until('', () => true)
export const slowDown = { type: 'socket-closed', code: 4511, reason: 'slow-down' }
export const entry = (client: number, clock: number, state: object | null): Uint8Array =>
  encoding.encode((encoder) => {
    for (const n of [1, client, clock]) encoding.writeVarUint(encoder, n)
    encoding.writeVarString(encoder, JSON.stringify(state))
  })

export async function openLimitsScene(databaseUrl: () => Promise<string>, over: (real: Storage) => Partial<Storage> = () => ({})) {
  const clock = { now: Date.now() }
  const server = await startTestServer({
    databaseUrl: await databaseUrl(),
    now: () => clock.now,
    storage: (real) => {
      const instead = over(real)
      return new Proxy(real, {
        get: (target, key) => {
          const value: unknown = Reflect.get(key in instead ? instead : target, key)
          return typeof value === 'function' ? (value.bind(target) as unknown) : value
        },
      })
    },
  })
  const alice = await server.person('alice')
  const bob = await server.person('bob')
  const connect = (): Promise<RawClient> => RawClient.connect(server.url)
  return { server, clock, alice, bob, connect, ...(await server.chat(alice, bob)) }
}

export const only = (sockets: Set<WebSocket>): WebSocket => {
  const [socket] = sockets
  if (!socket || sockets.size !== 1) throw new Error('not one socket')
  return socket
}
