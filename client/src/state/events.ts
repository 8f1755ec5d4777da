// The events that go up from one element to the one around it, each with what it carries.
import type { LoggedOutDevice, MessageItem, Person } from '@skein/engine'
import type { ChatId, OperationId, UserId } from '@skein/protocol'

/** What can be done to a message, from its toolbar, its menu or the keyboard. */
export type MessageAction =
  | 'reply'
  | 'edit'
  | 'delete'
  | 'hide'
  | 'restore'
  | 'copy'
  | 'copy-link'
  | 'forward'
  | 'unread'
  | 'details'
  | 'select'
  | 'pin'
  | 'unpin'
  | 'retry'
  | 'retry-edited'
  | 'discard'

export interface SkeinEvents {
  /** A message that one wanted to see could not be had. */
  'jump-failed': { error: unknown }
  /** A component threw, and a notice stands in its place. Cancel it to keep the error from the page's own handlers. */
  'component-failed': { component: string; during: 'render' | 'event'; error: unknown }
  /** What came with a log-in: devices that were logged out since what they log in with was used twice. */
  'devices-logged-out': { devices: LoggedOutDevice[] }
  /** Somebody wants to log in by the OpenID provider. */
  'provider-chosen': null
  /** A link that the page was opened by is done with. */
  'link-done': null
  /** A view over the chats is to be opened; `logging-out`: the question before words are left behind. */
  'panel-chosen': { panel: 'settings' | 'outbox' | 'logging-out' }
  /** A chat was chosen, or left (null). */
  'chat-chosen': { chat: ChatId | null }
  /** The menu of a chat, at a point of the viewport; `only`: the choice of how long it is to be muted. */
  'chat-menu': { chat: ChatId; x: number; y: number; only?: 'mute' }
  /** The list of keys is asked for. */
  'keys-wanted': null
  /** What there is to know of the open chat is to be shown, or not any more. */
  'chat-info': { open: boolean }
  /** People for a new group are to be chosen, or not any more. */
  'new-group': { open: boolean }
  /** Whom one has chosen from the list of people. */
  'people-picked': { people: Person[] }
  /** An invitation to a group was followed, or not (null). */
  'join-done': { chat: ChatId | null }
  /** The chat that gets what another app shared; null: none does. */
  'share-done': { chat: ChatId | null }
  'message-action': { item: MessageItem; action: MessageAction }
  /** A message is to be among those that are selected, or not any more. */
  'message-select': { item: MessageItem }
  'selection-forward': { items: MessageItem[] }
  'selection-hide': { items: readonly MessageItem[] }
  'selection-left': null
  'message-reaction': { item: MessageItem; emoji: string; on: boolean }
  /** The menu of a message, at a point of the viewport. */
  'message-menu': { item: MessageItem; x: number; y: number }
  /** A message that a quote names, or the bar of pinned ones; `from`: where there is a way back to. */
  'message-jump': { id: OperationId; from?: OperationId }
  /** An emoji of all that there are, in place of one of the few in the menu. */
  'message-emoji': { item: MessageItem; x: number; y: number }
  'emoji-chosen': { emoji: string }
  'composer-send': { text: string; mentions: UserId[] }
  /** All emoji are wanted, beside a point of the viewport. */
  'composer-emoji': { x: number; y: number }
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
