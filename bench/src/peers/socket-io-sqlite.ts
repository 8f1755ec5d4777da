// The peer: socket.io with one SQLite transaction for each message, on the binding that Skein uses, as durable.
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Server } from 'socket.io'

const folder = mkdtempSync(join(tmpdir(), 'skein-bench-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
process.on('SIGTERM', () => process.exit(0))
const database = new DatabaseSync(join(folder, 'messages.db'))
database.exec('pragma journal_mode = wal; pragma synchronous = full')
database.exec('create table messages (n integer primary key, room text not null, id text not null unique, body text not null)')
const insert = database.prepare('insert into messages (room, id, body) values (?, ?, ?)')

const http = createServer()
new Server(http, { transports: ['websocket'], perMessageDeflate: false }).on('connection', (socket) => {
  const room = String(socket.handshake.query['room'])
  void socket.join(room)
  socket.on('message', (message: { id: string }, stored: () => void) => {
    insert.run(room, message.id, JSON.stringify(message))
    stored()
    socket.to(room).emit('message', message)
  })
  socket.emit('joined')
})
http.listen(0, '127.0.0.1', () => process.stdout.write(`ready http://127.0.0.1:${(http.address() as AddressInfo).port}\n`))
