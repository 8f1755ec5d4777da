import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { MAX_FRAME_BYTES } from '@skein/protocol'
import { WebSocket } from 'ws'
import { listen, type SocketHandler, type WebServer } from './http.ts'
import { createLogger } from './log.ts'

const open: WebServer[] = []
afterEach(async () => {
  for (const server of open.splice(0)) await server.close(0)
})

async function start(
  options: { port?: number; host?: string; hops?: number; socket?: SocketHandler; fetch?: () => Response | Promise<Response> } = {},
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
