// The face of @skein/sync-server: Hocuspocus on sockets of our own, with Skein's check, group commit and ledger behind it.
import { Database } from '@hocuspocus/extension-database'
import { Hocuspocus } from '@hocuspocus/server'
import {
  canonicalJson,
  chatDocument,
  CLOSE_REASONS,
  MAX_DOCUMENTS_PER_SOCKET,
  uuidOf,
  type ChatId,
  type CloseReason,
  type EpochName,
  type GroupOperation,
  type Operation,
  type UserId,
} from '@skein/protocol'
import type { CommitItem, CommitOutcome, Marks, Mine, User } from '@skein/storage'
import type { WebSocket } from 'ws'
import { CommitQueue } from './commit-queue.ts'
import { Elsewhere } from './elsewhere.ts'
import { Eraser } from './eraser.ts'
import { createExtension, createLoader, loading, type Context } from './extension.ts'
import { LiveChats } from './live-chats.ts'
import { MarksBoard } from './marks.ts'
import { untilAnswered } from './patience.ts'
import type { SyncPorts } from './ports.ts'
import { Presence } from './presence.ts'
import { Rates } from './rates.ts'
import type { Session } from './session.ts'
import { Sockets } from './sockets.ts'
import { WritePath } from './write-path.ts'

export type { FaultPoint, Logger, SyncPorts, VerifiedToken } from './ports.ts'

export interface Sync {
  /** Takes over a socket that was accepted on `/sync`. `address` is the peer's, by the rule of trusted hops. */
  handleSocket(socket: WebSocket, address: string): void
  /** Takes over a socket that was accepted on `/yjs/<document>?token=…`, of an ordinary y-websocket client; `url` is the request's. */
  handlePlainSocket(socket: WebSocket, address: string, url: string): void
  /** Stores an operation that came over HTTP: the same commit, ledger and broadcast as the socket's. */
  commitOperation(chat: ChatId, user: UserId, operation: Operation, text: string): Promise<CommitOutcome>
  /** Changes a group: who is in it and may do what, its title and picture. `not-allowed` where `by` may not. Who left reads nothing more once this resolves. */
  changeMember(chat: ChatId, by: UserId, operation: GroupOperation): Promise<CommitOutcome>
  marksRaised(chat: ChatId, user: UserId, marks: Marks, markPos: number): void
  /** Tells a person's other devices what they want of a chat now. */
  mineChanged(user: UserId, chat: ChatId, mine: Mine): void
  /** One of two people has blocked the other, or does not any more: they see each other, or no longer. `chat`: the id of their direct chat; `apart`: one of them blocks now. */
  blockChanged(user: UserId, other: UserId, chat: ChatId, apart: boolean): void
  /** Tells everybody in it that there is a new chat. */
  chatCreated(chat: ChatId, members: UserId[]): void
  /** Tells everybody who is connected that there is somebody new on this server: what the list of people says, and nothing of their presence. */
  userCreated(user: Pick<User, 'id' | 'name' | 'avatarUrl'>): void
  /** Tells everybody who is connected that somebody has another name or picture. */
  userChanged(user: Pick<User, 'id' | 'name' | 'avatarUrl'>): void
  /** What a device brought back was stored and started the epoch: whoever has an older one open goes on in it. */
  chatHealed(chat: ChatId, epoch: EpochName, rev: number): void
  isOnline(user: UserId): boolean
  /** Closes the sockets of a session that was ended. */
  sessionEnded(sessionId: string): void
  /** Erases a person: account, sessions and sockets before it resolves, and all their words; what a crash leaves undone goes on with the next pass. */
  eraseUser(user: UserId): Promise<void>
  /** Does now what is due by itself, which happens about every minute: erasures, and the sweeping of closed epochs. */
  clean(): Promise<void>
  readonly connections: number
  readonly documents: number
  /** Closes every socket with `restart` and waits for what is being committed, at most `deadlineMs`. */
  drain(deadlineMs: number): Promise<void>
}

/** A token is renewed over the open socket this long before it ends, in milliseconds. */
const RENEW_BEFORE_MS = 45_000
/** Chats whose members are kept at hand. */
const MAX_KNOWN_CHATS = 10_000
/** Hocuspocus's own rule for silent sockets, which ours stands in for: its number would be final for a y-websocket client (H4). */
const NEVER_MS = 2 ** 31 - 1

/** A snapshot is made this long after it was worth making, or when the last reader leaves. */
const SNAPSHOT_MS = 60_000

export function createSync(ports: SyncPorts): Sync {
  const { storage, logger, now } = ports
  const timers = new Map<Session, NodeJS.Timeout>()
  const members = new Map<ChatId, Promise<UserId[]>>()

  const chats = new LiveChats(ports, () => hocuspocus)
  const marks = new MarksBoard(ports)
  const presence = new Presence(ports, () => hocuspocus)
  const queue = new CommitQueue(storage, logger, committed)
  const writePath = new WritePath(ports, chats, queue)
  const eraser = new Eraser(ports, chats, leaveGroups, ({ chatId, markPos }) => nudgeMembers(chatId, 0, markPos))
  const parts = { ports, chats, writePath, marks, presence, rates: new Rates(now), tokenChanged }
  const hocuspocus = new Hocuspocus<Context>({
    quiet: true,
    timeout: NEVER_MS,
    debounce: SNAPSHOT_MS,
    maxDebounce: SNAPSHOT_MS,
    maxPendingDocuments: MAX_DOCUMENTS_PER_SOCKET,
    // What is not handled yet is bounded by pausing the socket.
    maxUnauthenticatedQueueSize: Infinity,
    maxUnauthenticatedQueueMessages: Infinity,
    yDocOptions: { gc: false, gcFilter: () => false },
    extensions: [
      createExtension(parts),
      new Database({
        fetch: ({ document, documentName }) => loading(document, () => chats.fetchSnapshot(documentName)),
        store: ({ documentName, state }) => chats.storeSnapshot(documentName, state),
      }),
      createLoader(parts),
    ],
  })
  const sockets = new Sockets(ports, () => hocuspocus, ended)
  const { sessions } = sockets
  const elsewhere = ports.hasOthers
    ? new Elsewhere(ports, {
        left(chat, user) {
          members.delete(chat)
          takeOut(chat, user)
        },
        blockChanged,
      })
    : null

  function committed(item: CommitItem, outcome: CommitOutcome): void {
    if (!outcome.ok) {
      // What was rejected may be stored all the same: its answer was lost, or half of its group went through.
      if (outcome.reason === 'try-again') chats.unsure(item.chatId)
      if (outcome.reason === 'try-again' && item.kind === 'member') void makeSureOfMembers(item.chatId)
      return
    }
    chats.committed(chatDocument(item.chatId, outcome.epoch), item.userId, item, outcome)
    if (outcome.movedTo !== undefined) chats.moved(item.chatId, outcome.movedTo)
    if (outcome.entries.length === 0) return
    ports.stored?.(item.chatId)
    if (item.kind === 'member') memberChanged(item.chatId, item.operation, outcome.rev)
    nudgeMembers(item.chatId, outcome.rev, 0)
  }

  /** Who left loses the chat's documents at once, and both learn of it without asking. */
  function memberChanged(chat: ChatId, operation: GroupOperation, rev: number): void {
    if (operation.type !== 'join' && operation.type !== 'leave') return
    const { type, user } = operation
    members.delete(chat)
    presence.nudge(user, chat, rev, 0)
    void membersOf(chat).then((ids) => (type === 'join' ? presence.met(user, ids) : presence.parted(user, ids)))
    if (type === 'leave') takeOut(chat, user)
  }

  /** Somebody may be out of it, though nobody has heard so. */
  const makeSureOfMembers = (chat: ChatId): Promise<void> =>
    untilAnswered(
      async () => {
        members.delete(chat)
        const ids = new Set((await storage.members(chat)).map(({ id }) => id))
        for (const { user } of sessions) if (user && !ids.has(user)) takeOut(chat, user)
      },
      () => sessions.size > 0,
    )

  function takeOut(chat: ChatId, user: UserId): void {
    for (const session of sessions) {
      if (session.user !== user) continue
      for (const [name, open] of session.documents) {
        if (!name.startsWith(`chat/${chat}/`)) continue
        open.connection?.close(closing('no-access'))
        // Membership may have been asked before: what is being opened is closed once it is open.
        if (open.state === 'opening') open.revoked = true
      }
    }
  }

  function blockChanged(user: UserId, other: UserId, chat: ChatId, apart: boolean): void {
    marks.blockChanged(chat)
    for (const [one, two] of [
      [user, other],
      [other, user],
    ] as const)
      void (apart ? presence.parted(one, [two]) : presence.met(one, [two]))
  }

  /** Whoever is erased is in no group any more: an ability that was theirs alone goes to somebody else. What fails is tried with the next pass. */
  async function leaveGroups(user: UserId): Promise<void> {
    for (const chat of await storage.groupsOf(user)) {
      const operation = { type: 'leave', id: uuidOf(ports.randomBytes(16), 4), at: new Date(now()).toISOString(), user } as const
      await changeMember(chat, user, operation)
    }
  }

  const changeMember = (chatId: ChatId, by: UserId, operation: GroupOperation): Promise<CommitOutcome> =>
    queue.add({ kind: 'member', chatId, userId: by, operation, text: canonicalJson(operation) })

  /** Nobody when the database does not answer: they learn of it by the feed. */
  async function membersOf(chat: ChatId): Promise<UserId[]> {
    if (members.size > MAX_KNOWN_CHATS) members.clear()
    const known = members.get(chat) ?? storage.members(chat).then((list) => list.map((member) => member.id))
    members.set(chat, known)
    try {
      return await known
    } catch (error) {
      if (members.get(chat) === known) members.delete(chat)
      logger.warn({ err: error }, 'members could not be told of a change')
      return []
    }
  }

  function nudgeMembers(chat: ChatId, rev: number, markPos: number): void {
    void membersOf(chat).then((ids) => ids.forEach((id) => presence.nudge(id, chat, rev, markPos)))
  }

  function tokenChanged(session: Session): void {
    clearTimeout(timers.get(session))
    const { token } = session
    // Its socket may have closed while the token was verified.
    if (!token || !sessions.has(session)) return
    const left = token.expiresAt - now()
    // First the client is asked for a new token; when none comes, everything on the socket closes.
    const ask = setTimeout(
      () => {
        session.connections[0]?.requestToken()
        timers.set(
          session,
          setTimeout(() => tokenEnded(session), Math.max(0, token.expiresAt - now())),
        )
      },
      Math.max(left / 2, left - RENEW_BEFORE_MS),
    )
    timers.set(session, ask)
  }

  /** The socket stays for a new token. */
  function tokenEnded(session: Session): void {
    const { user } = session
    for (const connection of session.connections) connection.close(closing('token-expired'))
    session.token = null
    if (user) presence.left(user, session)
  }

  function ended(session: Session): void {
    clearTimeout(timers.get(session))
    timers.delete(session)
    if (session.user) presence.left(session.user, session)
  }

  return {
    handleSocket: (socket, address) => sockets.accept(socket, address),
    handlePlainSocket: (socket, address, url) => sockets.acceptPlain(socket, address, url),
    commitOperation: (chatId, userId, operation, text) => queue.add({ kind: 'operation', chatId, userId, operation, text }),
    changeMember,
    marksRaised(chat, user, value, markPos) {
      marks.raised(chat, user, value)
      nudgeMembers(chat, 0, markPos)
    },
    chatCreated(chat, ids) {
      members.set(chat, Promise.resolve(ids))
      void presence.allMet(ids)
      ids.forEach((id) => presence.nudge(id, chat, 1, 0))
    },
    mineChanged: (user, chat, mine) => presence.tellMine(user, chat, mine),
    blockChanged,
    userCreated: (user) => presence.introduce(user),
    userChanged: (user) => void presence.renamed(user),
    chatHealed(chat, epoch, rev) {
      members.delete(chat)
      chats.moved(chat, epoch)
      nudgeMembers(chat, rev, 0)
    },
    isOnline: (user) => presence.isOnline(user),
    sessionEnded(sessionId) {
      for (const session of sessions) if (session.token?.sessionId === sessionId) session.close('logged-out')
    },
    async eraseUser(user) {
      await storage.eraseUser(user)
      for (const session of sessions) if (session.user === user) session.close('logged-out')
      await eraser.eraseWords(user)
      // Their name goes from the devices of the others.
      const erased = await storage.user(user)
      if (erased) await presence.renamed(erased)
    },
    clean: () => eraser.run(),
    get connections() {
      return sessions.size
    },
    get documents() {
      return hocuspocus.documents.size
    },
    async drain(deadlineMs) {
      elsewhere?.stop()
      sockets.closeAll()
      let timer: NodeJS.Timeout | undefined
      const deadline = new Promise<void>((resolve) => {
        timer = setTimeout(() => {
          logger.warn({ sockets: sessions.size }, 'what was under way did not end in time')
          resolve()
        }, deadlineMs)
      })
      const done = queue.idle().then(() => Promise.all([chats.end(), presence.end()]))
      await Promise.race([Promise.all([done, eraser.stop()]), deadline])
      clearTimeout(timer)
      sockets.terminateAll()
    },
  }
}

const closing = (reason: CloseReason): { code: number; reason: string } => ({ code: CLOSE_REASONS[reason], reason })
