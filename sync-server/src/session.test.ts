// One socket's flow, over real sockets: a peer that reads slowly, not at all, or is dead.
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import {
  HEARTBEAT_MS,
  MAX_BUFFERED_BYTES,
  MAX_IN_FLIGHT_BYTES,
  MAX_MISSED_HEARTBEATS,
  MAX_SPEECHLESS_HEARTBEATS,
  MAX_UNREAD_BYTES,
} from '@skein/protocol'
import { afterEach, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { KEEP_ALIVE } from './plain.ts'
import { Session } from './session.ts'

const servers: WebSocketServer[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    for (const socket of server.clients) socket.terminate()
    server.close()
  }
})

async function pair(keepAlive: Uint8Array | null = null) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  servers.push(server)
  await once(server, 'listening')
  const peer = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const [[socket]] = (await Promise.all([once(server, 'connection'), once(peer, 'open')])) as [[WebSocket], unknown]
  const session = new Session(socket, '127.0.0.1', keepAlive)
  socket.on('pong', () => session.received(0))
  return { peer, socket, session }
}
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
const megabyte = new Uint8Array(MAX_UNREAD_BYTES)

test('LIM-2, LIM-3, H6: who does not read is not read from, then is closed as slow-reader; the memory stays bounded', async () => {
  const { peer, socket, session } = await pair()
  peer.pause()
  let most = 0
  while (socket.readyState === WebSocket.OPEN) {
    session.send(megabyte)
    most = Math.max(most, socket.bufferedAmount)
    if (socket.readyState === WebSocket.OPEN && socket.bufferedAmount > MAX_UNREAD_BYTES) expect(socket.isPaused).toBe(true)
    await turn()
  }
  expect(most).toBeGreaterThan(MAX_BUFFERED_BYTES)
  expect(most).toBeLessThan(MAX_BUFFERED_BYTES + 2 * megabyte.length)
  const before = socket.bufferedAmount
  session.send(megabyte)
  expect(socket.bufferedAmount).toBe(before)
  peer.resume()
  expect((await once(peer, 'close')).map(String)).toEqual(['4512', 'slow-reader'])
})

test('LIM-2: a reader that catches up is read from again', async () => {
  const { peer, socket, session } = await pair()
  peer.pause()
  while (!socket.isPaused) {
    session.send(megabyte)
    await turn()
  }
  peer.resume()
  while (socket.isPaused) await turn()
  expect(socket.bufferedAmount).toBeLessThanOrEqual(MAX_UNREAD_BYTES / 2)
})

test('LIM-2: bytes that wait to be handled pause the socket, over all documents; handled, closed or opened anew they count no more', async () => {
  const { socket, session } = await pair()
  const [a, b] = [session.open('a'), session.open('b')]
  session.inFlight(a, MAX_IN_FLIGHT_BYTES / 2 + 1)
  expect(socket.isPaused).toBe(false)
  session.inFlight(b, MAX_IN_FLIGHT_BYTES / 2)
  expect(socket.isPaused).toBe(true)
  session.inFlight(b, -MAX_IN_FLIGHT_BYTES / 2)
  expect(socket.isPaused).toBe(true) // not at every byte
  session.inFlight(a, -2)
  expect(socket.isPaused).toBe(false)
  session.inFlight(a, MAX_IN_FLIGHT_BYTES)
  expect(socket.isPaused).toBe(true)
  session.closed('a')
  expect(socket.isPaused).toBe(false)
  session.inFlight(session.open('b'), MAX_IN_FLIGHT_BYTES + 1)
  session.open('b')
  expect(socket.isPaused).toBe(false)
})

test('LIM-5: a peer that is dead without a word is cut off; one that answers is not', async () => {
  const { peer, socket, session } = await pair(KEEP_ALIVE)
  for (let n = 0; n < 3 * MAX_MISSED_HEARTBEATS; n++) {
    session.beat()
    // Its machine answers the second and each further question.
    if (n > 0) await once(socket, 'pong')
  }
  peer.pause()
  const closed = once(socket, 'close')
  for (let n = 0; n <= MAX_MISSED_HEARTBEATS; n++) {
    expect(socket.readyState).toBe(WebSocket.OPEN)
    session.beat()
  }
  await closed
  expect(HEARTBEAT_MS * (MAX_MISSED_HEARTBEATS + 1)).toBeLessThanOrEqual(40_000)
})

test('LIM-5: a slow line on which bytes still move is not dead', async () => {
  const { peer, socket, session } = await pair(KEEP_ALIVE)
  peer.pause()
  while (socket.bufferedAmount < 4 * megabyte.length) {
    session.send(megabyte)
    await turn()
  }
  for (let n = 0; n < 3 * MAX_MISSED_HEARTBEATS && socket.bufferedAmount > 0; n++) {
    const before = socket.bufferedAmount
    session.beat()
    peer.resume()
    while (socket.bufferedAmount >= before) await turn()
    peer.pause()
    expect(socket.readyState).toBe(WebSocket.OPEN)
  }
})

test('LIM-5: on /sync a page that is frozen is closed, although its machine answers; on /yjs not', async () => {
  const [sync, plain] = [await pair(), await pair(KEEP_ALIVE)]
  const closed = once(sync.peer, 'close')
  for (let n = 0; n <= MAX_SPEECHLESS_HEARTBEATS; n++) {
    for (const { session, socket } of [sync, plain]) {
      session.beat()
      session.received(0)
      expect(socket.readyState === WebSocket.OPEN || n === MAX_SPEECHLESS_HEARTBEATS).toBe(true)
    }
  }
  expect((await closed).map(String)).toEqual(['4514', 'try-again'])
  expect(plain.socket.readyState).toBe(WebSocket.OPEN)
})

test('PLAIN-4, W5: an ordinary y-websocket client hears something at each heartbeat', async () => {
  const { peer, session } = await pair(KEEP_ALIVE)
  for (let n = 0; n < 3; n++) {
    const heard = once(peer, 'message')
    session.beat()
    session.received(0)
    expect(new Uint8Array(((await heard) as [Buffer])[0])).toEqual(KEEP_ALIVE)
  }
  expect(HEARTBEAT_MS).toBeLessThan(30_000)
})
