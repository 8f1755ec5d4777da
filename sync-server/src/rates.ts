// How many new operations a connection and a person may store: a merge of all that was written offline passes, a flood does not.
import { MAX_OPERATIONS_BURST_PER_USER, MAX_OPERATIONS_PER_SECOND_PER_USER, Refusal, type UserId } from '@skein/protocol'
import { Bucket } from './bucket.ts'
import type { Session } from './session.ts'

/** People that are remembered; above it, those who have not written lately are forgotten. */
const MAX_REMEMBERED = 10_000

export class Rates {
  readonly #now: () => number
  readonly #byUser = new Map<UserId, Bucket>()

  constructor(now: () => number) {
    this.#now = now
  }

  /** @throws Refusal `slow-down` when they are too many. */
  spend(session: Pick<Session, 'operations'>, user: UserId, operations: number): void {
    const now = this.#now()
    const bucket = this.#byUser.get(user) ?? new Bucket(MAX_OPERATIONS_BURST_PER_USER, MAX_OPERATIONS_PER_SECOND_PER_USER)
    if (!session.operations.take(operations, now) || !bucket.take(operations, now)) throw new Refusal('slow-down')
    this.#byUser.set(user, bucket)
    if (this.#byUser.size > MAX_REMEMBERED) for (const [id, idle] of this.#byUser) if (idle.isFull(now)) this.#byUser.delete(id)
  }
}
