// The face of @skein/client: importing it registers the elements of docs/components.md.
import { defineElements } from './define.ts'

defineElements()
export { ChatApp } from './elements/chat-app.ts'
export { ChatAvatar } from './elements/chat-avatar.ts'
export { ChatComposer, type ComposerBanner } from './elements/chat-composer.ts'
export { ChatList } from './elements/chat-list.ts'
export { ChatMessage, type Member } from './elements/chat-message.ts'
export { ChatProvider } from './elements/chat-provider.ts'
export { ChatWindow } from './elements/chat-window.ts'
export type { MessageAction, SkeinEvent, SkeinEvents } from './state/events.ts'
