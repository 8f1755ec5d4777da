import { HocuspocusProviderWebsocket, WebSocketStatus } from '@hocuspocus/provider'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { applyAwarenessUpdate, type Awareness } from 'y-protocols/awareness'
import * as Y from 'yjs'
import { DocumentProvider, ownAwareness } from './provider.ts'

const AWARENESS = 1
const AUTH = 2
const CLOSE = 7

let frames: Uint8Array[]
let document: Y.Doc
let awareness: Awareness
let socket: HocuspocusProviderWebsocket
let provider: DocumentProvider
let token: () => Promise<string>
let refusals: string[]
let mayOpen: () => Promise<boolean>

beforeEach(() => {
  frames = []
  refusals = []
  token = async () => 'token'
  mayOpen = async () => true
  document = new Y.Doc()
  awareness = ownAwareness()
  awareness.setLocalState({ user: 'alice', typing: false })
  socket = new HocuspocusProviderWebsocket({ url: 'ws://x', autoConnect: false, WebSocketPolyfill: EventTarget })
  socket.send = (bytes: Uint8Array) => void frames.push(bytes)
  socket.status = WebSocketStatus.Connected
  Object.assign(socket, { webSocket: { readyState: 1 } })
  provider = new DocumentProvider({
    name: 'doc',
    document,
    socket,
    awareness,
    token: () => token(),
    mayOpen: () => mayOpen(),
    authenticated: () => {},
    changed: () => {},
    refused: (reason) => refusals.push(reason),
  })
  provider.attach()
})
afterEach(() => {
  provider.destroy()
  socket.webSocket = null
  socket.destroy()
  document.destroy()
})

// A frame: the length of the name, "doc", the type, then for awareness the length of the payload, each in one byte here.
const typeOf = (frame: Uint8Array): number => frame[4] ?? -1

function awarenessFrames(): { client: number; clock: number; state: unknown }[] {
  return frames
    .filter((frame) => typeOf(frame) === AWARENESS)
    .map((frame) => {
      const listener = ownAwareness()
      const before = new Set(listener.meta.keys())
      applyAwarenessUpdate(listener, frame.subarray(6), null)
      const [client, ...others] = [...listener.meta.keys()].filter((key) => !before.has(key))
      expect(others).toEqual([])
      const told = {
        client: client ?? -1,
        clock: listener.meta.get(client ?? -1)?.clock ?? -1,
        state: listener.getStates().get(client ?? -1) ?? null,
      }
      listener.destroy()
      return told
    })
}
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('RT3: nothing that goes out before the first word names the document’s client id', async () => {
  provider.reopen()
  await settled()
  awareness.setLocalState({ user: 'alice', typing: true })
  expect(frames.map(typeOf)).toContain(AUTH)
  const told = awarenessFrames()
  expect(told.length).toBeGreaterThan(1)
  for (const { client } of told) expect(client).not.toBe(document.clientID)
  expect(Y.encodeStateVector(document)).toEqual(new Uint8Array([0]))
})

test('W1, W3: each opening shows the state under a higher clock, and leaving is never told by null', async () => {
  provider.reopen()
  await settled()
  provider.onClose()
  provider.reopen()
  await settled()
  provider.pageHide()
  const told = awarenessFrames()
  const clocks = told.map(({ clock }) => clock)
  expect(clocks.length).toBeGreaterThan(1)
  expect(clocks).toEqual([...new Set(clocks)].toSorted((a, b) => a - b))
  for (const { state } of told) expect(state).toEqual({ user: 'alice', typing: false })
})

test('H3: without a token nothing is sent, and the engine hears of it', async () => {
  token = () => Promise.reject(new Error('offline'))
  provider.reopen()
  await settled()
  expect([frames, refusals]).toEqual([[], ['no-token']])
})

test('H3: a document that the server has closed is left without a goodbye, which would meet the next opening', async () => {
  provider.reopen()
  await settled()
  provider.abandon()
  expect(frames.map(typeOf)).not.toContain(CLOSE)
})

test('H3: while it is asked whether a document may be opened, nothing is said of it, and nobody begins anew', async () => {
  const asked = Promise.withResolvers<boolean>()
  let times = 0
  mayOpen = () => {
    times++
    return asked.promise
  }
  provider.reopen()
  await settled()
  awareness.setLocalState({ user: 'alice', typing: true })
  document.getArray('log').push(['a word'])
  provider.reopen()
  await settled()
  expect([frames, times]).toEqual([[], 1])
  asked.resolve(true)
  await settled()
  expect(typeOf(frames[0] ?? new Uint8Array())).toBe(AUTH)
  expect(frames.filter((frame) => typeOf(frame) === AUTH)).toHaveLength(1)
  provider.reopen()
  await settled()
  expect(frames.filter((frame) => typeOf(frame) === AUTH)).toHaveLength(1)
})

test('H3: an answer that comes when its connection is gone opens nothing on the next one', async () => {
  const answers: ((may: boolean) => void)[] = []
  mayOpen = () => new Promise((resolve) => answers.push(resolve))
  provider.reopen()
  await settled()
  socket.status = WebSocketStatus.Disconnected
  provider.onClose()
  answers[0]?.(true)
  await settled()
  awareness.setLocalState({ user: 'alice', typing: true })
  socket.status = WebSocketStatus.Connected
  provider.reopen()
  await settled()
  expect(frames).toEqual([])
  answers[1]?.(true)
  await settled()
  expect(frames.filter((frame) => typeOf(frame) === AUTH)).toHaveLength(1)
})

test('H3: a document that was never opened is left without a word', async () => {
  mayOpen = async () => false
  provider.reopen()
  await settled()
  provider.destroy()
  expect(frames).toEqual([])
})

test('H3, RT4: while the connection closes nothing is said, since it would be the first word on the next one', async () => {
  provider.reopen()
  await settled()
  const before = frames.length
  Object.assign(socket, { webSocket: { readyState: 2 } })
  awareness.setLocalState({ user: 'alice', typing: true })
  document.getArray('log').push(['a word'])
  await provider.sendToken()
  expect(frames).toHaveLength(before)
})
