// Messages on their way through rooms: how old each delivery is, and when a message has reached everybody in its room.
import { newMessage, type Member, type Message } from './wires/wire.ts'

interface OnTheWay {
  at: number
  left: number
  arrived: () => void
}

export class Traffic {
  readonly rooms: Member[][]
  readonly members: Member[]
  deliveries = 0
  /** Ages of deliveries in milliseconds, while they are wanted. */
  latencies: number[] | null = null
  readonly #onTheWay = new Map<string, OnTheWay>()
  readonly #roomOf = new Map<Member, Member[]>()

  constructor(rooms: Member[][]) {
    this.rooms = rooms
    this.members = rooms.flat()
    for (const room of rooms) for (const member of room) this.#roomOf.set(member, room)
    for (const member of this.members) member.heard = (id) => this.#heard(id)
  }

  /** Messages that are not everywhere yet. */
  get onTheWay(): number {
    return this.#onTheWay.size
  }

  /** One message; `arrived` is called when all others in the room have decoded it. */
  send(member: Member, arrived: () => void = () => undefined): void {
    member.write([this.sent(member, arrived)])
  }

  /** A message for a member to write. */
  sent(member: Member, arrived: () => void = () => undefined): Message {
    const message = newMessage()
    this.#onTheWay.set(message.id, { at: performance.now(), left: (this.#roomOf.get(member)?.length ?? 1) - 1, arrived })
    return message
  }

  /** Resolves when everything has arrived; rejects when nothing more comes. */
  async settled(everyMs = 10): Promise<void> {
    for (let [before, quiet] = [this.deliveries, 0]; this.#onTheWay.size > 0; quiet = this.deliveries === before ? quiet + 1 : 0) {
      before = this.deliveries
      if (quiet * everyMs > 20_000) throw new Error(`${this.#onTheWay.size} messages did not arrive`)
      await new Promise((resolve) => setTimeout(resolve, everyMs))
    }
  }

  close(): void {
    for (const member of this.members) member.close()
  }

  #heard(id: string): void {
    const message = this.#onTheWay.get(id)
    if (!message) return
    this.deliveries++
    this.latencies?.push(performance.now() - message.at)
    if (--message.left > 0) return
    this.#onTheWay.delete(id)
    message.arrived()
  }
}
