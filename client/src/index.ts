// The face of @skein/client: `<chat-app>`, registered by importing this.
import './define.ts'

export { ChatApp } from './elements/chat-app.ts'
