// A device with 2,000 chats comes back, and 3 of them have changed: what it asks, and how much crosses the wire both ways.
import { memoryStores, type Ports } from '@skein/engine'
import { nodePorts } from '@skein/engine/node'
import type { ChatId } from '@skein/protocol'
import { WebSocket } from 'ws'
import { logIn, openDevice, until } from '../devices.ts'
import { wait } from '../measure.ts'
import { atMost, type Row } from '../row.ts'
import { ask, createSkein } from '../skein.ts'

const CHATS = 2_000
const CHANGED = 3

interface Counted {
  requests: number
  bytes: number
  documents: number
}

export const deviceBack: Row = {
  name: 'device-back',
  what: `a device back with ${CHANGED} of ${CHATS} chats changed`,
  async run() {
    await using skein = await createSkein()
    const { chats, other } = await skein.prepare(async (storage) => {
      const people = [await skein.person(storage, 0), await skein.person(storage, 1)]
      const made: ChatId[] = []
      for (let i = 0; i < CHATS; i++) made.push((await skein.chat(storage, people)).id)
      return { chats: made, other: people[1] }
    })
    if (!other) throw new Error('Nobody else')
    await using server = await skein.start()
    const stores = memoryStores()
    const first = openDevice(server, stores)
    await logIn(first, 0)
    await until(first, () => first.chats.length === CHATS && first.network.connected)
    await wait(3_000)
    await first.close()

    const token = await skein.tokenOf(other)
    const changed = new Set(chats.slice(0, CHANGED))
    for (const chat of changed) await ask(server, token, `/api/chats/${chat}/messages`, { text: 'x'.repeat(80) })
    const counted: Counted = { requests: 0, bytes: 0, documents: 0 }
    const back = openDevice(server, stores, counting(counted, nodePorts(stores)))
    await back.ready
    await until(back, () => back.chats.filter(({ id, lastMessage }) => changed.has(id) && lastMessage !== null).length === CHANGED)
    await wait(2_000)
    await back.close()
    return {
      figures: [
        { who: 'requests, the socket one of them', value: counted.requests, unit: '', ratio: null },
        { who: 'both ways', value: counted.bytes / 1024, unit: 'KB', ratio: null },
        { who: 'chat documents opened', value: counted.documents, unit: '', ratio: null },
      ],
      goals: [
        atMost('requests', counted.requests, 10),
        atMost('KB', counted.bytes / 1024, 50),
        atMost('chat documents opened', counted.documents, 0),
      ],
    }
  },
}

/** The ports of a device whose traffic is counted. */
function counting(counted: Counted, ports: Ports): Partial<Ports> {
  class CountedSocket extends WebSocket {
    constructor(url: string) {
      super(url)
      counted.requests++
      this.on('message', (data: Buffer | ArrayBuffer) => (counted.bytes += data.byteLength))
      this.on('error', () => undefined)
    }

    override send(data: Uint8Array): void {
      counted.bytes += data.length
      // A document is opened by authenticating for it: the name, then 2.
      const length = data[0] ?? 0
      if (Buffer.from(data.subarray(1, 6)).toString() === 'chat/' && data[length + 1] === 2) counted.documents++
      super.send(data)
    }
  }
  return {
    WebSocket: CountedSocket as unknown as typeof globalThis.WebSocket,
    async fetch(url, init) {
      counted.requests++
      const response = await ports.fetch(url, init)
      const body = await response.clone().arrayBuffer()
      counted.bytes += body.byteLength + (typeof init.body === 'string' ? init.body.length : 0)
      return response
    },
  }
}
