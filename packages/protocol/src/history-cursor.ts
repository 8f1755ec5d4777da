// The cursor of a chat's history. Opaque to others; a device makes its own, since it holds stretches that no page brought.
import { base64url } from './ids.ts'

/** The cursor of the page of messages below a seq. */
export const historyCursor = (below: number): string => base64url(new TextEncoder().encode(JSON.stringify([below])))
