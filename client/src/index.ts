// The face of @skein/client: importing it registers `<chat-app>`.
import { defineElements } from './define.ts'

defineElements()
export { ChatApp } from './elements/chat-app.ts'
