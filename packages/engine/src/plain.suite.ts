// An engine and an ordinary y-websocket client in one chat, through the real server, its API and its restarts.
import { logRoot, type ChatId } from '@skein/protocol'
import { testId, testMessage } from '@skein/protocol/testing'
import { until } from '@skein/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'
import { openScene, password, texts, type Scene } from './scene.suite.ts'

export function plainSuite(databaseUrl: (folder: string) => Promise<string>): void {
  describe('promise 5, PLAIN-1: an engine and a y-websocket client', () => {
    let scene: Scene
    beforeEach(async () => {
      scene = await openScene(databaseUrl)
    })
    afterEach(() => scene[Symbol.asyncDispose]())

    async function post(path: string, body: object, token = ''): Promise<Record<string, unknown>> {
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
      return (await (await fetch(scene.skein.url + path, { method: 'POST', headers, body: JSON.stringify(body) })).json()) as Record<string, unknown>
    }
    const ticketOf = async (email: string): Promise<string> => {
      const { accessToken } = await post('/api/auth/login', { email, password })
      return String((await post('/api/ticket', {}, String(accessToken)))['ticket'])
    }
    const documentOf = async (chat: ChatId): Promise<string> => `chat/${chat}/${(await scene.skein.storage.chat(chat))?.epoch}`

    test('words go both ways, from queued to sent, over a restart of the server', async () => {
      const { alice, bob, chat, a } = await scene.pair()
      const doc = new Y.Doc()
      const provider = new WebsocketProvider(`${scene.skein.url.replace('http', 'ws')}/yjs`, await documentOf(chat), doc, {
        WebSocketPolyfill: WebSocket as never,
        disableBc: true,
        params: { token: await ticketOf('Bob@example.org') },
      })
      const codes: number[] = []
      provider.on('connection-close', (event) => event && codes.push(event.code))
      const heard = {
        subscribe: (listener: () => void) => {
          doc.on('afterTransaction', listener)
          provider.on('sync', listener)
          provider.on('connection-close', listener)
          return () => {
            doc.off('afterTransaction', listener)
            provider.off('sync', listener)
            provider.off('connection-close', listener)
          }
        },
      }
      const words = (author: Parameters<typeof logRoot>[0]): string[] => doc.getArray<{ text: string }>(logRoot(author)).map(({ text }) => text)
      await until(heard, () => provider.synced)
      expect(words(alice.id)).toEqual(['hello'])
      await alice.engine.send(chat, 'to a plain client')
      await until(heard, () => words(alice.id).includes('to a plain client'))
      doc.getArray(logRoot(bob.id)).push([testMessage(1, 'from a plain client')])
      await until(a, () => texts(a).includes('from a plain client'))
      // Bob's own engine shows it as his, and stored.
      const b = bob.engine.openChat(chat)
      await until(b, () => b.items.some((item) => item.id === testId(1) && item.own && item.status !== 'queued'))

      provider.params = { token: await ticketOf('Bob@example.org') }
      await scene.skein.restart()
      await until(heard, () => codes.length > 0)
      doc.getArray(logRoot(bob.id)).push([testMessage(2, 'while it was away')])
      alice.engine.connect()
      await until(a, () => texts(a).includes('while it was away'))
      expect(codes.every((code) => code < 4400 || code >= 4500)).toBe(true)
      await until(a, () => a.items.length === 4)
      provider.destroy()
      doc.destroy()
    })
  })
}
