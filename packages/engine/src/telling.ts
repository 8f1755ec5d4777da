// What this tab wrote, told to the others: they read at each notice what was written, so one notice serves all within a frame.
import type { ChatId, OperationId, UserId } from '@skein/protocol'
import type { Ports, Timer } from './ports.ts'
import type { Written } from './tab-channel.ts'

const TELL_MS = 16

export interface Telling {
  wrote(written: Written): void
  /** Tells now what is still to be told. */
  flush(): void
}

export function createTelling(ports: Ports, tell: (written: Written) => void): Telling {
  const chats = new Set<ChatId>()
  const messages = new Set<string>()
  const people = new Set<UserId>()
  const gone = new Set<OperationId>()
  let timer: Timer | null = null

  function flush(): void {
    if (timer !== null) ports.clearTimeout(timer)
    timer = null
    const written: Written = { chats: [...chats], messages: [...messages], people: [...people], gone: [...gone] }
    for (const keys of [chats, messages, people, gone]) keys.clear()
    if (written.chats.length + written.people.length > 0) tell(written)
  }
  return {
    wrote: (written) => {
      for (const chat of written.chats) chats.add(chat)
      for (const key of written.messages) messages.add(key)
      for (const id of written.people) people.add(id)
      for (const id of written.gone ?? []) gone.add(id)
      timer ??= ports.setTimeout(flush, TELL_MS)
    },
    flush,
  }
}
