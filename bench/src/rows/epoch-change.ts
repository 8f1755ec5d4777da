// p99 delivery while the chat goes on in its next epoch, against a run without. The chat is filled up to shortly before its bound.
import { chatDocument, MAX_ENTRIES_PER_EPOCH, parseEpochName } from '@skein/protocol'
import { median, steady } from '../measure.ts'
import { atMost, type Row } from '../row.ts'
import { ROUNDS } from '../rounds.ts'
import { createSkein, joinChat } from '../skein.ts'
import { Traffic } from '../traffic.ts'
import { fillChat } from '../words.ts'

const PER_SECOND = 200
const SECONDS = 4

export const epochChange: Row = {
  name: 'epoch-change',
  what: 'p99 delivery while an epoch changes, against none changing',
  async run() {
    const changing: number[] = []
    const none: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      none.push(await p99(MAX_ENTRIES_PER_EPOCH / 2))
      changing.push(await p99(MAX_ENTRIES_PER_EPOCH - (PER_SECOND * (SECONDS + 1)) / 2))
    }
    const ratio = median(changing) / median(none)
    return {
      figures: [
        { who: 'none changing', value: median(none), unit: 'ms', ratio: null },
        { who: 'one changing', value: median(changing), unit: 'ms', ratio },
      ],
      goals: [atMost('one changing against none', ratio, 2)],
    }
  },
}

async function p99(filled: number): Promise<number> {
  await using skein = await createSkein()
  const seats = await skein.prepare(async (storage) => {
    const people = [await skein.person(storage, 0), await skein.person(storage, 1)]
    const chat = await skein.chat(storage, people)
    const epoch = await fillChat(storage, chat.id, people, filled, filled)
    return chat.seats.map((seat) => ({ ...seat, document: chatDocument(chat.id, parseEpochName(epoch)) }))
  })
  await using server = await skein.start()
  const members = await Promise.all(seats.map((seat) => joinChat(server, seat)))
  const traffic = new Traffic([members])
  await steady(traffic, server, PER_SECOND, 1)
  const { p99Ms } = await steady(traffic, server, PER_SECOND, SECONDS)
  traffic.close()
  return p99Ms
}
