// What the engine runs on and a first look at a chat does not need: live documents, with Yjs and the provider behind them, what sends wishes, and the export of the outbox. A page shows what the device and HTTP
// bring while it comes. Programs that run on Node have it from the start, and so has the simulation, in which a load would be no turn of its own.
import type { Local } from './local.ts'
import type { WishSender } from './chats/wish-sender.ts'
import type { DocumentCache, Ports } from './ports.ts'
import type { exportJson, exportText } from './outbox/export.ts'
import type { Session } from './session.ts'
import type { Live, LiveOptions } from './sync/live.ts'

export interface LateParts {
  createLive(options: LiveOptions): Live
  openDocumentCache: DocumentCache['open']
  createWishSender(local: Local, session: Session, ports: Ports): WishSender
  exportText: typeof exportText
  exportJson: typeof exportJson
}

let loaded: LateParts | null = null

/** null: not yet. */
export const lateParts = (): LateParts | null => loaded

/** Rejects where it cannot be had now. */
export async function loadLateParts(): Promise<LateParts> {
  const [{ createLive, createWishSender }, { openDocumentCache }, exporting] = await Promise.all([
    import('./sync/live.ts'),
    import('./browser/documents.ts'),
    import('./outbox/export.ts'),
  ])
  return (loaded ??= { createLive, openDocumentCache, createWishSender, exportText: exporting.exportText, exportJson: exporting.exportJson })
}
