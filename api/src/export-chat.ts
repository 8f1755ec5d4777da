// A chat as a file: JSON Lines for programs, a page for people. Made page by page while it is read, so that it costs the same memory however long the chat is.
import { html } from 'hono/html'
import { groupReactions, MAX_HISTORY_PAGE, type MessageState, type UserId } from '@skein/protocol'
import type { ChatSummary, Storage } from '@skein/storage'

/** Version of the lines' form. */
const VERSION = 1

type Named = (user: UserId) => Promise<string>
interface Form {
  begin(chat: ChatSummary): string | Promise<string>
  message(message: MessageState, named: Named): Promise<string>
  /** What is cut off has no end. */
  end(messages: number): string | Promise<string>
}

const iso = (time: number | null): string | null => (time === null ? null : new Date(time).toISOString())
const line = (value: object): string => `${JSON.stringify(value)}\n`

const jsonl: Form = {
  begin: ({ id, kind, title, members, createdAt }) => line({ type: 'chat', version: VERSION, id, kind, title, members, createdAt: iso(createdAt) }),
  async message({ reactions, createdAt, receivedAt, editedAt, deletedAt, ...rest }, named) {
    const times = { createdAt: iso(createdAt), receivedAt: iso(receivedAt), editedAt: iso(editedAt), deletedAt: iso(deletedAt) }
    return line({ type: 'message', ...rest, authorName: await named(rest.authorId), ...times, reactions: groupReactions(reactions) })
  },
  end: (messages) => line({ type: 'end', messages }),
}

/** Without a script and without a style, under a policy that allows neither, also where the file is opened from a disk. */
const page: Form = {
  begin({ kind, title, members }) {
    const name = kind === 'group' && title !== null ? title : members.map((member) => member.name).join(', ')
    return html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta http-equiv="Content-Security-Policy" content="default-src 'none'" />
          <meta name="viewport" content="width=device-width" />
          <title>${name}</title>
        </head>
        <body>
          <main>
            <h1 dir="auto">${name}</h1>
       `
  },
  async message({ authorId, text, receivedAt, editedAt, deletedAt, reactions }, named) {
    const time = iso(receivedAt)
    const lines = text.split('\n').map((each, i) => (i === 0 ? html`${each}` : html`<br />${each}`))
    const marks = groupReactions(reactions).map(({ emoji, userIds }) => `${emoji} ${userIds.length}`)
    return html` <article>
      <h2><bdi>${await named(authorId)}</bdi> <time datetime="${time}">${time}</time></h2>
      <p dir="auto">
        ${deletedAt === null ? lines : html`<em>deleted</em>`}${editedAt === null || deletedAt !== null ? '' : html` <em>(edited)</em>`}
      </p>
      ${marks.length === 0 ? '' : html`<p>${marks.join(' ')}</p>`}
    </article>`
  },
  end: (messages) => html`
            <p>${messages} messages.</p>
          </main>
        </body>
      </html>\n`,
}

export const EXPORT_FORMS = {
  jsonl: { form: jsonl, type: 'application/jsonl; charset=utf-8' },
  html: { form: page, type: 'text/html; charset=utf-8' },
} as const

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
    for (let seq = 0; seq < chat.seq;) {
      if (!(await storage.membership(chat.id, user))) throw new Error('No member any more')
      const messages = await storage.messagesAfter(chat.id, seq, Math.min(MAX_HISTORY_PAGE, chat.seq - seq))
      const last = messages.at(-1)
      if (last?.seq !== seq + messages.length) throw new Error('Messages are missing')
      const texts: string[] = []
      for (const message of messages) texts.push(await form.message(message, named))
      yield encoder.encode(texts.join(''))
      seq = last.seq
    }
    yield encoder.encode(await form.end(chat.seq))
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
