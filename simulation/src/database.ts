// The database's machine: one SQLite in memory, asked by every server through a thread of its own. It outlives the servers, can be slow, fail, lose an answer, and be
// replaced by an older copy of itself.
import type { DatabaseSync } from 'node:sqlite'
import { batchRunner, openSqlite, type FromWorker, type StartThread, type ToWorker } from '@skein/storage'
import type { Random } from './random.ts'
import { Actor, type Scheduler } from './scheduler.ts'

type Batch = (ToWorker & { kind: 'batch' })['batch']

/** What happens to one batch: nothing, or an I/O error before or after it ran. */
export type Mishap = 'fails' | 'answer lost' | null

interface Client {
  actor: Actor
  /** SQL by number, as the client numbers it. */
  texts: Map<number, string>
  run: (batch: Batch) => FromWorker & { kind: 'results' }
  heard: (message: FromWorker) => void
  lastAt: number
  /** Its server is dead, and what it had under way is over. */
  gone: boolean
}

interface Waiting {
  client: Client
  batch: Batch
}

const IO_ERROR = 10

/** What crosses to another thread is a copy: the sender may write into its bytes afterwards. */
function copyOf({ id, texts, statements }: Batch): Batch {
  const values = (parameters: Batch['statements'][number][1]) => parameters.map((value) => (value instanceof Uint8Array ? value.slice() : value))
  return { id, texts, statements: statements.map(([number, parameters, times, expect]) => [number, values(parameters), times, expect]) }
}

export class DatabaseMachine {
  readonly actor = new Actor('database')
  database: DatabaseSync
  #slowMs = 3
  /** When it was slow last; what was asked then may be answered after that. */
  slowAt = -Infinity
  /** Asked for each batch. */
  mishap: (sql: string) => Mishap = () => null
  /** Called after each COMMIT. */
  committed: () => void = () => {}
  readonly #scheduler: Scheduler
  readonly #random: Random
  #clients = new Set<Client>()
  /** Whose transaction is open. */
  #holder: Client | null = null
  #waiting: Waiting[] = []

  constructor(scheduler: Scheduler, random: Random, copy: Uint8Array | null) {
    this.#scheduler = scheduler
    this.#random = random
    this.database = openSqlite(':memory:')
    if (copy) this.database.deserialize(copy)
  }

  /** Greatest time that a batch takes, in milliseconds. */
  get slowMs(): number {
    return this.#slowMs
  }
  set slowMs(ms: number) {
    if (this.#slowMs > ms) this.slowAt = this.#scheduler.now
    this.#slowMs = ms
  }

  /** true: what can be read is not committed yet. */
  get inTransaction(): boolean {
    return this.#holder !== null
  }

  threadFor(actor: Actor): StartThread {
    return (_path, heard, ended) => {
      const client: Client = { actor, texts: new Map(), run: batchRunner(this.database), heard, lastAt: 0, gone: false }
      this.#clients.add(client)
      this.#scheduler.post(actor, 1, () => heard({ kind: 'open' }))
      return {
        post: (message) => {
          if (message.kind === 'close') {
            // After what it was asked before; whatever is open then is rolled back.
            this.#scheduler.post(this.actor, Math.max(0, client.lastAt - this.#scheduler.now) + 1, () => {
              this.#gone(client)
              this.#scheduler.post(actor, 0, () => {
                heard({ kind: 'closed' })
                ended('it ended')
              })
            })
            return
          }
          const batch = copyOf(message.batch)
          client.lastAt = Math.max(client.lastAt, this.#scheduler.now + this.#random.fraction() * this.slowMs)
          this.#scheduler.post(this.actor, client.lastAt - this.#scheduler.now, () => this.#arrived({ client, batch }))
        },
      }
    }
  }

  /** A server died: its open transaction is rolled back; what it had asked last may still run. */
  died(actor: Actor): void {
    for (const client of Array.from(this.#clients)) {
      if (client.actor !== actor) continue
      if (this.#random.chance(0.5)) this.#gone(client)
      // After what is under way.
      else this.#scheduler.post(this.actor, this.slowMs + 1, () => this.#gone(client))
    }
  }

  #gone(client: Client): void {
    client.gone = true
    this.#clients.delete(client)
    this.#waiting = this.#waiting.filter((waiting) => waiting.client !== client)
    if (this.#holder !== client) return
    if (this.database.isTransaction) this.database.exec('rollback')
    this.#holder = null
    this.#next()
  }

  /** As a backup in steps makes it: one moment of what is committed. */
  backup(): Uint8Array {
    if (this.#holder) throw new Error('a transaction is open')
    return this.database.serialize()
  }

  /** Puts an older copy in its place; nobody may have it open. */
  restore(copy: Uint8Array): void {
    this.#clients.clear()
    this.#holder = null
    this.#waiting = []
    this.database.close()
    this.database = openSqlite(':memory:')
    this.database.deserialize(copy)
  }

  close(): void {
    this.database.close()
  }

  #arrived(waiting: Waiting): void {
    if (waiting.client.gone) return
    // Who writes keeps the others out, also from reading: stricter than SQLite, and enough of it.
    if (this.#holder && this.#holder !== waiting.client) this.#waiting.push(waiting)
    else this.#execute(waiting)
  }

  #execute({ client, batch }: Waiting): void {
    for (const [number, text] of batch.texts) client.texts.set(number, text)
    const first = client.texts.get(batch.statements[0]?.[0] ?? -1) ?? ''
    const mishap = first === 'rollback' ? null : this.mishap(first)
    let answer: FromWorker & { kind: 'results' }
    // The thread knows the statements all the same.
    if (mishap === 'fails') client.run({ ...batch, statements: [] })
    if (mishap === 'fails') answer = { kind: 'results', id: batch.id, results: [], failure: { message: 'disk I/O error', errcode: IO_ERROR } }
    else {
      answer = client.run(batch)
      if (mishap === 'answer lost') answer = { ...answer, failure: { message: 'disk I/O error', errcode: IO_ERROR } }
    }
    this.#scheduler.trace.add(`db ${first.slice(0, 20)} ${mishap ?? ''}`, batch.statements.length)
    const open = this.database.isTransaction
    const ended = this.#holder === client && !open
    this.#holder = open ? client : this.#holder === client ? null : this.#holder
    if (ended && first === 'commit') this.committed()
    this.#scheduler.post(client.actor, this.#random.fraction(), () => client.heard(answer))
    if (!this.#holder) this.#next()
  }

  #next(): void {
    while (!this.#holder) {
      const waiting = this.#waiting.shift()
      if (!waiting) return
      this.#execute(waiting)
    }
  }
}
