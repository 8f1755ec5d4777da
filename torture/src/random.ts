// Choices by seed: what happens in a round follows from its number, when it meets whom from the machine.

export interface Random {
  /** In [0, 1). */
  fraction(): number
  /** A whole number from `from` to `to`. */
  between(from: number, to: number): number
  pick<T>(list: readonly T[]): T | undefined
  /** A name, each as often as its weight says. */
  weighted<T extends string>(weights: Record<T, number>): T
}

export function createRandom(seed: number): Random {
  let state = (seed ^ 0x9e3779b9) >>> 0
  // mulberry32
  function fraction(): number {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    fraction,
    between: (from, to) => from + Math.floor(fraction() * (to - from + 1)),
    pick: (list) => list[Math.floor(fraction() * list.length)],
    weighted: <T extends string>(weights: Record<T, number>): T => {
      const entries = Object.entries(weights) as [T, number][]
      let left = fraction() * entries.reduce((sum, [, weight]) => sum + weight, 0)
      for (const [name, weight] of entries) if ((left -= weight) < 0) return name
      throw new Error('No weights.')
    },
  }
}

/** A number for one of many that share a seed. */
export const seedOf = (seed: number, part: number): number => Math.imul(seed + 1, 0x85ebca6b) ^ Math.imul(part + 1, 0xc2b2ae35)

export const shuffled = <T>(list: readonly T[], random: Random): T[] =>
  list
    .map((each) => ({ each, at: random.fraction() }))
    .sort((a, b) => a.at - b.at)
    .map(({ each }) => each)
