// Every element that a first open needs, under its name.
import type { LitElement } from 'lit'
import { ChatAccount } from './elements/chat-account.ts'
import { ChatApp } from './elements/chat-app.ts'
import { ChatAvatar } from './elements/chat-avatar.ts'
import { ChatComposer } from './elements/chat-composer.ts'
import { ChatList } from './elements/chat-list.ts'
import { ChatMessage } from './elements/chat-message.ts'
import { ChatMessages } from './elements/chat-messages.ts'
import { ChatNetwork } from './elements/chat-network.ts'
import { ChatProvider } from './elements/chat-provider.ts'
import { ChatWindow } from './elements/chat-window.ts'
import { defineElement } from './elements/error-boundary.ts'

const elements: Record<string, typeof LitElement> = {
  // Before those that ask it for the engine, as they do when they come to life: in a page's HTML they may all stand already.
  'chat-provider': ChatProvider,
  'chat-account': ChatAccount,
  'chat-app': ChatApp,
  'chat-avatar': ChatAvatar,
  'chat-composer': ChatComposer,
  'chat-list': ChatList,
  'chat-message': ChatMessage,
  'chat-messages': ChatMessages,
  'chat-network': ChatNetwork,
  'chat-window': ChatWindow,
}

export const elementNames: readonly string[] = Object.keys(elements)

/** Registers what is not registered yet: a page may load two bundles that bring Skein along, and the first one serves both. */
export function register(some: Record<string, typeof LitElement>): void {
  for (const [name, element] of Object.entries(some)) defineElement(name, element)
}

export const defineElements = (): void => register(elements)
