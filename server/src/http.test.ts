import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { connect, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { HANDSHAKE_MS, MAX_CHUNKS, MAX_FRAGMENTS, MAX_FRAME_BYTES, MAX_HALF_OPEN_PER_ADDRESS, MAX_SOCKETS_PER_ADDRESS } from '@skein/protocol'
import { WebSocket } from 'ws'
import { listen, type SocketHandler, type WebServer } from './http.ts'
import { createLogger } from './log.ts'

const open: WebServer[] = []
afterEach(async () => {
  for (const server of open.splice(0)) await server.close(0)
})

async function start(
  options: {
    port?: number
    host?: string
    hops?: number
    socket?: SocketHandler
    fetch?: (request: Request, env: { network: string }) => Response | Promise<Response>
  } = {},
): Promise<WebServer> {
  const server = await listen({
    host: options.host ?? '127.0.0.1',
    port: options.port ?? 0,
    fetch: options.fetch ?? (() => new Response('hello')),
    sockets: { '/sync': options.socket ?? (() => undefined), '/yjs/': options.socket ?? (() => undefined) },
    trustedHops: options.hops ?? 0,
    logger: createLogger(() => undefined),
  })
  open.push(server)
  return server
}
const socketOf = (server: WebServer, path: string): WebSocket => new WebSocket(server.url.replace('http', 'ws') + path)

/** The HTTP status that an upgrade was refused with. */
async function refusal(socket: WebSocket): Promise<number | undefined> {
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode?: number }]
  return response.statusCode
}

test('a taken port, a foreign address: one sentence that says what to do', async () => {
  const server = await start()
  const port = Number(new URL(server.url).port)
  await expect(start({ port })).rejects.toThrow(
    `Port ${port} on 127.0.0.1 is taken. Stop what listens there, or choose another: PORT=${port + 1} npm start.`,
  )
  await expect(start({ host: '192.0.2.1' })).rejects.toThrow('HOST=192.0.2.1 is no address of this machine.')
})

test('requests and sockets share the port; an unknown path is no socket', async () => {
  const server = await start({ socket: (socket) => socket.send('hi') })
  expect(await (await fetch(server.url)).text()).toBe('hello')
  const socket = socketOf(server, '/sync?x=1')
  expect(String((await once(socket, 'message'))[0])).toBe('hi')
  expect(await refusal(socketOf(server, '/nowhere'))).toBe(404)
  expect(await refusal(socketOf(server, '/sync/'))).toBe(404)
})

test('a frame that is too large closes its socket and nothing else, and nothing is compressed', async () => {
  const server = await start({ socket: (socket) => socket.on('message', (data) => socket.send(data)) })
  const [bad, good] = [socketOf(server, '/sync'), socketOf(server, '/sync')]
  await Promise.all([once(bad, 'open'), once(good, 'open')])
  expect(good.extensions).toBe('')
  bad.send(new Uint8Array(MAX_FRAME_BYTES + 1))
  expect((await once(bad, 'close'))[0]).toBe(1009)
  good.send(new Uint8Array(MAX_FRAME_BYTES))
  expect(((await once(good, 'message')) as [Buffer])[0].length).toBe(MAX_FRAME_BYTES)
})

test('closing: nothing new, sockets are told to come back, an open request ends first', async () => {
  const { promise: answer, resolve } = Promise.withResolvers<Response>()
  const { promise: asked, resolve: arrived } = Promise.withResolvers<void>()
  const server = await start({
    fetch: () => {
      arrived()
      return answer
    },
  })
  const socket = socketOf(server, '/sync')
  await once(socket, 'open')
  const slow = fetch(server.url)
  await asked
  server.stopListening()
  await expect(fetch(server.url)).rejects.toThrow('fetch failed')
  const closing = server.close(60_000)
  expect((await once(socket, 'close')).map(String)).toEqual(['1012', 'restart'])
  resolve(new Response('late'))
  expect(await (await slow).text()).toBe('late')
  await closing
})

test('closing ends after its deadline what does not end by itself', async () => {
  const server = await start({ fetch: () => new Promise<Response>(() => undefined) })
  const request = httpRequest(server.url).end()
  const failed = once(request, 'error')
  const socket = socketOf(server, '/sync')
  await once(socket, 'open')
  // A peer that never answers the closing handshake.
  socket.pause()
  await server.close(50)
  expect((await failed)[0]).toBeInstanceOf(Error)
  socket.terminate()
})

const tcp = (server: WebServer): Socket => {
  const { hostname, port } = new URL(server.url)
  return connect(Number(port), hostname).on('error', () => undefined)
}
const upgrade = (path: string, headers = ''): string =>
  `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${'A'.repeat(22)}==\r\n${headers}\r\n`
/** The first line of what is answered; '' when the connection ends without. */
async function firstLine(socket: Socket): Promise<string> {
  const ended = once(socket, 'close').then(() => '')
  const line = once(socket, 'data').then(([data]) => String(data as Buffer).split('\r\n')[0] ?? '')
  return await Promise.race([line, ended])
}
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('a path that ends with a slash stands for all that begin with it', async () => {
  const server = await start({ socket: (socket, { url }) => socket.send(url ?? '') })
  expect(String((await once(socketOf(server, '/yjs/chat/a/b?token=t'), 'message'))[0])).toBe('/yjs/chat/a/b?token=t')
  expect(await refusal(socketOf(server, '/yjs'))).toBe(404)
  expect(await refusal(socketOf(server, '/sync/more'))).toBe(404)
})

test('H7, C31: the peer’s address by the rule of trusted hops', async () => {
  const headers = { 'x-forwarded-for': '1.1.1.1, 198.51.100.7' }
  for (const [hops, address] of [
    [0, '127.0.0.1'],
    [1, '198.51.100.7'],
    [2, '1.1.1.1'],
  ] as const) {
    const server = await start({ hops, socket: (socket, _, from) => socket.send(from) })
    const socket = new WebSocket(server.url.replace('http', 'ws') + '/sync', { headers })
    expect(String((await once(socket, 'message'))[0])).toBe(address)
  }
})

test('R1, H7: a request is counted by the peer’s network; a forged X-Forwarded-For gains nothing', async () => {
  const ask = async (hops: number, forwarded: string): Promise<string> => {
    const server = await start({ hops, fetch: (_, { network }) => new Response(network) })
    return (await fetch(server.url, { headers: { 'x-forwarded-for': forwarded } })).text()
  }
  for (const forged of ['203.0.113.1', '203.0.113.2, 203.0.113.3', 'nonsense']) expect(await ask(0, forged)).toBe('127.0.0.1')
  for (const forged of ['203.0.113.1', '203.0.113.2']) expect(await ask(1, `${forged}, 2001:db8:1:2:3:4:5:6`)).toBe('2001:db8:1:2::/64')
})

test('C24, LIM-4: a head that never ends is cut off in time; of one address only so many may be without one', { timeout: 60_000 }, async () => {
  const server = await start()
  const half = Array.from({ length: MAX_HALF_OPEN_PER_ADDRESS }, () => tcp(server))
  await Promise.all(half.map((socket) => once(socket, 'connect')))
  half[0]?.write('GET /sync HTTP/1.1\r\nHost: x')
  const one = tcp(server)
  await once(one, 'close')
  // One of them asks, and there is room for another.
  half[1]?.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  expect(await firstLine(half[1] as Socket)).toBe('HTTP/1.1 200 OK')
  const next = tcp(server)
  next.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  expect(await firstLine(next)).toBe('HTTP/1.1 200 OK')
  expect(HANDSHAKE_MS).toBeLessThanOrEqual(5_000)
  expect(await firstLine(half[0] as Socket)).toBe('HTTP/1.1 408 Request Timeout')
  for (const socket of [...half, next]) socket.destroy()
})

test('C24, LIM-4: of one address only so many sockets are open', { timeout: 60_000 }, async () => {
  const server = await start({ hops: 1 })
  const from = (address: string): Socket => {
    const socket = tcp(server)
    socket.write(upgrade('/sync', `X-Forwarded-For: ${address}\r\n`))
    return socket
  }
  const taken: Socket[] = []
  while (taken.length < MAX_SOCKETS_PER_ADDRESS) {
    const some = Array.from({ length: 100 }, () => from('198.51.100.7'))
    expect(new Set(await Promise.all(some.map(firstLine)))).toEqual(new Set(['HTTP/1.1 101 Switching Protocols']))
    taken.push(...some)
  }
  expect(await firstLine(from('198.51.100.7'))).toBe('HTTP/1.1 429 Too Many Requests')
  taken.push(from('198.51.100.8'))
  expect(await firstLine(taken.at(-1) as Socket)).toBe('HTTP/1.1 101 Switching Protocols')
  taken[0]?.destroy()
  let answer = ''
  for (; answer !== 'HTTP/1.1 101 Switching Protocols'; await turn()) {
    const socket = from('198.51.100.7')
    answer = await firstLine(socket)
    taken.push(socket)
  }
  for (const socket of taken) socket.destroy()
})

test(
  'C24: no upgrade without a key; what is compressed, and a frame in too many pieces, closes its socket and nothing else',
  { timeout: 60_000 },
  async () => {
    const server = await start({ socket: (socket) => socket.on('message', (data) => socket.send(data)) })
    const keyless = tcp(server)
    keyless.write('GET /sync HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
    expect(await firstLine(keyless)).toBe('HTTP/1.1 400 Bad Request')
    const [good, bomb, pieces, chunks] = ['good', 'bomb', 'pieces', 'chunks'].map(() => socketOf(server, '/sync')) as [
      WebSocket,
      WebSocket,
      WebSocket,
      WebSocket,
    ]
    await Promise.all([good, bomb, pieces, chunks].map((socket) => once(socket, 'open')))
    const raw = (socket: WebSocket): Socket => Reflect.get(socket, '_socket') as Socket
    // FIN, RSV1 (compressed), binary; one byte behind an empty mask.
    raw(bomb).write(Uint8Array.of(0xc2, 0x81, 0, 0, 0, 0, 1))
    expect((await once(bomb, 'close'))[0]).toBe(1002)
    const tooMany = once(pieces, 'close')
    for (let n = 0; n <= MAX_FRAGMENTS; n++) pieces.send(Uint8Array.of(1), { fin: false })
    expect((await tooMany)[0]).toBe(1008)
    // A frame of MAX_FRAME_BYTES, byte by byte as the network would bring it.
    let closed: number | null = null
    chunks.on('close', (code) => (closed = code))
    chunks.on('error', () => undefined)
    raw(chunks)
      .setNoDelay(true)
      .write(Uint8Array.of(0x82, 0xff, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0))
    let sent = 0
    for (; closed === null && sent < MAX_FRAME_BYTES; sent++) {
      if (raw(chunks)?.writable) raw(chunks).write(Uint8Array.of(0))
      await turn()
    }
    expect([closed, sent > MAX_CHUNKS]).toEqual([1008, true])
    good.send('still here')
    expect(String((await once(good, 'message'))[0])).toBe('still here')
  },
)
