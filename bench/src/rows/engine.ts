// Skein once more, with its engine on both sides: 20 in flight, 1,000 words each from offline, and the age of a delivery. One process plays both people.
import type { ChatId } from '@skein/protocol'
import { logIn, openDevice, until } from '../devices.ts'
import { quantile, wait } from '../measure.ts'
import type { Row } from '../row.ts'
import { createSkein } from '../skein.ts'

const IN_FLIGHT = 20
const OFFLINE = 1_000
const text = 'x'.repeat(80)

export const engine: Row = {
  name: 'engine',
  what: 'the same with the engine: accepted/s at 20 in flight, delivery, 1,000 messages each merged',
  async run() {
    await using skein = await createSkein()
    const chat = await skein.prepare(async (storage): Promise<ChatId> => {
      const people = [await skein.person(storage, 0), await skein.person(storage, 1)]
      return (await skein.chat(storage, people)).id
    })
    await using server = await skein.start()
    const [ann, ben] = [openDevice(server), openDevice(server)]
    await logIn(ann, 0)
    await logIn(ben, 1)
    await until(ann, () => ann.chats.length === 1 && ann.network.connected)
    await until(ben, () => ben.chats.length === 1 && ben.network.connected)
    const [a, b] = [ann.openChat(chat), ben.openChat(chat)]
    const seqOf = (window: typeof a): number => window.items.reduce((most, { seq }) => Math.max(most, seq), 0)
    await ann.send(chat, text)
    await until(b, () => seqOf(b) === 1)

    const ages: number[] = []
    for (let n = 2; n <= 41; n++) {
      const start = performance.now()
      await ann.send(chat, text)
      await until(b, () => seqOf(b) === n)
      ages.push(performance.now() - start)
      await wait(20)
    }

    let sent = seqOf(b)
    const from = sent
    const start = performance.now()
    while (performance.now() - start < 3_000) {
      while (sent - seqOf(a) < IN_FLIGHT) {
        sent++
        await ann.send(chat, text)
      }
      await until(a, () => sent - seqOf(a) < IN_FLIGHT)
    }
    const accepted = ((seqOf(a) - from) * 1_000) / (performance.now() - start)
    await until(b, () => seqOf(b) === sent)

    const cpu = server.cpuMs()
    const merging = performance.now()
    await Promise.all([ann, ben].map((one) => Promise.all(Array.from({ length: OFFLINE }, () => one.send(chat, text)))))
    await Promise.all([a, b].map((window) => until(window, () => seqOf(window) === sent + 2 * OFFLINE)))
    const merged = performance.now() - merging
    const cpuMs = server.cpuMs() - cpu
    await ann.close()
    await ben.close()
    return {
      figures: [
        { who: 'delivery, from the call to the other screen, p50', value: quantile(ages, 0.5), unit: 'ms', ratio: null },
        { who: 'accepted at 20 in flight', value: accepted, unit: '/s', ratio: null },
        { who: '1,000 each, written and on both screens', value: merged, unit: 'ms', ratio: null },
        { who: '1,000 each: server CPU a message', value: (cpuMs * 1_000) / (2 * OFFLINE), unit: 'µs', ratio: null },
      ],
      goals: [],
    }
  },
}
