// Every element under its name.
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

const elements: Record<string, CustomElementConstructor> = {
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

/** Registers what is not registered yet: a page may load two bundles that bring Skein along, and the first one serves both. */
export function defineElements(): void {
  for (const [name, element] of Object.entries(elements)) if (!customElements.get(name)) customElements.define(name, element)
}
