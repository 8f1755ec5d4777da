// Yjs updates by hand: what appends messages to a log, and which messages an update holds. A raw client would be slower than any server with whole documents.
import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import * as Y from 'yjs'
import type { Message } from './wire.ts'

/** Appends to a root; `clock` is how many values this client has appended before. */
export function encodeAppend(client: number, clock: number, root: string, messages: Message[]): Uint8Array {
  return encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, 1)
    encoding.writeVarUint(encoder, 1)
    encoding.writeVarUint(encoder, client)
    encoding.writeVarUint(encoder, clock)
    if (clock > 0) {
      encoding.writeUint8(encoder, 0x88) // plain values behind the value before
      encoding.writeVarUint(encoder, client)
      encoding.writeVarUint(encoder, clock - 1)
    } else {
      encoding.writeUint8(encoder, 0x08) // plain values, the first of their root
      encoding.writeVarUint(encoder, 1)
      encoding.writeVarString(encoder, root)
    }
    encoding.writeVarUint(encoder, messages.length)
    for (const message of messages) encoding.writeAny(encoder, { ...message })
    encoding.writeVarUint(encoder, 0)
  })
}

/** Every value in an update, with the client id that appended it. */
export function valuesOf(update: Uint8Array): [client: number, value: unknown][] {
  return quickValues(update) ?? slowValues(update)
}

/** null for anything but appended plain values. */
function quickValues(update: Uint8Array): [number, unknown][] | null {
  const decoder = decoding.createDecoder(update)
  const values: [number, unknown][] = []
  for (let clients = decoding.readVarUint(decoder); clients > 0; clients--) {
    let structs = decoding.readVarUint(decoder)
    const client = decoding.readVarUint(decoder)
    decoding.readVarUint(decoder)
    for (; structs > 0; structs--) {
      const info = decoding.readUint8(decoder)
      if (info === 0x88) {
        decoding.readVarUint(decoder)
        decoding.readVarUint(decoder)
      } else if (info === 0x08 && decoding.readVarUint(decoder) === 1) decoding.readVarString(decoder)
      else return null
      for (let left = decoding.readVarUint(decoder); left > 0; left--) values.push([client, decoding.readAny(decoder)])
    }
  }
  return values
}

function slowValues(update: Uint8Array): [number, unknown][] {
  return Y.decodeUpdate(update).structs.flatMap((struct) =>
    struct instanceof Y.Item && struct.content instanceof Y.ContentAny
      ? struct.content.arr.map((value): [number, unknown] => [struct.id.client, value as unknown])
      : [],
  )
}
