// One row of the table: what it measures, and what it is to reach.
export interface Figure {
  who: string
  value: number
  unit: string
  /** Of this run's base; null for the base itself and where there is none. */
  ratio: number | null
}

export interface Goal {
  what: string
  value: number
  bound: number
  /** The value should be at most the bound; else at least. */
  atMost: boolean
}

export interface Result {
  figures: Figure[]
  goals: Goal[]
}

export interface Options {
  /** Messages of the long history. */
  history: number
}

export interface Row {
  /** As `--only` takes it. */
  name: string
  what: string
  run(options: Options): Promise<Result>
}

/** Figures of everybody, as ratios to the base, which comes first. */
export function against(base: string, unit: string, values: Map<string, number>): Figure[] {
  const floor = values.get(base) ?? NaN
  return [...values].map(([who, value]) => ({ who, value, unit, ratio: who === base ? null : value / floor }))
}

export const atMost = (what: string, value: number, bound: number): Goal => ({ what, value, bound, atMost: true })
export const atLeast = (what: string, value: number, bound: number): Goal => ({ what, value, bound, atMost: false })
export const isReached = ({ value, bound, atMost: most }: Goal): boolean => (most ? value <= bound : value >= bound)
