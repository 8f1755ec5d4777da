// Limits, lowered for a run, so that epochs end, pages fill and deletions are erased within some dozen operations. The files are loaded with these constants
// changeable; nothing in them knows of this.
const LOWERED: { [file: string]: { [name: string]: number } } = {
  'packages/protocol/src/limits.ts': {
    MAX_CLIENT_IDS_PER_EPOCH: 12,
    MAX_CLIENT_IDS_PER_USER: 5,
    MAX_ENTRIES_PER_EPOCH: 25,
    MAX_OPERATIONS_PER_UPDATE: 4,
    MAX_CHANGES_PAGE: 7,
    MIN_EPOCH_MS: 5_000,
    ERASE_AFTER_MS: 20_000,
    MIN_ERASING_MS: 60_000,
    MAX_ERASED_PAGE: 3,
    MAX_RUN_ENTRIES: 6,
  },
  'packages/engine/src/chats/history.ts': { PAGE: 6 },
  'packages/engine/src/chats/window.ts': { SHORT: 5 },
  'packages/engine/src/store/evict.ts': { NEWEST_KEPT: 8, ENTRIES_KEPT_MS: 30_000, CHUNK: 5 },
  'sync-server/src/live-chats.ts': { SNAPSHOT_EVERY: 6 },
}

/** By file; true: the values of the list, false: as they are written. */
const changes = new Map<string, (low: boolean) => void>()
Object.assign(globalThis, { skeinSimulatedLimits: changes })

/** Which of the list this is; null for every other file. */
export const fileWithLimits = (url: string): string | null => Object.keys(LOWERED).find((file) => url.endsWith(`/${file}`)) ?? null

/** The file's limits with a way to change them. No line moves. */
export function makeChangeable(file: string, source: string): string {
  let changed = source
  const values = Object.entries(LOWERED[file] ?? {})
  for (const [name] of values) {
    if (changed.split(`const ${name} `).length !== 2) throw new Error(`${file} does not hold the limit ${name} once`)
    changed = changed.replace(`const ${name} `, `let ${name} `)
  }
  const originals = values.map(([name]) => `${name}: ${name}`)
  const assignments = values.map(([name, value]) => `${name} = low ? ${value} : originals.${name}`)
  return `${changed}\n{ const originals = { ${originals.join(', ')} }; globalThis.skeinSimulatedLimits.set('${file}', (low) => { ${assignments.join('; ')} }) }\n`
}

export function setLimits(low: boolean): void {
  for (const file of Object.keys(LOWERED)) {
    const change = changes.get(file)
    if (!change) throw new Error(`${file} was loaded before its limits could be made changeable`)
    change(low)
  }
}
