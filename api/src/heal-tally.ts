// What the operator is told of healing: how much came back since the server started.
import type { ChatId } from '@skein/protocol'

export class HealTally {
  #messages = 0
  readonly #chats = new Set<ChatId>()
  readonly #devices = new Set<string>()
  #told = ''

  /** `device`: the session that brought them. */
  add(chat: ChatId, device: string, messages: number): void {
    this.#messages += messages
    this.#chats.add(chat)
    this.#devices.add(device)
  }

  get total(): { messages: number; chats: number; devices: number } {
    return { messages: this.#messages, chats: this.#chats.size, devices: this.#devices.size }
  }

  /** The total as a sentence; null when it is what was said last. */
  news(): string | null {
    const { messages, chats, devices } = this.total
    const line = chats === 0 ? '' : `healed ${count(messages, 'message')} in ${count(chats, 'chat')} from ${count(devices, 'device')}`
    if (line === this.#told) return null
    this.#told = line
    return line
  }
}

const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`
