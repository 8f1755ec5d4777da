// Places in what is no chain: a chat's changes of marks, and its list of erased entries.

/**
 * The place after `last`: the time in ms, so that a database that was restored never gives a place to something else than it did before it was lost (RT4).
 * What a chain has its hashes for, these have the clock for; where the clock itself was set back, places rise by one.
 */
export const placeAfter = (last: number, now: number): number => Math.max(last + 1, now)
