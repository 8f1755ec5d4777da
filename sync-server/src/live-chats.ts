// All chat documents in memory: loading them from snapshot and log, applying what was committed, and never unloading one that somebody waits for (H1).
import type { Document, Hocuspocus } from '@hocuspocus/server'
import { MIN_EPOCH_MS, parseDocumentName, Refusal, type ChatId, type EpochName, type UserId } from '@skein/protocol'
import type { CommitItem, CommitOutcome } from '@skein/storage'
import * as Y from 'yjs'
import { BrokenDocument, LiveChat } from './live-chat.ts'
import { untilAnswered } from './patience.ts'
import type { SyncPorts } from './ports.ts'

/** Stored updates and entries after which a new snapshot is worth its bytes. */
const SNAPSHOT_EVERY = 64

export class LiveChats {
  readonly #ports: SyncPorts
  readonly #byName = new Map<string, LiveChat>()
  /** What a snapshot that is being loaded contains. */
  readonly #snapshots = new Map<string, { pos: number; rev: number; bytes: number }>()
  /** When one person's client ids last ended an epoch of a chat. */
  readonly #crowded = new Map<ChatId, number>()
  readonly #hocuspocus: () => Hocuspocus
  readonly #ending: (() => void)[] = []

  constructor(ports: SyncPorts, hocuspocus: () => Hocuspocus) {
    this.#ports = ports
    this.#hocuspocus = hocuspocus
  }

  get(name: string): LiveChat | undefined {
    return this.#byName.get(name)
  }

  /** For the database extension: the snapshot, if there is one that can be loaded. */
  async fetchSnapshot(name: string): Promise<Uint8Array | null> {
    const parsed = parseDocumentName(name)
    if (parsed?.kind !== 'chat') return null
    const snapshot = await this.#ports.storage.snapshot(parsed.chat, parsed.epoch)
    if (!snapshot) return null
    try {
      Y.applyUpdate(new Y.Doc(), snapshot.bytes)
    } catch (error) {
      // A snapshot only shortens the replay: without it everything comes from the log.
      this.#ports.logger.error({ err: error, document: name }, 'a snapshot is damaged')
      return null
    }
    this.#snapshots.set(name, { pos: snapshot.pos, rev: snapshot.rev, bytes: snapshot.bytes.length })
    return snapshot.bytes
  }

  /** For the database extension: keeps the state with the position it contains. Never throws: a document must not stay in memory for it (H12). */
  async storeSnapshot(name: string, bytes: Uint8Array): Promise<void> {
    const live = this.#byName.get(name)
    if (!live?.loaded) return
    const { chat, epoch, pos, rev } = live
    if (!this.#isWorthSnapshot(live)) return
    try {
      await this.#ports.storage.putSnapshot(chat, epoch, { pos, rev, bytes })
      this.#snapshots.set(name, { pos, rev, bytes: bytes.length })
    } catch (error) {
      this.#ports.logger.warn({ err: error, document: name }, 'a snapshot was not stored')
    }
  }

  #isWorthSnapshot({ name, pos, rev, baseRev }: LiveChat): boolean {
    const last = this.#snapshots.get(name)
    return pos + rev - (last ? last.pos + last.rev : baseRev) >= SNAPSHOT_EVERY
  }

  /** Something was applied to a loaded document: plans its next snapshot, once there is enough for one. */
  changed(live: LiveChat): void {
    const instance = this.#hocuspocus()
    const { document, name } = live
    if (!live.loaded || !this.#isWorthSnapshot(live) || instance.debouncer.isDebounced(`onStoreDocument-${name}`)) return
    const clientsCount = document.getConnectionsCount()
    void instance.storeDocumentHooks(document, {
      instance,
      clientsCount,
      document,
      documentName: name,
      lastContext: {},
      lastTransactionOrigin: undefined,
    })
  }

  /** Waits for what is being handled; then what was to be stored later is stored now. */
  async end(): Promise<void> {
    while (Array.from(this.#byName.values()).some(({ waiting }) => waiting > 0)) {
      await new Promise<void>((resolve) => this.#ending.push(resolve))
    }
    const { debouncer, documents } = this.#hocuspocus()
    const stored = Array.from(documents.keys(), async (name) => {
      await debouncer.executeNow(`onStoreDocument-${name}`)
    })
    await Promise.all(stored)
  }

  /** Fills a document that Hocuspocus loads: the snapshot is in it already, the rest comes from the log and the rows. */
  async load(name: string, document: Document): Promise<void> {
    const parsed = parseDocumentName(name)
    if (parsed?.kind !== 'chat') return
    const live = new LiveChat(name, parsed.chat, parsed.epoch, document)
    const snapshot = this.#snapshots.get(name)
    if (snapshot) {
      live.pos = snapshot.pos
      live.rev = snapshot.rev
      live.bytes = snapshot.bytes
    }
    this.#byName.set(name, live)
    try {
      await this.#ports.faults?.at('loading', name)
      const tail = await this.#ports.storage.epochTail(live.chat, live.epoch, { pos: live.pos, rev: live.rev })
      if (!tail?.current) throw new Refusal('closed-epoch')
      live.applyTail(tail)
      live.loaded = true
      // Whatever was committed while the rows were read stands above them.
      await this.catchUp(live)
    } catch (error) {
      this.#byName.delete(name)
      if (error instanceof BrokenDocument) await this.#startNextEpoch(live, error)
      throw error instanceof BrokenDocument ? new Refusal('closed-epoch') : error
    }
  }

  /** Reads the database's newest position (RT10). */
  async catchUp(live: LiveChat): Promise<void> {
    const tail = await this.#ports.storage.epochTail(live.chat, live.epoch, { pos: live.pos, rev: live.rev })
    if (!tail?.current) throw new Refusal('closed-epoch')
    try {
      live.applyTail(tail)
    } catch (error) {
      await this.#startNextEpoch(live, error)
      throw new Refusal('closed-epoch')
    }
  }

  /** Brings one committed item into the document that is loaded now, in the order of the commits. Never throws. */
  committed(name: string, user: UserId, item: CommitItem, outcome: CommitOutcome): void {
    const live = this.#byName.get(name)
    if (!live?.loaded || !outcome.ok) return
    const [clients, update] = item.kind === 'update' ? [item.clients, item.update] : [[], null]
    try {
      if (!live.applyCommitted(user, clients, update, outcome)) {
        this.catchUp(live).catch((error: unknown) =>
          this.#ports.logger.warn({ err: error, document: name }, 'could not read what other servers wrote'),
        )
      }
      if (live.full) void this.#startNextEpoch(live)
    } catch (error) {
      void this.#startNextEpoch(live, error)
    }
  }

  /** One person has as many client ids in this epoch as anybody may have, by reloading or on purpose, or says again what must not stand in it: it ends, but not again at once. Always throws. */
  async crowded(live: LiveChat): Promise<never> {
    const now = this.#ports.now()
    if (now - (this.#crowded.get(live.chat) ?? -Infinity) < MIN_EPOCH_MS) throw new Refusal('slow-down')
    for (const [chat, at] of this.#crowded) if (now - at >= MIN_EPOCH_MS) this.#crowded.delete(chat)
    this.#crowded.set(live.chat, now)
    await this.#startNextEpoch(live)
    throw new Refusal('closed-epoch')
  }

  /** A commit of this chat was rejected although it may be stored: whoever has it open must see it, also when its author never comes back. */
  unsure(chat: ChatId): void {
    for (const live of this.#byName.values()) if (live.chat === chat && live.loaded && !live.unsure) void this.#makeSure(live)
  }

  /** Reads the database until it has answered. Never throws. */
  async #makeSure(live: LiveChat): Promise<void> {
    live.unsure = true
    await untilAnswered(
      () => this.catchUp(live),
      () => this.#byName.get(live.name) === live,
    )
    live.unsure = false
  }

  /** Throws while somebody waits for a commit of this document. */
  assertIdle(name: string): void {
    if ((this.#byName.get(name)?.waiting ?? 0) > 0) throw new Error()
  }

  unloaded(name: string): void {
    if (this.#hocuspocus().documents.has(name) || this.#hocuspocus().loadingDocuments.has(name)) return
    this.#byName.delete(name)
    this.#snapshots.delete(name)
  }

  /** Lets a document go whose unloading was refused while somebody waited. */
  released(live: LiveChat): void {
    for (const resolve of this.#ending.splice(0)) resolve()
    if (live.waiting > 0 || live.document.getConnectionsCount() > 0) return
    const instance = this.#hocuspocus()
    // An unloading that is under way may be one that was refused for this very wait: it is asked once more behind it.
    void instance.unloadDocument(live.document).then(() => {
      if (instance.documents.get(live.name) === live.document) void instance.unloadDocument(live.document)
    })
  }

  /**
   * Ends the document's epoch: it is full, or what is stored cannot be applied to it (`cause`; a log is never loaded in a way that can fail twice).
   * Everybody is sent to the next one, which starts from the rows. Never throws.
   */
  async #startNextEpoch(live: LiveChat, cause?: unknown): Promise<void> {
    if (live.ending) return
    live.ending = true
    const { logger, storage } = this.#ports
    if (cause) logger.error({ err: cause, document: live.name }, 'a document is broken: the next epoch starts from the rows')
    try {
      await storage.nextEpoch(live.chat, live.epoch)
    } catch (error) {
      live.ending = false
      logger.error({ err: error, document: live.name }, 'could not start the next epoch')
    }
    this.close(live.name, 'closed-epoch')
  }

  /** Its epoch is over: whoever has it open goes to the next one, and the document leaves the memory. */
  ended(name: string): void {
    const live = this.#byName.get(name)
    if (live) live.ending = true
    this.close(name, 'closed-epoch')
  }

  /** Closes documents whose epoch another server ended. */
  async closeEnded(): Promise<void> {
    const open = [...this.#byName.values()].filter((live) => live.loaded)
    const current = await this.#ports.storage.currentEpochs(open.map((live) => live.chat))
    for (const live of open) if (current.get(live.chat) !== live.epoch) this.ended(live.name)
  }

  /** The chat goes on in another epoch: everybody is sent there. */
  moved(chat: ChatId, epoch: EpochName): void {
    for (const live of this.#byName.values()) {
      if (live.chat !== chat || live.epoch === epoch) continue
      live.ending = true
      this.close(live.name, 'closed-epoch')
    }
  }

  /** Closes all connections of a document with a reason. */
  close(name: string, reason: Refusal['reason']): void {
    const { code } = new Refusal(reason)
    const document = this.#hocuspocus().documents.get(name)
    // What waits for the broadcast window comes before the end.
    document?.flush()
    for (const connection of document?.getConnections() ?? []) connection.close({ code, reason })
  }
}
