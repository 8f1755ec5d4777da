// The half of the engine that talks to the server (`online.ts`), which a first look at a chat does not need: a page shows what the device holds while it comes. Programs that run on
// Node have it from the start, and so has the simulation, in which a load would be no turn of its own.
import type * as Online from './online.ts'

export type LateParts = typeof Online

let loaded: LateParts | null = null

/** null: not yet. */
export const lateParts = (): LateParts | null => loaded

/** Rejects where it cannot be had now. */
export const loadLateParts = async (): Promise<LateParts> => (loaded ??= await import('./online.ts'))
