// A member who speaks the protocol by the byte: forged, broken, doubled and foreign updates through the real door. Nothing of theirs may be stored, shown or sent to anybody
// but what an honest client could have written.
import { INFO_CLIENT, LEDGER_CLIENT, LEDGER_ROOT, logRoot, type ChatId } from '@skein/protocol'
import { mutatedUpdate, testMessage } from '@skein/protocol/testing'
import * as encoding from 'lib0/encoding'
import * as Y from 'yjs'
import type { ClientSocket } from './network.ts'
import { entryOf } from './plain-client.ts'
import { authentication, frame, sendBadFrame, syncFrame } from './bad-frames.ts'
import { FORGED } from './record.ts'
import { Actor } from './scheduler.ts'
import type { Person, World } from './world.ts'

/** An update that appends values to a root under a client id of one's choice. */
function updateOf(client: number, root: string, values: unknown[]): Uint8Array {
  const document = new Y.Doc()
  document.clientID = client
  document.getArray(root).push(values)
  return Y.encodeStateAsUpdate(document)
}

/** The same behind what somebody has under this client id already. */
function nextOf(client: number, clock: number, root: string, values: unknown[]): Uint8Array {
  const document = new Y.Doc()
  document.clientID = client
  if (clock > 0) document.getArray('before').push(Array.from({ length: clock }, () => 0))
  const before = Y.encodeStateVector(document)
  document.getArray(root).push(values)
  return Y.encodeStateAsUpdate(document, before)
}

/** A client id of somebody else with its next clock, as any member can read them in the chat's document. */
function someoneElses(world: World, person: Person, chat: ChatId, epoch: string): { client: number; clock: number } | null {
  const owners = world.machine.database
    .prepare('select client from client_ids where chat_id = ? and user_id <> ? and epoch = ? order by client')
    .all(chat, person.id, epoch)
  const client = world.random.pick(owners)?.['client']
  if (client === undefined) return null
  for (const device of world.devices) {
    for (const { engine } of device.tabs) {
      const state = engine.documentState(chat)
      const clock = state && Y.decodeStateVector(Y.encodeStateVectorFromUpdate(state)).get(Number(client))
      if (clock) return { client: Number(client), clock }
    }
  }
  return null
}

/** A bare socket of a person, for so long; `opened`: what it does then. */
function bareSocket(world: World, person: Person, name: string, ms: number, opened: (socket: ClientSocket) => Promise<void>): void {
  const actor = new Actor(`${name} ${person.name}`)
  world.claim(actor, person.id)
  const socket = world.network.connect(actor, { up: true, slowMs: 10, lost: 0, doubled: 0, unanswered: 0 })
  socket.addEventListener('open', () => void opened(socket))
  world.scheduler.post(actor, ms, () => socket.close())
  world.scheduler.post(world.scheduler.harness, 2 * ms, () => {
    actor.alive = false
  })
}

export function attack(world: World): boolean {
  const person = world.random.pick(world.people)
  const chat = world.random.pick([...world.record().chats.values()])
  if (!person || !chat) return false
  world.say(`${person.name} attacks ${chat.id.slice(0, 4)}`)
  world.states.enter('hostile', world.scheduler.now, 3_000)
  bareSocket(world, person, 'attack by', 4_000, (socket) => strike(world, person, socket, chat))
  return true
}

/** Opens the chat, and stays as long as it may. */
export function overhear(world: World, person: Person, { id, epoch }: { id: ChatId; epoch: string }): void {
  world.say(`${person.name} listens to ${id.slice(0, 4)}`)
  bareSocket(world, person, 'listening', 10_000, async (socket) => {
    const document = `chat/${id}/${epoch}`
    socket.send(authentication(document, await world.token(person.id, person.name)))
    socket.send(syncFrame(document, 0, Y.encodeStateVector(new Y.Doc())))
  })
}

async function strike(world: World, person: Person, socket: ClientSocket, { id: chat, epoch }: { id: ChatId; epoch: string }): Promise<void> {
  const { random } = world
  const document = `chat/${chat}/${epoch}`
  const token = await world.token(person.id, person.name)
  const auth = (name: string): void => socket.send(authentication(name, token))
  const sync = (type: number, payload: Uint8Array): void => socket.send(syncFrame(document, type, payload))
  const speak = (update: Uint8Array): void =>
    socket.send(
      frame(document, (encoder) => {
        encoding.writeVarUint(encoder, 1)
        encoding.writeVarUint8Array(encoder, update)
      }),
    )
  const other = world.people.find(({ id }) => id !== person.id)
  const own = logRoot(person.id)
  const foreign = logRoot(other?.id ?? person.id)
  const value = (): object => testMessage(random.uint32())
  const forged = (): object => ({ ...testMessage(random.uint32()), text: FORGED })
  const client = random.uint32()
  auth(document)
  sync(0, Y.encodeStateVector(new Y.Doc()))
  for (let i = random.between(3, 8); i > 0; i--) {
    switch (random.below(18)) {
      case 0:
        sync(2, updateOf(client, foreign, [forged()]))
        break
      case 1:
        sync(2, updateOf(LEDGER_CLIENT, LEDGER_ROOT, [['x']]))
        break
      case 2:
        sync(2, updateOf(INFO_CLIENT, own, [forged()]))
        break
      case 3: {
        // The same words twice, as an honest client that saw no answer sends them.
        const update = updateOf(client, own, [value()])
        sync(2, update)
        sync(2, update)
        break
      }
      case 4: {
        // One id, two contents.
        const first = value()
        sync(2, updateOf(client, own, [first, { ...first, text: 'other words' }]))
        break
      }
      case 5:
        sync(2, random.bytes(random.between(1, 60)))
        break
      case 6:
        socket.send(random.bytes(random.between(1, 20)))
        break
      case 7: {
        const pick = (end: number): number => random.below(end)
        let n = 0
        for (let k = 0; k < 8; k++)
          sync(
            2,
            mutatedUpdate(pick, () => (random.uint32() % 1_000_000) + n++, { own, other: foreign, next: () => 0 }),
          )
        break
      }
      case 8: {
        // Somebody else's client id, which they have shown to everybody.
        const owners = world.machine.database
          .prepare('select client from client_ids where chat_id = ? and user_id <> ? and epoch = ?')
          .all(chat, person.id, epoch)
        const stolen = random.pick(owners)?.['client']
        if (stolen !== undefined) sync(2, updateOf(Number(stolen), own, [forged()]))
        break
      }
      case 9: {
        // A later clock without what comes before it.
        const whole = new Y.Doc()
        whole.clientID = client
        whole.getArray(own).push([value()])
        const before = Y.encodeStateVector(whole)
        whole.getArray(own).push([value()])
        sync(2, Y.encodeStateAsUpdate(whole, before))
        break
      }
      case 10: {
        // The same words under another client id, as who has lost their document sends them.
        const words = value()
        sync(2, updateOf(client, own, [words]))
        sync(2, updateOf(random.uint32(), own, [words]))
        break
      }
      case 11: {
        // One's own words behind somebody else's last ones, under their client id.
        const others = someoneElses(world, person, chat, epoch)
        if (others) sync(2, nextOf(others.client, others.clock, own, [forged()]))
        break
      }
      case 12: {
        // Good words, and beside them some in another's name: the first are stored, the others cut.
        const others = someoneElses(world, person, chat, epoch)
        // Behind something that Hocuspocus handles, so that this goes its way too and not down the lane.
        sync(0, Y.encodeStateVector(new Y.Doc()))
        if (others) sync(2, Y.mergeUpdates([updateOf(client, own, [value()]), nextOf(others.client, others.clock, foreign, [forged()])]))
        break
      }
      case 14:
        // Somebody else types.
        for (const user of [other, person]) if (user) speak(entryOf(random.uint32(), 1, { user: user.id, typing: true }))
        break
      case 15:
      case 16:
        sendBadFrame(world, person, socket, document, token)
        break
      case 13:
        // More than a socket may ask.
        for (let k = 0; k < 500; k++) sync(0, Y.encodeStateVector(new Y.Doc()))
        break
      default: {
        // An awareness that wears another's name, and a delete set.
        const doc = new Y.Doc()
        doc.getArray(own).push([value(), value()])
        doc.getArray(own).delete(0, 1)
        sync(2, Y.encodeStateAsUpdate(doc))
        speak(random.bytes(12))
      }
    }
  }
}
