// Skein's Hocuspocus extension: who may open what, and what becomes of each message. It stands before all others (H13).
import type {
  afterHandleMessagePayload,
  afterLoadDocumentPayload,
  afterUnloadDocumentPayload,
  beforeHandleMessagePayload,
  beforeSyncPayload,
  beforeUnloadDocumentPayload,
  connectedPayload,
  Document,
  Extension,
  onAuthenticatePayload,
  onLoadDocumentPayload,
  onTokenSyncPayload,
} from '@hocuspocus/server'
import { INFO_CLIENT, LEDGER_CLIENT, parseDocumentName, Refusal } from '@skein/protocol'
import { CLOSE_ABOVE, DROP_ABOVE, Wearers } from './awareness-guard.ts'
import { awarenessPayload, STEP_1 } from './frames.ts'
import type { LiveChats } from './live-chats.ts'
import type { MarksBoard } from './marks.ts'
import type { SyncPorts } from './ports.ts'
import type { Presence } from './presence.ts'
import type { Rates } from './rates.ts'
import type { Session } from './session.ts'
import { UpdateLane } from './update-lane.ts'
import type { WritePath } from './write-path.ts'

/** What hooks find on a connection. */
export interface Context {
  session: Session
}

export interface Parts {
  ports: SyncPorts
  chats: LiveChats
  writePath: WritePath
  marks: MarksBoard
  presence: Presence
  rates: Rates
  /** The token of this socket has a new end. */
  tokenChanged: (session: Session) => void
}

/** A WebSocket's state. */
const OPEN = 1

export function createExtension({ ports, chats, writePath, marks, presence, rates, tokenChanged }: Parts): Extension<Context> {
  /** Who wears which awareness id, by document. */
  const wearers = new Map<string, Wearers>()

  const verifyTokenOrTicket = async (text: string) => (await ports.verifyToken(text)) ?? ports.verifyTicket(text)

  async function admit(name: string, token: string, session: Session): Promise<void> {
    const before = session.token
    const verify = session.keepAlive ? verifyTokenOrTicket : ports.verifyToken
    if (!(await session.authenticate(token, verify, ports.now()))) throw new Refusal('token-expired')
    if (session.token !== before) tokenChanged(session)
    const user = session.user
    const parsed = parseDocumentName(name)
    if (!user || !parsed) throw new Refusal('no-access')
    if (parsed.kind === 'user' ? parsed.user !== user : !(await ports.storage.membership(parsed.chat, user))) throw new Refusal('no-access')
    if (parsed.kind === 'chat' && (await ports.storage.chat(parsed.chat))?.epoch !== parsed.epoch) throw new Refusal('closed-epoch')
    // Its socket may have closed while the database was asked: nobody would ever take the person off again.
    if (session.socket.readyState !== OPEN) throw new Refusal('try-again')
    presence.arrived(user, session)
  }

  async function receive(document: string, session: Session, update: Uint8Array): Promise<void> {
    const { user } = session
    if (!user) throw new Refusal('token-expired')
    await writePath.receive(document, user, update, (count) => rates.spend(session, user, count))
  }

  return {
    priority: 1_000,
    extensionName: 'skein',

    async onAuthenticate({ documentName, token, context }: onAuthenticatePayload<Context>) {
      try {
        await admit(documentName, token, context.session)
      } catch (error) {
        context.session.closed(documentName)
        throw asRefusal(error, ports, documentName)
      }
    },

    async onTokenSync({ token, context, documentName, connection }: onTokenSyncPayload<Context>) {
      try {
        await admit(documentName, token, context.session)
      } catch (error) {
        const { code, reason } = asRefusal(error, ports, documentName)
        connection.close({ code, reason })
      }
    },

    async afterLoadDocument({ documentName, document, context, instance }: afterLoadDocumentPayload<Context>) {
      const live = chats.get(documentName)
      if (live) {
        // In place of Hocuspocus's own, which arms a timer and runs hooks for every update.
        document.onUpdate(() => chats.changed(live))
        await marks.open(live)
      } else document.awareness.setLocalState({ server: true })
      // Whose socket has closed meanwhile gets a connection that nobody closes, and the document would stay for ever (H3).
      if (context.session.socket.readyState !== OPEN) setImmediate(() => void instance.unloadDocument(document))
    },

    async connected({ documentName, context, connection }: connectedPayload<Context>) {
      const { session } = context
      const open = session.documents.get(documentName)
      if (!open) return
      // Closed already, by what was queued behind the authentication.
      if (!connection.document.hasConnection(connection)) return session.closed(documentName)
      session.opened(open, connection)
      // At once, not when the hooks of the disconnect have run: the client may be back before.
      connection.onClose(() => {
        wearers.get(documentName)?.left(open)
        session.closed(documentName)
      })
      if (open.revoked) {
        const { code, reason } = new Refusal('no-access')
        return connection.close({ code, reason })
      }
      const parsed = parseDocumentName(documentName)
      if (parsed?.kind === 'chat') {
        open.lane = new UpdateLane(
          connection,
          (update) => receive(documentName, session, update),
          (error) => asRefusal(error, ports, documentName),
        )
      }
      if (parsed?.kind === 'user') await presence.list(parsed.user)
    },

    async beforeHandleMessage({ update, context, document }: beforeHandleMessagePayload<Context>) {
      // What was asked while the document was being opened is answered before `connected` runs.
      if (context.session.documents.get(document.name)?.revoked) throw new Refusal('no-access')
      const payload = awarenessPayload(update)
      if (!payload) return
      if (payload.length === 0) throw new Refusal('bad-message')
      const { session } = context
      const { user } = session
      const open = session.documents.get(document.name)
      const count = open?.awareness.count(ports.now()) ?? 0
      if (count > CLOSE_ABOVE) throw new Refusal('slow-down')
      const worn = wearers.get(document.name) ?? new Wearers(document.awareness)
      wearers.set(document.name, worn)
      const reserved = new Set([LEDGER_CLIENT, INFO_CLIENT, document.clientID])
      // Zeros are the empty update: nothing is applied, nothing is sent to anybody.
      const live = chats.get(document.name)
      const isSilent = live !== undefined && !marks.mayType(live)
      if (!user || !open || count > DROP_ABOVE || isSilent || !worn.mayPass(payload, user, open, reserved)) payload.fill(0)
    },

    async beforeSync({ type, payload, documentName, context, connection }: beforeSyncPayload<Context>) {
      if (type === STEP_1) return
      try {
        if (parseDocumentName(documentName)?.kind === 'user') {
          if (payload.some((byte) => byte !== 0)) throw new Refusal('read-only')
        } else await receive(documentName, context.session, payload)
        // Closed meanwhile, and perhaps opened anew: an answer would be taken for one to what was sent since. Thrown here it says nothing to anybody.
        if (!connection.document.hasConnection(connection)) throw new Refusal('try-again')
      } catch (error) {
        throw asRefusal(error, ports, documentName)
      }
      // What Hocuspocus applies behind this hook must be nothing: the raw bytes were never checked, only what was made of them (RT1).
      payload.fill(0)
    },

    async afterHandleMessage({ update, context, documentName }: afterHandleMessagePayload<Context>) {
      const { session } = context
      const open = session.documents.get(documentName)
      if (!open) return
      open.queued = Math.max(0, open.queued - 1)
      session.inFlight(open, -update.length)
    },

    async beforeUnloadDocument({ documentName }: beforeUnloadDocumentPayload) {
      chats.assertIdle(documentName)
      const live = chats.get(documentName)
      if (live) marks.close(live)
    },

    async afterUnloadDocument({ documentName }: afterUnloadDocumentPayload) {
      wearers.delete(documentName)
      chats.unloaded(documentName)
    },
  }
}

/** The rest of loading, after the database extension brought the snapshot. */
export function createLoader({ ports, chats }: Pick<Parts, 'ports' | 'chats'>): Extension<Context> {
  return {
    priority: 1,
    extensionName: 'skein-loader',
    async onLoadDocument({ documentName, document }: onLoadDocumentPayload<Context>) {
      try {
        await loading(document, () => chats.load(documentName, document))
      } catch (error) {
        throw asRefusal(error, ports, documentName)
      }
    },
  }
}

/** A part of loading. Hocuspocus forgets a document that cannot be loaded, whose awareness would keep its timer, and a process that should end. */
export async function loading<T>(document: Document, part: () => Promise<T>): Promise<T> {
  try {
    return await part()
  } catch (error) {
    document.destroy()
    throw error
  }
}

/** Nothing but a Refusal leaves a hook: its reason is all that the client learns. */
function asRefusal(error: unknown, ports: SyncPorts, document: string): Refusal {
  if (error instanceof Refusal) return error
  ports.logger.error({ err: error, document }, 'a message could not be handled')
  return new Refusal('try-again')
}
