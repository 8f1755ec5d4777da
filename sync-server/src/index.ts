// The face of @skein/sync-server: Hocuspocus on sockets of our own, with Skein's check, group commit and ledger behind it.
import { Database } from '@hocuspocus/extension-database'
import { Hocuspocus } from '@hocuspocus/server'
import {
  canonicalJson,
  chatDocument,
  CLOSE_REASONS,
  MAX_BUFFERED_BYTES,
  MAX_DOCUMENTS_PER_SOCKET,
  MAX_IN_FLIGHT_BYTES,
  Refusal,
  UNAUTHENTICATED_MS,
  type ChatId,
  type CloseReason,
  type MemberOperation,
  type Operation,
  type UserId,
} from '@skein/protocol'
import type { CommitItem, CommitOutcome, Marks } from '@skein/storage'
import type { RawData, WebSocket } from 'ws'
import { CommitQueue } from './commit-queue.ts'
import { createExtension, createLoader, type Context } from './extension.ts'
import { deniedName, denial, judgeFrame } from './frames.ts'
import { LiveChats } from './live-chats.ts'
import { MarksBoard } from './marks.ts'
import type { SyncPorts } from './ports.ts'
import { Presence } from './presence.ts'
import { Session } from './session.ts'
import { WritePath } from './write-path.ts'

export type { FaultPoint, Logger, SyncPorts, VerifiedToken } from './ports.ts'

export interface Sync {
  /** Takes over a socket that was accepted on `/sync`. `address` is the peer's, by the rule of trusted hops. */
  handleSocket(socket: WebSocket, address: string): void
  /** Stores an operation that came over HTTP: the same commit, ledger and broadcast as the socket's. */
  commitOperation(chat: ChatId, user: UserId, operation: Operation, text: string): Promise<CommitOutcome>
  /** Lets somebody join a group or leave it; whether `by` may is the caller's matter. Who left reads nothing more once this resolves. */
  changeMember(chat: ChatId, by: UserId, operation: MemberOperation): Promise<CommitOutcome>
  marksRaised(chat: ChatId, user: UserId, marks: Marks, markPos: number): void
  /** Tells everybody in it that there is a new chat. */
  chatCreated(chat: ChatId, members: UserId[]): void
  isOnline(user: UserId): boolean
  /** Closes the sockets of a session that was ended. */
  sessionEnded(sessionId: string): void
  readonly connections: number
  readonly documents: number
  /** Closes every socket with `restart` and waits for what is being committed, at most `deadlineMs`. */
  drain(deadlineMs: number): Promise<void>
}

/** A token is renewed over the open socket this long before it ends, in milliseconds. */
const RENEW_BEFORE_MS = 45_000

export function createSync(ports: SyncPorts): Sync {
  const { storage, logger, now } = ports
  const sessions = new Set<Session>()
  const timers = new Map<Session, NodeJS.Timeout>()
  const members = new Map<ChatId, Promise<UserId[]>>()
  let draining = false

  const chats = new LiveChats(ports, () => hocuspocus)
  const marks = new MarksBoard(ports)
  const presence = new Presence(ports, () => hocuspocus)
  const queue = new CommitQueue(storage, logger, committed)
  const writePath = new WritePath(ports, chats, queue)
  const parts = { ports, chats, writePath, marks, presence, tokenChanged }
  const hocuspocus = new Hocuspocus<Context>({
    quiet: true,
    timeout: 60_000,
    debounce: 10_000,
    maxDebounce: 60_000,
    maxPendingDocuments: MAX_DOCUMENTS_PER_SOCKET,
    maxUnauthenticatedQueueSize: MAX_IN_FLIGHT_BYTES,
    yDocOptions: { gc: false, gcFilter: () => false },
    extensions: [
      createExtension(parts),
      new Database({
        fetch: ({ documentName }) => chats.fetchSnapshot(documentName),
        store: ({ documentName, state }) => chats.storeSnapshot(documentName, state),
      }),
      createLoader(parts),
    ],
  })

  function committed(item: CommitItem, outcome: CommitOutcome): void {
    if (!outcome.ok) {
      // What was rejected may be stored all the same: its answer was lost, or half of its group went through.
      if (outcome.reason === 'try-again') chats.unsure(item.chatId)
      return
    }
    chats.committed(chatDocument(item.chatId, outcome.epoch), item.userId, item, outcome)
    if (outcome.entries.length === 0) return
    if (item.kind === 'member') memberChanged(item.chatId, item.operation, outcome.rev)
    nudgeMembers(item.chatId, outcome.rev, 0)
  }

  /** Who left loses the chat's documents at once, and both learn of it without asking. */
  function memberChanged(chat: ChatId, { type, user }: MemberOperation, rev: number): void {
    members.delete(chat)
    presence.nudge(user, chat, rev, 0)
    if (type === 'join') return
    const isOfChat = (name: string): boolean => name.startsWith(`chat/${chat}/`)
    for (const session of sessions) {
      if (session.user !== user) continue
      for (const connection of connectionsOf(session)) if (isOfChat(connection.document.name)) connection.close(closing('no-access'))
      // Membership may have been asked before: what is being opened is closed once it is open.
      for (const [name, open] of session.documents) if (open.state === 'opening' && isOfChat(name)) open.revoked = true
    }
  }

  function nudgeMembers(chat: ChatId, rev: number, markPos: number): void {
    const known = members.get(chat) ?? storage.members(chat).then((list) => list.map((member) => member.id))
    members.set(chat, known)
    known
      .then((ids) => ids.forEach((id) => presence.nudge(id, chat, rev, markPos)))
      .catch((error: unknown) => {
        members.delete(chat)
        logger.warn({ err: error }, 'members could not be told of a change')
      })
    if (members.size > 10_000) members.clear()
  }

  function connectionsOf(session: Session) {
    return [...hocuspocus.documents.values()].flatMap((document) =>
      document.getConnections().filter((connection) => contextOf(connection).session === session),
    )
  }

  function tokenChanged(session: Session): void {
    clearTimeout(timers.get(session))
    const { token } = session
    if (!token) return
    const left = token.expiresAt - now()
    // First the client is asked for a new token; when none comes, everything on the socket closes.
    const ask = setTimeout(
      () => {
        connectionsOf(session)[0]?.requestToken()
        timers.set(
          session,
          setTimeout(
            () => connectionsOf(session).forEach((connection) => connection.close(closing('token-expired'))),
            Math.max(0, token.expiresAt - now()),
          ),
        )
      },
      Math.max(left / 2, left - RENEW_BEFORE_MS),
    )
    timers.set(session, ask)
  }

  function handleSocket(socket: WebSocket, address: string): void {
    if (draining) return socket.close(CLOSE_REASONS.restart, 'restart')
    const session = new Session(socket, address)
    sessions.add(session)
    const outgoing = {
      get readyState() {
        return socket.readyState
      },
      close: (code?: number, reason?: string) => socket.close(code, reason),
      send: (data: Parameters<WebSocket['send']>[0]) => {
        // A reader that does not read must not fill the memory; it comes back and syncs (H6).
        if (socket.bufferedAmount > MAX_BUFFERED_BYTES) return closeSocket(socket, 'slow-reader')
        // Denied at whatever step: the next authentication is a first one.
        const denied = session.isOpening && data instanceof Uint8Array ? deniedName(data) : null
        if (denied !== null) session.closed(denied)
        socket.send(data)
      },
    }
    const connection = hocuspocus.handleConnection(outgoing as never, new Request('http://localhost/sync'), { session })
    const deadline = setTimeout(() => {
      if (!session.token) closeSocket(socket, 'slow-down')
    }, UNAUTHENTICATED_MS)
    socket.on('message', (data, isBinary) => {
      try {
        if (!isBinary) throw new Refusal('bad-message')
        const frame = bytesOf(data)
        const verdict = judgeFrame(frame, session)
        if (verdict.kind === 'deny') outgoing.send(denial(verdict.name))
        if (verdict.kind !== 'pass') return
        const open = session.documents.get(verdict.name)
        if (open) open.inFlightBytes += frame.length
        if (session.inFlightBytes > MAX_IN_FLIGHT_BYTES) socket.pause()
        connection.handleMessage(frame)
      } catch (error) {
        if (!(error instanceof Refusal)) logger.error({ err: error, address }, 'a frame could not be handled')
        closeSocket(socket, error instanceof Refusal ? error.reason : 'bad-message')
      }
    })
    socket.on('close', (code, reason) => {
      clearTimeout(deadline)
      clearTimeout(timers.get(session))
      timers.delete(session)
      sessions.delete(session)
      connection.handleClose({ code, reason: String(reason) })
      if (session.user) presence.left(session.user, session)
    })
    socket.on('error', (error) => logger.debug({ err: error, address }, 'a socket failed'))
  }

  return {
    handleSocket,
    commitOperation: (chatId, userId, operation, text) => queue.add({ kind: 'operation', chatId, userId, operation, text }),
    changeMember: (chatId, by, operation) => queue.add({ kind: 'member', chatId, userId: by, operation, text: canonicalJson(operation) }),
    marksRaised(chat, user, value, markPos) {
      marks.raised(chat, user, value)
      nudgeMembers(chat, 0, markPos)
    },
    chatCreated(chat, ids) {
      members.set(chat, Promise.resolve(ids))
      ids.forEach((id) => presence.nudge(id, chat, 1, 0))
    },
    isOnline: (user) => presence.isOnline(user),
    sessionEnded(sessionId) {
      for (const session of sessions) if (session.token?.sessionId === sessionId) closeSocket(session.socket, 'logged-out')
    },
    get connections() {
      return sessions.size
    },
    get documents() {
      return hocuspocus.documents.size
    },
    async drain(deadlineMs) {
      draining = true
      for (const session of sessions) closeSocket(session.socket, 'restart')
      let timer: NodeJS.Timeout | undefined
      const deadline = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, deadlineMs)
      })
      await Promise.race([queue.idle(), deadline])
      clearTimeout(timer)
      for (const session of sessions) session.socket.terminate()
    },
  }
}

const closing = (reason: CloseReason): { code: number; reason: string } => ({ code: CLOSE_REASONS[reason], reason })
const contextOf = (connection: { context: Context }): Context => connection.context

function closeSocket(socket: WebSocket, reason: CloseReason): void {
  socket.resume()
  socket.close(CLOSE_REASONS[reason], reason)
}

function bytesOf(data: RawData): Uint8Array {
  if (Array.isArray(data)) return new Uint8Array(Buffer.concat(data))
  // A copy: the write path blanks what was handled, and ws may hand out views of one buffer.
  return new Uint8Array(data)
}
