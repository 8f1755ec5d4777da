// The peers of a row, each started alone with rooms of the same size.
import { chatDocument, parseChatId, parseEpochName, parseUserId } from '@skein/protocol'
import { startMariadb } from '@skein/testing'
import { startProcess, type ServerProcess } from './process.ts'
import { createSkein, joinChat } from './skein.ts'
import { Traffic } from './traffic.ts'
import { joinBroadcast } from './wires/broadcast.ts'
import { joinDocument, type Seat } from './wires/document.ts'
import { joinSocketIo } from './wires/socket-io.ts'
import type { Member } from './wires/wire.ts'

export type PeerName = 'ws' | 'hocuspocus' | 'hocuspocus-stored' | 'socket.io' | 'skein' | 'skein-mariadb'

export interface Peer extends AsyncDisposable {
  readonly server: ServerProcess
  /** Opens member `place` of a room; resolves when it is in. */
  join(room: number, place: number): Promise<Member>
}

const number = (n: number): string => String(n).padStart(26, '0')

/** A document of plain Hocuspocus, named as long as Skein's. */
const plainSeat = (room: number, place: number): Seat => ({
  document: chatDocument(parseChatId(number(room)), parseEpochName('1-0000000000000000')),
  user: parseUserId(number(place)),
  token: 'none',
})

async function startSkein(rooms: number, members: number, databaseUrl: string, prepared?: (folder: string) => void): Promise<Peer> {
  const skein = await createSkein(databaseUrl)
  const seats = await skein.prepare(async (storage) => {
    const seated: Seat[][] = []
    for (let room = 0; room < rooms; room++) {
      const people = []
      for (let place = 0; place < members; place++) people.push(await skein.person(storage, room * members + place))
      seated.push((await skein.chat(storage, people)).seats)
    }
    return seated
  })
  prepared?.(skein.folder)
  const server = await skein.start()
  return {
    server,
    join(room, place) {
      const seat = seats[room]?.[place]
      if (!seat) throw new Error('no such seat')
      return joinChat(server, seat)
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]()
      await skein[Symbol.asyncDispose]()
    },
  }
}

async function startSkeinOnMariadb(rooms: number, members: number): Promise<Peer> {
  const mariadb = await startMariadb()
  const peer = await startSkein(rooms, members, mariadb.url(await mariadb.createDatabase()))
  return {
    ...peer,
    async [Symbol.asyncDispose]() {
      await peer[Symbol.asyncDispose]()
      await mariadb.stop()
    },
  }
}

async function startPlain(file: string, join: (origin: string, room: number, place: number) => Promise<Member>, env = {}): Promise<Peer> {
  const server = await startProcess(`bench/src/peers/${file}.ts`, env)
  return { server, join: (room, place) => join(server.origin, room, place), [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

const joinPlain = (origin: string, room: number, place: number): Promise<Member> => joinDocument(origin.replace('http', 'ws'), plainSeat(room, place))

/** `prepared` may still change Skein's folder before the server starts. */
export function startPeer(name: PeerName, rooms: number, members: number, prepared?: (folder: string) => void): Promise<Peer> {
  if (name === 'ws') return startPlain('ws-broadcast', joinBroadcast)
  if (name === 'hocuspocus') return startPlain('hocuspocus', joinPlain)
  if (name === 'hocuspocus-stored') return startPlain('hocuspocus', joinPlain, { BENCH_STORED: '1' })
  if (name === 'socket.io') return startPlain('socket-io-sqlite', joinSocketIo)
  return name === 'skein' ? startSkein(rooms, members, '', prepared) : startSkeinOnMariadb(rooms, members)
}

/** Everybody in, some at a time. */
export async function fill(peer: Peer, rooms: number, members: number, atOnce = 50): Promise<Traffic> {
  const seats = Array.from({ length: rooms * members }, (_, i) => [Math.floor(i / members), i % members] as const)
  const joined: Member[] = []
  for (let i = 0; i < seats.length; i += atOnce) {
    joined.push(...(await Promise.all(seats.slice(i, i + atOnce).map(([room, place]) => peer.join(room, place)))))
  }
  return new Traffic(Array.from({ length: rooms }, (_, room) => joined.slice(room * members, (room + 1) * members)))
}
