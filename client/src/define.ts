// Every element under its name.
import type { LitElement } from 'lit'
import { ChatAccount } from './elements/chat-account.ts'
import { ChatApp } from './elements/chat-app.ts'
import { ChatAvatar } from './elements/chat-avatar.ts'
import { ChatComposer } from './elements/chat-composer.ts'
import { ChatForgot } from './elements/chat-forgot.ts'
import { ChatLink } from './elements/chat-link.ts'
import { ChatList } from './elements/chat-list.ts'
import { ChatLogin } from './elements/chat-login.ts'
import { ChatMenu } from './elements/chat-menu.ts'
import { ChatMessage } from './elements/chat-message.ts'
import { ChatMessages } from './elements/chat-messages.ts'
import { ChatNetwork } from './elements/chat-network.ts'
import { ChatRefused } from './elements/chat-refused.ts'
import { ChatRelogin } from './elements/chat-relogin.ts'
import { ChatWindow } from './elements/chat-window.ts'
import { defineElement } from './elements/error-boundary.ts'

const elements: Record<string, typeof LitElement> = {
  'chat-account': ChatAccount,
  'chat-app': ChatApp,
  'chat-avatar': ChatAvatar,
  'chat-composer': ChatComposer,
  'chat-forgot': ChatForgot,
  'chat-link': ChatLink,
  'chat-list': ChatList,
  'chat-login': ChatLogin,
  'chat-menu': ChatMenu,
  'chat-message': ChatMessage,
  'chat-messages': ChatMessages,
  'chat-network': ChatNetwork,
  'chat-refused': ChatRefused,
  'chat-relogin': ChatRelogin,
  'chat-window': ChatWindow,
}

export const elementNames: readonly string[] = Object.keys(elements)

/** Registers what is not registered yet: a page may load two bundles that bring Skein along, and the first one serves both. */
export function register(some: Record<string, typeof LitElement>): void {
  for (const [name, element] of Object.entries(some)) defineElement(name, element)
}

export const defineElements = (): void => register(elements)
