// An ordinary y-websocket client of a member, by the byte: it reads a chat, writes a word into its own log, says that it is there, and goes.
import { logRoot, type ChatId } from '@skein/protocol'
import { testMessage } from '@skein/protocol/testing'
import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import * as Y from 'yjs'
import { Connection } from './network.ts'
import { Actor } from './scheduler.ts'
import type { ServerNode } from './server-node.ts'
import type { Person, World } from './world.ts'

const SYNC = 0
const AWARENESS = 1

const message = (type: number, write: (encoder: encoding.Encoder) => void): Uint8Array =>
  encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, type)
    write(encoder)
  })
const sync = (step: number, payload: Uint8Array): Uint8Array =>
  message(SYNC, (encoder) => {
    encoding.writeVarUint(encoder, step)
    encoding.writeVarUint8Array(encoder, payload)
  })
/** One entry of an awareness update. */
export const entryOf = (client: number, clock: number, state: object | null): Uint8Array =>
  encoding.encode((entry) => {
    for (const n of [1, client, clock]) encoding.writeVarUint(entry, n)
    encoding.writeVarString(entry, JSON.stringify(state))
  })
const awareness = (client: number, clock: number, state: object | null): Uint8Array =>
  message(AWARENESS, (encoder) => encoding.writeVarUint8Array(encoder, entryOf(client, clock, state)))

export function visit(world: World): boolean {
  const person = world.random.pick(world.people)
  const chat = world.random.pick([...world.record().chats.values()])
  const node = world.random.pick(world.nodes.filter(({ isUp }) => isUp))
  if (!person || !chat || !node) return false
  world.say(`${person.name} reads ${chat.id.slice(0, 4)} with a y-websocket client`)
  const actor = new Actor(`y-websocket of ${person.name}`)
  world.claim(actor, person.id)
  world.scheduler.post(actor, 0, () => void talk(world, person, actor, node, { id: chat.id, epoch: chat.epoch }))
  world.scheduler.post(world.scheduler.harness, 8_000, () => {
    actor.alive = false
  })
  return true
}

async function talk(world: World, person: Person, actor: Actor, node: ServerNode, { id, epoch }: { id: ChatId; epoch: string }): Promise<void> {
  const { random, network, scheduler } = world
  const name = `chat/${id}/${epoch}`
  const token = await (random.chance(0.5) ? world.token(person.id, person.name) : world.ticket(person.id, person.name))
  const host = node.plainDoor(`/yjs/${encodeURIComponent(name)}?token=${token}`)
  const connection = new Connection(network, actor, host, { up: true, slowMs: 10, lost: 0, doubled: 0, unanswered: 0 }, name)
  const { client: socket } = connection
  const document = new Y.Doc()
  const own = testMessage(random.uint32())
  const writes = random.chance(0.7)
  socket.addEventListener('open', () => {
    socket.send(sync(0, Y.encodeStateVector(document)))
    socket.send(awareness(document.clientID, 1, { user: person.id, typing: true }))
  })
  socket.addEventListener('message', ({ data }) => {
    const decoder = decoding.createDecoder(new Uint8Array(data ?? new ArrayBuffer(0)))
    if (decoding.readVarUint(decoder) !== SYNC) return
    const step = decoding.readVarUint(decoder)
    const payload = decoding.readVarUint8Array(decoder)
    if (step > 0) return Y.applyUpdate(document, payload)
    if (writes) document.getArray(logRoot(person.id)).push([own])
    socket.send(sync(1, Y.encodeStateAsUpdate(document, payload)))
    socket.send(awareness(document.clientID, 2, null))
  })
  scheduler.post(actor, 0, () => connection.open())
  scheduler.post(actor, 4_000, () => socket.close())
}
