// The update log of each chat's epoch, replayed from outside as it is committed: nothing in it waits for something that is not there, and no word stands in it that an earlier epoch
// has already (a device asks before it moves one, RT11).
import type { ChatId } from '@skein/protocol'
import * as Y from 'yjs'
import { addedBy } from './added-values.ts'
import type { DatabaseMachine } from './database.ts'

const LOG = 'log:'

/** Where a chat stands after a COMMIT. */
export interface ChatNow {
  id: ChatId
  epoch: string
  base_rev: number
  pos: number
}

interface Followed {
  epoch: string
  pos: number
  document: Y.Doc
}

export class EpochLogs {
  readonly #machine: DatabaseMachine
  readonly #broken: (promise: string, what: string) => void
  readonly #followed = new Map<ChatId, Followed>()

  constructor(machine: DatabaseMachine, broken: (promise: string, what: string) => void) {
    this.#machine = machine
    this.#broken = broken
  }

  /** `placeOf`: the rev of what stands in a log, by `author/id`; null: this chat's past was lost, and what comes to it may come again. */
  follow({ id, epoch, base_rev: base, pos }: ChatNow, placeOf: ((key: string) => number | undefined) | null): void {
    const before = this.#followed.get(id)
    if (before?.epoch === epoch && before.pos === pos) return
    const followed = before?.epoch === epoch ? before : { epoch, pos: 0, document: new Y.Doc() }
    this.#followed.set(id, followed)
    const rows = this.#machine.database
      .prepare('select bytes from updates where chat_id = ? and epoch = ? and pos > ? order by pos')
      .all(id, epoch, followed.pos) as unknown as { bytes: Uint8Array }[]
    followed.pos = pos
    const { document } = followed
    for (const { bytes } of rows) {
      const added = addedBy(document, bytes)
      if (document.store.pendingStructs || document.store.pendingDs)
        return this.#broken('promise 2', `the log of ${id} in epoch ${epoch} holds an update for which something is missing`)
      if (!placeOf) continue
      for (const [root, values] of added) {
        for (const value of values) {
          const { id: operation, text } = Object(value) as { id?: unknown; text?: unknown }
          const rev = placeOf(`${root.slice(LOG.length)}/${String(operation)}`)
          if (isSaid(text) && rev !== undefined && rev <= base)
            this.#broken('RT11', `"${String(text)}" went into epoch ${epoch} of ${id}, and an earlier one has it at rev ${rev}`)
        }
      }
    }
  }

  forget(): void {
    this.#followed.clear()
  }
}

/** By a device: whoever attacks says other things. */
const isSaid = (text: unknown): boolean => typeof text === 'string' && /^(?:w\d+|hello .*)$/.test(text)
