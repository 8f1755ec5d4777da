// What the tabs of one browser say to each other. A message carries the version of the program's local data: those of older programs and what cannot be read are ignored,
// and one of a newer program says that this one must let go.
import { isChatId, isOperationId, isUserId, type ChatId, type OperationId, type UserId } from '@skein/protocol'
import { z } from 'zod'
import type { Ports } from './ports.ts'
import { STORE_VERSION } from './store/rows.ts'

const chat = z.custom<ChatId>(isChatId)
const user = z.custom<UserId>(isUserId)
const operation = z.custom<OperationId>(isOperationId)
/** Of the tab that leads: only grows, so that one that was stolen from and wakes up is not believed. */
const fence = z.number()

/** What only the leader knows, for the others to show. */
const live = z.object({
  network: z.object({ connected: z.boolean(), offlineSince: z.number().nullable(), nextTryAt: z.number().nullable(), stuck: z.boolean() }),
  online: z.array(user),
  typing: z.array(z.tuple([chat, z.array(user)])),
  nextTries: z.array(z.tuple([chat, z.number()])),
  /** Its disk failed: what the disk still shows as waiting may be sent already. */
  failed: z.boolean().default(false),
})
export type LiveState = z.infer<typeof live>

/** Rows that a tab has written, by the keys of their tables; of a chat also its outbox and marks. `gone`: what left the outbox on the disk, for a tab that cannot read that. */
const changed = z.object({
  is: z.literal('changed'),
  chats: z.array(chat),
  messages: z.array(z.string()),
  people: z.array(user),
  gone: z.array(operation).optional(),
})
export type Written = Omit<z.infer<typeof changed>, 'is'>

const tabMessage = z.discriminatedUnion('is', [
  changed,
  /** The chats that a tab shows; empty when it goes. */
  z.object({ is: z.literal('windows'), tab: z.string(), chats: z.array(chat) }),
  /** A new leader asks everybody for their windows. */
  z.object({ is: z.literal('who') }),
  /** Does the leader live? */
  z.object({ is: z.literal('ping') }),
  z.object({ is: z.literal('beat'), fence, hidden: z.boolean() }),
  z.object({ is: z.literal('live'), fence, live }),
  z.object({ is: z.literal('typing'), chat, typing: z.boolean() }),
  z.object({ is: z.literal('catch-up'), chat }),
  z.object({ is: z.literal('connect') }),
  z.object({ is: z.literal('retry'), chat }),
  /** Somebody logged in or out; `discard`: with nothing to be kept of whose it was. */
  z.object({ is: z.literal('session'), discard: z.boolean().optional(), whose: user.optional() }),
  /** Says nothing but the version. */
  z.object({ is: z.literal('hello') }),
])
export type TabMessage = z.infer<typeof tabMessage>

const envelope = z.object({ version: z.number(), message: z.unknown() })

export interface TabChannel {
  post(message: TabMessage): void
  close(): void
}

/** `outdated`: a newer program runs in another tab. */
export function openTabChannel(ports: Ports, name: string, receive: (message: TabMessage) => void, outdated: () => void): TabChannel {
  const channel = ports.channel?.(name, (data) => {
    const told = envelope.safeParse(data)
    if (!told.success || told.data.version < STORE_VERSION) return
    if (told.data.version > STORE_VERSION) return outdated()
    const message = tabMessage.safeParse(told.data.message)
    if (message.success) receive(message.data)
  })
  const post = (message: TabMessage): void => channel?.post({ version: STORE_VERSION, message })
  post({ is: 'hello' })
  return { post, close: () => channel?.close() }
}
