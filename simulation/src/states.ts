// Which states a run has met, and which of them together: a pair that no seed meets is a pair that nobody tests.

/** Things that go on for a while. */
export const STATES = [
  'offline',
  'cut unheard',
  'epoch moving',
  'reload',
  'tab killed',
  'server killed',
  'server draining',
  'database failing',
  'disk failing',
  'restored',
  'removed',
  'two tabs',
  'frozen',
  'waiting words',
  'set aside',
  'hostile',
  'several servers',
] as const
export type StateName = (typeof STATES)[number]

export class States {
  readonly #until = new Map<StateName, number>()
  readonly #pairs = new Map<string, number>()

  /** It holds from now on for a while. */
  enter(state: StateName, now: number, forMs: number): void {
    this.#until.set(state, Math.max(this.#until.get(state) ?? 0, now + forMs))
  }

  /** Counts each pair that holds at this moment. */
  look(now: number): void {
    const holding = STATES.filter((state) => (this.#until.get(state) ?? 0) >= now)
    holding.forEach((one, i) => {
      for (const other of holding.slice(i + 1)) {
        const pair = `${one} × ${other}`
        this.#pairs.set(pair, (this.#pairs.get(pair) ?? 0) + 1)
      }
    })
  }

  get pairs(): ReadonlyMap<string, number> {
    return this.#pairs
  }
}

export const allPairs = (): string[] => STATES.flatMap((one, i) => STATES.slice(i + 1).map((other) => `${one} × ${other}`))
