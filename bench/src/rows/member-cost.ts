// Server CPU a delivery against the number of members, for the picture.
import { steady } from '../measure.ts'
import type { Figure, Row } from '../row.ts'
import { inTurns } from '../rounds.ts'

export const MEMBERS = [2, 5, 10, 20, 50]

export const memberCost: Row = {
  name: 'member-cost',
  what: 'server CPU a delivery against members, 40 messages/s',
  async run() {
    const figures: Figure[] = []
    for (const members of MEMBERS) {
      const peers = ['ws', 'hocuspocus', 'socket.io', 'skein'] as const
      const results = await inTurns(peers, { rooms: 1, members }, (traffic, server) => steady(traffic, server, 40, 1))
      for (const [who, { cpuMicrosPerDelivery }] of results) {
        figures.push({ who: `${who}, ${members} members`, value: cpuMicrosPerDelivery, unit: 'µs', ratio: null })
      }
    }
    return { figures, goals: [] }
  },
}
