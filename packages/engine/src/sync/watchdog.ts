// When words that wait in an open document bring the socket down.

/** How often the watchdog looks. */
export const WATCHDOG_MS = 30_000
/** Looks after which it barks whatever comes: other chats may be busy while this one's words are swallowed. */
const PATIENCE = 4

/** `looks`: how often it has looked, this time included. On a slow line the document itself takes long to come, and an answer waits behind what else comes. */
export const mustBark = (looks: number, wordsAreOut: boolean, heardSince: boolean): boolean => looks >= PATIENCE || (wordsAreOut && !heardSince)
