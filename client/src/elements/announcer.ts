// What assistive technology is told of a chat: only what others wrote or did after it was opened, once, and no page of history.
import type { ChatWindow, MessageItem, Person } from '@skein/engine'
import { eventText } from '../model/chat-events.ts'
import { authorName } from '../model/rows.ts'

type Heard = Pick<ChatWindow, 'items' | 'events' | 'chat' | 'hasNewer'>

export class Announcer {
  text = ''
  #lastSeq = 0
  #lastRev = 0

  begin({ items, events }: Heard): void {
    this.#lastSeq = lastSeqOf(items)
    this.#lastRev = events.at(-1)?.rev ?? 0
    this.text = ''
  }

  hear({ items, events, chat: { members }, hasNewer }: Heard, me: string, people: readonly Person[]): void {
    // The first page of a chat, and a window far back, are not new.
    const known = this.#lastSeq > 0 && !hasNewer
    const news = !known ? [] : items.filter((item) => item.seq > this.#lastSeq && !item.own && item.deletedAt === null)
    this.#lastSeq = Math.max(this.#lastSeq, lastSeqOf(items))
    const said = news.map((item) => `${authorName(item, members)}: ${item.text}`)
    const happened = events
      .filter(({ rev, by }) => known && rev > this.#lastRev && by !== me)
      .map((event) => eventText(event, { me, members, people }))
    this.#lastRev = events.at(-1)?.rev ?? 0
    const heard = [...said, ...happened]
    if (heard.length) this.text = heard.join('. ')
  }
}

const lastSeqOf = (items: readonly MessageItem[]): number => items.reduce((last, item) => Math.max(last, item.seq), 0)
