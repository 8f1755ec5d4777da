// The server's write path: check, commit, apply, acknowledge; in this order, for every update that comes over a socket (promises 2 and 3).
import { checkUpdate, Refusal, type UserId } from '@skein/protocol'
import type { CommitOutcome } from '@skein/storage'
import type { CommitQueue } from './commit-queue.ts'
import type { LiveChat } from './live-chat.ts'
import type { LiveChats } from './live-chats.ts'
import type { SyncPorts } from './ports.ts'

export class WritePath {
  readonly #ports: SyncPorts
  readonly #chats: LiveChats
  readonly #queue: CommitQueue

  constructor(ports: SyncPorts, chats: LiveChats, queue: CommitQueue) {
    this.#ports = ports
    this.#chats = chats
    this.#queue = queue
  }

  /**
   * Takes one update of a person. When it resolves, everything in it is stored and in the loaded document, and may be acknowledged.
   * `spend` is told how many new operations it holds, and throws when they are too many.
   * @throws Refusal with the reason that closes the document's connection.
   */
  async receive(name: string, user: UserId, raw: Uint8Array, spend: (operations: number) => void): Promise<void> {
    // Every client that opens a document sends this (H14).
    if (isEmpty(raw)) return
    const live = this.#chats.get(name)
    if (!live) throw new Refusal('try-again')
    live.waiting++
    try {
      await live.inTurn(user, () => this.#receive(live, user, raw, spend))
      await this.#ports.faults?.at('before-acknowledge', name)
    } finally {
      live.waiting--
      this.#chats.released(live)
    }
  }

  async #receive(live: LiveChat, user: UserId, raw: Uint8Array, spend: (operations: number) => void): Promise<void> {
    await this.#ports.faults?.at('before-check', live.name)
    const ask = (upToDate: boolean) => checkUpdate(raw, { doc: live.document, user, ownerOf: (client) => live.owners.get(client), upToDate })
    let result = ask(false)
    if (result.kind === 'behind') {
      await this.#chats.catchUp(live)
      result = ask(true)
    }
    if (result.kind === 'nothing-new') return
    if (result.kind !== 'new') throw new Refusal(result.kind === 'refused' ? result.reason : 'gap')
    const { update, clients, operations } = result
    spend(operations.length)
    await this.#ports.faults?.at('before-commit', live.name)
    const outcome: CommitOutcome = await this.#queue.add({
      kind: 'update',
      chatId: live.chat,
      epoch: live.epoch,
      userId: user,
      update,
      clients,
      operations,
    })
    await this.#ports.faults?.at('after-commit', live.name)
    if (!outcome.ok && outcome.reason === 'rebase') return this.#chats.crowded(live)
    if (!outcome.ok) throw new Refusal(outcome.reason)
    // The document that is loaded now may be another instance, or may have missed it: what is acknowledged must be in it.
    const now = this.#chats.get(live.name)
    if (now?.loaded && (now.pos < outcome.pos || now.rev < outcome.rev)) await this.#chats.catchUp(now)
  }
}

const isEmpty = (update: Uint8Array): boolean => update.length === 2 && update[0] === 0 && update[1] === 0
