// What the engine runs on and a first look at a chat does not need: live documents, with Yjs and the provider behind them, what runs in the background, the calls for groups and
// contacts, and the export of the outbox. A page shows what the device and HTTP bring while it comes. Programs that run on Node have it from the start, and so has the simulation,
// in which a load would be no turn of its own.
import type { Background, BackgroundOptions } from './background.ts'
import type { DocumentCache } from './ports.ts'
import type { createContactCalls } from './contact-calls.ts'
import type { createGroupCalls } from './group-calls.ts'
import type { exportJson, exportText } from './outbox/export.ts'
import type { Live, LiveOptions } from './sync/live.ts'

export interface LateParts {
  createLive(options: LiveOptions): Live
  openDocumentCache: DocumentCache['open']
  createBackground(options: BackgroundOptions): Background
  createGroupCalls: typeof createGroupCalls
  createContactCalls: typeof createContactCalls
  exportText: typeof exportText
  exportJson: typeof exportJson
}

let loaded: LateParts | null = null

/** null: not yet. */
export const lateParts = (): LateParts | null => loaded

/** Rejects where it cannot be had now. */
export async function loadLateParts(): Promise<LateParts> {
  const [{ createLive, createBackground, createGroupCalls, createContactCalls }, { openDocumentCache }, { exportText, exportJson }] =
    await Promise.all([import('./sync/live.ts'), import('./browser/documents.ts'), import('./outbox/export.ts')])
  return (loaded ??= { createLive, openDocumentCache, createBackground, createGroupCalls, createContactCalls, exportText, exportJson })
}
