// Limits of the protocol, lowered for a run, so that epochs end and pages fill within some dozen operations. The protocol's file is loaded with its constants changeable;
// nothing in it knows of this.
const LOWERED: { [name: string]: number } = {
  MAX_CLIENT_IDS_PER_EPOCH: 12,
  MAX_CLIENT_IDS_PER_USER: 5,
  MAX_ENTRIES_PER_EPOCH: 25,
  MAX_OPERATIONS_PER_UPDATE: 4,
  MAX_CHANGES_PAGE: 7,
  MIN_EPOCH_MS: 5_000,
}

interface Changeable {
  /** null: as they are written. */
  change(values: { [name: string]: number } | null): void
}
const changeable: { limits: Changeable | null } = { limits: null }
Object.assign(globalThis, { skeinSimulatedLimits: changeable })

/** The protocol's limits with a way to change those that are in the list. */
export function makeChangeable(source: string): string {
  let changed = source
  for (const name of Object.keys(LOWERED)) changed = changed.replace(`export const ${name} `, `export let ${name} `)
  const assignments = Object.keys(LOWERED).map((name) => `if ('${name}' in values) ${name} = values.${name}`)
  const originals = Object.keys(LOWERED).map((name) => `${name}: ${name}`)
  return `${changed}\nconst originals = { ${originals.join(', ')} }\nglobalThis.skeinSimulatedLimits.limits = { change: (lowered) => { const values = lowered ?? originals; ${assignments.join('; ')} } }\n`
}

export function setLimits(low: boolean): void {
  const { limits } = changeable
  if (!limits) throw new Error('the limits were loaded before they could be made changeable')
  limits.change(low ? LOWERED : null)
}
