// What assistive technology is told of new messages: only what others wrote after the chat was opened, once, and no page of history.
import type { MessageItem } from '@skein/engine'
import { authorName } from '../model/rows.ts'

export class Announcer {
  text = ''
  #lastSeq = 0

  begin(items: readonly MessageItem[]): void {
    this.#lastSeq = lastSeqOf(items)
    this.text = ''
  }

  hear(items: readonly MessageItem[], members: readonly { id: string; name: string }[], reading: boolean): void {
    // The first page of a chat, and a window far back, are not new.
    const news = this.#lastSeq === 0 || reading ? [] : items.filter((item) => item.seq > this.#lastSeq && !item.own && item.deletedAt === null)
    this.#lastSeq = Math.max(this.#lastSeq, lastSeqOf(items))
    if (news.length) this.text = news.map((item) => `${authorName(item, members)}: ${item.text}`).join('. ')
  }
}

const lastSeqOf = (items: readonly MessageItem[]): number => items.reduce((last, item) => Math.max(last, item.seq), 0)
