// The wire of the floor: JSON over a bare WebSocket.
import { WebSocket } from 'ws'
import type { Member } from './wire.ts'

export const openSocket = (url: string): Promise<WebSocket> =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(url, { perMessageDeflate: false })
    socket.once('open', () => resolve(socket))
    socket.once('error', reject)
  })

export async function joinBroadcast(origin: string, room: number): Promise<Member> {
  const socket = await openSocket(`${origin.replace('http', 'ws')}/${room}`)
  const member: Member = {
    write: (messages) => messages.forEach((message) => socket.send(JSON.stringify(message))),
    heard: () => undefined,
    taken: () => undefined,
    bytes: 0,
    close: () => socket.terminate(),
  }
  socket.on('message', (data: Buffer) => {
    member.bytes += data.length
    member.heard((JSON.parse(data.toString()) as { id: string }).id)
  })
  return member
}
