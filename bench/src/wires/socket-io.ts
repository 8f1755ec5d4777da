// The wire of socket.io: an event for each message, acknowledged once it is stored.
import { io } from 'socket.io-client'
import type { Member, Message } from './wire.ts'

export async function joinSocketIo(origin: string, room: number): Promise<Member> {
  const socket = io(origin, { transports: ['websocket'], forceNew: true, reconnection: false, query: { room: String(room) } })
  await new Promise<void>((resolve, reject) => {
    socket.once('joined', () => resolve())
    socket.once('connect_error', reject)
  })
  const member: Member = {
    write: (messages) => messages.forEach((message) => socket.emit('message', message, () => member.taken())),
    heard: () => undefined,
    taken: () => undefined,
    bytes: 0,
    close: () => void socket.disconnect(),
  }
  socket.on('message', ({ id }: Message) => member.heard(id))
  return member
}
