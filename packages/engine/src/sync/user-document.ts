// One's own document: read-only, always open. Over it the server tells who is online and which chats moved.
import { isChatId, isUserId, userDocument, type ChatId, type UserId } from '@skein/protocol'
import * as Y from 'yjs'
import { z } from 'zod'
import { DocumentProvider, ownAwareness } from './provider.ts'
import type { Socket } from './socket.ts'

const user = z.custom<UserId>(isUserId)
const mine = z.object({
  mutedUntil: z.number().nullable(),
  pinned: z.boolean(),
  archived: z.boolean(),
  draft: z.string().default(''),
  unreadAfter: z.number().nullable().default(null),
  hidden: z.array(z.number()).default([]),
  changedAt: z.number(),
})
const told = z.union([
  z.object({ type: z.literal('nudge'), chats: z.array(z.tuple([z.custom<ChatId>(isChatId), z.number(), z.number()])) }),
  z.object({ type: z.literal('mine'), chat: z.custom<ChatId>(isChatId), mine }),
  z.object({ type: z.literal('newcomer'), user, name: z.string(), avatarUrl: z.string().nullable() }),
  z.object({ type: z.literal('renamed'), user, name: z.string(), avatarUrl: z.string().nullable() }),
  z.object({ type: z.literal('presence'), online: z.array(user) }),
  z.object({ type: z.literal('presence'), user, online: z.boolean(), at: z.number() }),
])
export type Told = z.infer<typeof told>

export interface UserDocumentOptions {
  self: UserId
  socket: Socket
  token(): Promise<string>
  authenticated(): void
  refused(reason: string): void
  told(message: Told): void
}

export interface UserDocument {
  readonly isAuthenticated: boolean
  reopen(): void
  /** Shows the server a renewed token before the old one ends. */
  sendToken(): void
  close(): void
}

export function openUserDocument(options: UserDocumentOptions): UserDocument {
  const document = new Y.Doc()
  // Its renewal every 15 s and the echo of it keep an idle socket alive on both ends (W5).
  const awareness = ownAwareness()
  awareness.setLocalState({ user: options.self, typing: false })
  const provider = new DocumentProvider({
    name: userDocument(options.self),
    document,
    socket: options.socket.provider,
    awareness,
    token: options.token,
    authenticated: options.authenticated,
    changed: () => {},
    refused: options.refused,
    stateless: (text) => {
      let value: unknown
      try {
        value = JSON.parse(text)
      } catch {
        return
      }
      const message = told.safeParse(value)
      if (message.success) options.told(message.data)
    },
  })
  provider.attach()
  return {
    get isAuthenticated() {
      return provider.isAuthenticated
    },
    reopen: () => provider.reopen(),
    sendToken: () => void provider.sendToken(),
    close: () => {
      provider.destroy()
      document.destroy()
      awareness.doc.destroy()
    },
  }
}
