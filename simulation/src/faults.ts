// What goes wrong, and how often, while a run's troubles last: at the awaits of the write path, in the database, on the devices' disks.
import type { ChatId } from '@skein/protocol'
import type { Faults } from '@skein/storage'
import { StorageError } from '@skein/storage'
import type { FaultPoint, SyncPorts } from '@skein/sync-server'
import type { DiskMishap } from './device-stores.ts'
import type { Mishap } from './database.ts'
import type { Random } from './random.ts'

/** Chances for each time that something could go wrong. */
export interface Rates {
  sync: number
  storage: number
  database: number
  disk: number
}

/** What a step has waiting for one chat: the next time its write path comes to this point, `strike` is called, and the point is passed so many milliseconds later. */
export interface Ambush {
  point: FaultPoint
  chat: ChatId
  strike(): number
}

export class Troubles {
  ambush: Ambush | null = null
  rates: Rates
  /** false: nothing goes wrong any more. */
  on = false
  /** Points at which something has gone wrong, with how often. */
  readonly met = new Map<string, number>()
  readonly #random: Random

  readonly #now: () => number
  readonly #lastAt = { database: -Infinity, disk: -Infinity }

  constructor(random: Random, rates: Rates, now: () => number) {
    this.#random = random
    this.rates = rates
    this.#now = now
  }

  readonly sync: NonNullable<SyncPorts['faults']> = {
    at: (point, document) => {
      const { ambush } = this
      if (!this.on || ambush?.point !== point || !document.startsWith(`chat/${ambush.chat}/`)) return this.#strike(point, this.rates.sync)
      this.ambush = null
      this.#note(`${point}: ambushed`)
      return late(ambush.strike())
    },
  }
  readonly storage: Faults = {
    at: (point: string) => this.#strike(point, this.rates.storage),
  }

  database(sql: string): Mishap {
    if (!this.on || !this.#random.chance(this.rates.database)) return null
    const mishap = this.#random.chance(0.5) ? 'fails' : 'answer lost'
    this.#note(`database: ${sql.slice(0, 6)} ${mishap}`)
    return mishap
  }

  /** `fullUntil`: everything is refused before then. */
  disk(fullUntil: number): DiskMishap {
    if (!this.on) return null
    if (this.#now() < fullUntil) {
      this.#note('disk: full')
      return 'full'
    }
    if (!this.#random.chance(this.rates.disk)) return null
    const mishap = this.#random.chance(0.5) ? 'full' : 'told too late'
    this.#note(`disk: ${mishap}`)
    return mishap
  }

  diskStalls(ms: number): void {
    this.#note('disk: stalls')
    this.#lastAt.disk += ms
  }

  #strike(point: string, rate: number): Promise<void> | void {
    if (!this.on || !this.#random.chance(rate)) return
    const how = this.#random.below(10)
    this.#note(`${point}: ${how < 6 ? 'late' : 'fails'}`)
    if (how < 6) return late(how === 0 ? this.#random.between(1_000, 20_000) : this.#random.between(1, 500))
    throw how < 8 ? new StorageError('database-unreachable', 'simulated') : new Error('simulated')
  }

  /** Something went wrong a short time ago. */
  recently(now: number, where: 'database' | 'disk', withinMs = 5_000): boolean {
    return now - this.#lastAt[where] < withinMs
  }

  #note(what: string): void {
    this.#lastAt[what.startsWith('disk') ? 'disk' : 'database'] = this.#now()
    this.met.set(what, (this.met.get(what) ?? 0) + 1)
  }
}

const late = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
