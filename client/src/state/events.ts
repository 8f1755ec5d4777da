// The events that go up from one element to the one around it, each with what it carries.
import type { LoggedOutDevice, MessageItem } from '@skein/engine'
import type { ChatId } from '@skein/protocol'

/** What can be done to a message, from its toolbar, its menu or the keyboard. */
export type MessageAction = 'reply' | 'edit' | 'delete' | 'copy' | 'retry' | 'retry-edited' | 'discard'

export interface SkeinEvents {
  /** What came with a log-in: devices that were logged out since what they log in with was used twice. */
  'devices-logged-out': { devices: LoggedOutDevice[] }
  /** A link that the page was opened by is done with. */
  'link-done': null
  /** A chat was chosen, or left (null). */
  'chat-chosen': { chat: ChatId | null }
  'message-action': { item: MessageItem; action: MessageAction }
  'message-reaction': { item: MessageItem; emoji: string; on: boolean }
  /** The menu of a message, at a point of the viewport. */
  'message-menu': { item: MessageItem; x: number; y: number }
  /** The message that a quote names. */
  'message-jump': { id: string }
  'composer-send': { text: string }
  'composer-input': { text: string }
  /** Esc, or the cross beside a quote. */
  'composer-leave': null
  /** ArrowUp in an empty composer. */
  'composer-edit-last': null
}

export function emit<K extends keyof SkeinEvents>(from: EventTarget, type: K, detail: SkeinEvents[K]): void {
  from.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }))
}

/** The event as the listener of `type` gets it. */
export type SkeinEvent<K extends keyof SkeinEvents> = CustomEvent<SkeinEvents[K]>
