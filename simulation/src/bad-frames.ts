// Frames that no client sends: what the server does not understand, what nobody may open, and more of it than one socket may have.
import { MAX_DOCUMENTS_PER_SOCKET, userDocument } from '@skein/protocol'
import * as encoding from 'lib0/encoding'
import type { ClientSocket } from './network.ts'
import type { Person, World } from './world.ts'

const SYNC = 0
const AUTH = 2
const QUERY_AWARENESS = 3
const CLOSE = 7
const PING = 9

/** A frame of Hocuspocus's, for the document of this name. */
export const frame = (name: string, write: (encoder: encoding.Encoder) => void): Uint8Array =>
  encoding.encode((encoder) => {
    encoding.writeVarString(encoder, name)
    write(encoder)
  })
const ofType = (name: string, type: number, ...more: number[]): Uint8Array =>
  frame(name, (encoder) => {
    for (const n of [type, ...more]) encoding.writeVarUint(encoder, n)
  })
export const authentication = (name: string, token: string): Uint8Array =>
  frame(name, (encoder) => {
    encoding.writeVarUint(encoder, AUTH)
    encoding.writeVarUint(encoder, 0)
    encoding.writeVarString(encoder, token)
  })
export const syncFrame = (name: string, step: number, payload: Uint8Array): Uint8Array =>
  frame(name, (encoder) => {
    encoding.writeVarUint(encoder, SYNC)
    encoding.writeVarUint(encoder, step)
    encoding.writeVarUint8Array(encoder, payload)
  })

export function sendBadFrame(world: World, person: Person, socket: ClientSocket, document: string, token: string): void {
  const { random } = world
  const own = userDocument(person.id)
  const [chat = '', epoch = ''] = document.split('/').slice(1)
  const elsewhere = (n: number): string => `chat/${chat}/${n}-${epoch.split('-')[1]}`
  const frames: (() => Uint8Array[])[] = [
    () => [Uint8Array.of(PING)],
    () => [ofType(document, 200)],
    () => [ofType('x'.repeat(300), SYNC, 0, 0)],
    () => [ofType(document, SYNC, 5, 0)],
    () => [syncFrame(document, 0, random.bytes(65 * 1024))],
    () => [ofType(document, QUERY_AWARENESS)],
    () => [ofType(document, CLOSE)],
    // What has no such name is denied, and so is what one is no member of; what follows is dropped.
    () => [authentication('no name of a document', token), ofType('no name of a document', SYNC, 0, 1, 0)],
    () => [authentication(userDocument(world.people.find(({ id }) => id !== person.id)?.id ?? person.id), token)],
    () => [authentication(document, 'no token')],
    () => [ofType(elsewhere(7), SYNC, 0, 1, 0)],
    () => [authentication(document, token), authentication(document, token)],
    () => [authentication(own, token), syncFrame(own, 2, Uint8Array.of(0, 0)), syncFrame(own, 2, random.bytes(9))],
    () => Array.from({ length: MAX_DOCUMENTS_PER_SOCKET + 1 }, (_, n) => authentication(elsewhere(1_000 + n), token)),
  ]
  for (const bytes of random.pick(frames)?.() ?? []) socket.send(bytes)
}
