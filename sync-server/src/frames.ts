// What may come in on a socket, judged before Hocuspocus sees it: the document's name, the message's type, and whether that document is open here.
import { MAX_DOCUMENTS_PER_SOCKET, MAX_STATE_VECTOR_BYTES, parseDocumentName, Refusal } from '@skein/protocol'
import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import type { Session } from './session.ts'

/** Hocuspocus's message types. */
export const SYNC = 0
export const AWARENESS = 1
export const AUTH = 2
export const QUERY_AWARENESS = 3
export const SYNC_REPLY = 4
export const CLOSE = 7
const PING = 9
const PONG = 10
/** The sync message that asks for what one lacks. */
export const STEP_1 = 0

export type Verdict =
  /** Hand it to Hocuspocus; `opens`: it is the document's first, of which no hook is told. */
  | { kind: 'pass'; name: string; opens: boolean }
  /** A frame that was under way when its document was closed, or a heartbeat. */
  | { kind: 'drop' }
  /** Answer that this document cannot be opened; the same for one that does not exist and one that is not one's own. */
  | { kind: 'deny'; name: string }

/** @throws Refusal when the socket must be closed. */
export function judgeFrame(frame: Uint8Array, session: Session, now: number): Verdict {
  if (frame.length === 1 && (frame[0] === PING || frame[0] === PONG)) return { kind: 'drop' }
  let name: string
  let type: number
  let isQuestion: boolean
  try {
    const decoder = decoding.createDecoder(frame)
    name = decoding.readVarString(decoder)
    type = decoding.readVarUint(decoder)
    isQuestion = type === AUTH || type === QUERY_AWARENESS || ((type === SYNC || type === SYNC_REPLY) && judgeSync(decoder) === STEP_1)
  } catch (error) {
    throw error instanceof Refusal ? error : new Refusal('bad-message')
  }
  if (![SYNC, AWARENESS, AUTH, QUERY_AWARENESS, SYNC_REPLY, CLOSE].includes(type)) throw new Refusal('bad-message')
  if (name.length > 200) throw new Refusal('bad-message')
  if (isQuestion && !session.questions.take(1, now)) throw new Refusal('slow-down')
  const open = session.documents.get(name)
  if (!open && type !== AUTH) {
    // What a client sends right behind the authentication of a document that was denied.
    if (parseDocumentName(name) === null) return { kind: 'drop' }
    throw new Refusal('bad-message')
  }
  if (type === AUTH) {
    if (parseDocumentName(name) === null) return { kind: 'deny', name }
    if (open?.state === 'opening') throw new Refusal('bad-message')
    if (!open && session.documents.size >= MAX_DOCUMENTS_PER_SOCKET) makeRoom(session)
    const opens = open?.state !== 'open'
    if (opens) session.open(name)
    return { kind: 'pass', name, opens }
  }
  if (open?.state === 'closed') return { kind: 'drop' }
  return { kind: 'pass', name, opens: false }
}

/** The sync message's type; @throws Refusal for one that is none, or a state vector that is too large. */
function judgeSync(decoder: decoding.Decoder): number {
  const type = decoding.readVarUint(decoder)
  if (type > 2) throw new Refusal('bad-message')
  const payload = decoding.readVarUint8Array(decoder)
  if (type === STEP_1 && payload.length > MAX_STATE_VECTOR_BYTES) throw new Refusal('too-large')
  return type
}

/** Forgets closed documents; @throws Refusal when all are open. */
function makeRoom(session: Session): void {
  for (const [name, { state }] of session.documents) if (state === 'closed') session.documents.delete(name)
  if (session.documents.size >= MAX_DOCUMENTS_PER_SOCKET) throw new Refusal('slow-down')
}

/** The document's name when the frame is Hocuspocus's "permission denied"; else null. */
export function deniedName(frame: Uint8Array): string | null {
  const decoder = decoding.createDecoder(frame)
  const name = decoding.readVarString(decoder)
  return decoding.readVarUint(decoder) === AUTH && decoding.readVarUint(decoder) === 1 ? name : null
}

/** Hocuspocus's "permission denied" for a document. */
export function denial(name: string): Uint8Array {
  return encoding.encode((encoder) => {
    encoding.writeVarString(encoder, name)
    encoding.writeVarUint(encoder, AUTH)
    encoding.writeVarUint(encoder, 1) // permission denied
    encoding.writeVarString(encoder, 'no-access')
  })
}

/** The awareness payload of a frame, as a view into it; null when it is another message. */
export function awarenessPayload(frame: Uint8Array): Uint8Array | null {
  const decoder = decoding.createDecoder(frame)
  decoding.readVarString(decoder)
  return decoding.readVarUint(decoder) === AWARENESS ? decoding.readVarUint8Array(decoder) : null
}
