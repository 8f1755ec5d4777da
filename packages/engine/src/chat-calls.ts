// What one asks the server for to begin a chat with somebody whom this device does not know.
import { oneChat } from '@skein/http/answers'
import type { ChatId } from '@skein/protocol'
import { createChatSync } from './chats/chat-sync.ts'
import type { Local } from './local.ts'
import type { Ports } from './ports.ts'
import type { Session } from './session.ts'

export interface ChatCalls {
  /** @throws EngineError 'no-such-person', 'blocked', 'offline' */
  byEmail(email: string): Promise<ChatId>
}

export function createChatCalls(local: Local, session: Session, ports: Ports): ChatCalls {
  const sync = createChatSync(local, session, ports)
  return {
    byEmail: async (email) => {
      const before = new Map(local.chats)
      const { chat } = await session.ask((api) => api.api.chats.$post({ header: {}, json: { email } }), oneChat)
      await sync.joined(chat, before)
      return chat.id
    },
  }
}
