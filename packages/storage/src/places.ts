// Places in what is no chain: a chat's changes of marks, and its list of erased entries.

/**
 * The place after `last`: the time in ms, so that a database that was restored never gives a place to something else than it did before it was lost (RT4).
 * What a chain has its hashes for, these have the clock for; where the clock itself was set back, places rise by one. Erasures do not rest on it alone: a place
 * that the list does not have is its beginning (ERASE-6).
 */
export const placeAfter = (last: number, now: number): number => Math.max(last + 1, now)
