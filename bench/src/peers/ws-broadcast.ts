// The floor: a bare ws server that sends each frame to everybody else in the room named by the path. Nothing is checked or stored.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocketServer, type WebSocket } from 'ws'

const rooms = new Map<string, Set<WebSocket>>()
const http = createServer()
new WebSocketServer({ server: http }).on('connection', (socket, request) => {
  const name = request.url ?? '/'
  const room = rooms.get(name) ?? new Set()
  rooms.set(name, room.add(socket))
  socket.on('message', (data) => {
    for (const other of room) if (other !== socket) other.send(data)
  })
  socket.on('close', () => room.delete(socket))
})
http.listen(0, '127.0.0.1', () => process.stdout.write(`ready http://127.0.0.1:${(http.address() as AddressInfo).port}\n`))
