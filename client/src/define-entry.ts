// The elements around logging in, loaded when nobody is logged in, a session has ended, or the page was opened by a mail.
import { register } from './define.ts'
import { ChatForgot } from './elements/chat-forgot.ts'
import { ChatLink } from './elements/chat-link.ts'
import { ChatLogin } from './elements/chat-login.ts'
import { ChatRelogin } from './elements/chat-relogin.ts'

const elements = { 'chat-forgot': ChatForgot, 'chat-link': ChatLink, 'chat-login': ChatLogin, 'chat-relogin': ChatRelogin }

export const entryNames: readonly string[] = Object.keys(elements)

register(elements)
