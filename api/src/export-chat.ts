// A chat as a file: JSON Lines for programs, a page for people. Made page by page while it is read, so that it costs the same memory however long the chat is.
import { groupReactions, MAX_HISTORY_PAGE, type UserId } from '@skein/protocol'
import type { ChatSummary, Storage } from '@skein/storage'
import type { Form } from './export-form.ts'
import { createPage } from './export-page.ts'

/** Version of the lines' form. */
const VERSION = 1

const iso = (time: number | null): string | null => (time === null ? null : new Date(time).toISOString())
const line = (value: object): string => `${JSON.stringify(value)}\n`

const jsonl: Form = {
  begin: ({ id, kind, title, fromJoining, from, members, pins, createdAt }) => {
    const history = { history: fromJoining ? 'joined' : 'all', historyFrom: from.seq }
    const pinned = pins.flatMap(({ authorId, id: message, message: seen }) => (seen?.deletedAt === null ? [{ authorId, id: message }] : []))
    return line({ type: 'chat', version: VERSION, id, kind, title, ...history, members, pins: pinned, createdAt: iso(createdAt) })
  },
  async message({ reactions, createdAt, receivedAt, editedAt, deletedAt, ...rest }, named) {
    const times = { createdAt: iso(createdAt), receivedAt: iso(receivedAt), editedAt: iso(editedAt), deletedAt: iso(deletedAt) }
    return line({ type: 'message', ...rest, authorName: await named(rest.authorId), ...times, reactions: groupReactions(reactions) })
  },
  end: (messages) => line({ type: 'end', messages }),
}

/** `form`: another one for each file; for whom it is made. */
export const EXPORT_FORMS = {
  jsonl: { form: () => jsonl, type: 'application/jsonl; charset=utf-8' },
  html: { form: createPage, type: 'text/html; charset=utf-8' },
} as const satisfies Record<string, { form: (self: UserId) => Form; type: string }>

/** Up to the chat's last message at this moment; each as it stands when it is read. Ends in the middle for who is taken out of the chat meanwhile. */
export function exportChat(storage: Storage, chat: ChatSummary, user: UserId, form: Form): ReadableStream<Uint8Array<ArrayBuffer>> {
  const names = new Map<UserId, string>(chat.members.map(({ id, name }) => [id, name]))
  const named = async (id: UserId): Promise<string> => {
    const name = names.get(id) ?? (await storage.user(id))?.name ?? ''
    names.set(id, name)
    return name
  }
  async function* parts(): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
    const encoder = new TextEncoder()
    yield encoder.encode(await form.begin(chat))
    const above = chat.from.seq
    for (let seq = above; seq < chat.seq;) {
      if (!(await storage.membership(chat.id, user))) throw new Error('No member any more')
      const messages = await storage.messagesAfter(chat.id, seq, Math.min(MAX_HISTORY_PAGE, chat.seq - seq))
      const last = messages.at(-1)
      if (last?.seq !== seq + messages.length) throw new Error('Messages are missing')
      const texts: string[] = []
      for (const message of messages) texts.push(await form.message(message, named))
      yield encoder.encode(texts.join(''))
      seq = last.seq
    }
    yield encoder.encode(await form.end(chat.seq - above))
  }
  const made = parts()
  return new ReadableStream(
    {
      async pull(controller) {
        const next = await made.next()
        if (next.done) controller.close()
        else controller.enqueue(next.value)
      },
      cancel: async () => void (await made.return(undefined)),
    },
    // Nothing is made before it is read.
    { highWaterMark: 0 },
  )
}
