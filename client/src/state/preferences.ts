// What a person has chosen for this device: how the chat looks, which key sends, the language, and whether it tells of new messages. Kept on the device, the same in all of its tabs.

/** What there is to choose from; the first of each holds until something was chosen. */
export const CHOICES = {
  theme: ['system', 'light', 'dark'],
  density: ['comfortable', 'compact'],
  accent: ['indigo', 'teal', 'green', 'rose', 'orange', 'graphite'],
  /** 'mod-enter', as fingers have it (the button sends): Ctrl+Enter, on Apple's devices Cmd+Enter; Enter alone then breaks the line. */
  sendKey: ['enter', 'mod-enter'],
  language: ['browser', 'en', 'hu', 'ar'],
  notify: ['off', 'on'],
} as const

export type Preferences = { -readonly [K in keyof typeof CHOICES]: (typeof CHOICES)[K][number] }

export interface PreferenceStore extends Readonly<Preferences> {
  /** At once here and on the page's other tabs; where the browser denies its storage, until the page closes. */
  set(chosen: Partial<Preferences>): void
  subscribe(listener: () => void): () => void
}

/** Read by client/public/theme.js as well. */
const KEY = 'skein-preferences'

function pick<T extends string>(known: readonly [T, ...T[]], value: unknown): T {
  return known.find((one) => one === value) ?? known[0]
}

/** With a keyboard on the screen Enter is the only way to a new line. */
const isTouch = (): boolean => globalThis.matchMedia?.('(pointer: coarse)').matches

/** Whatever stands there: an older version's choices, or nobody's. */
export function parsePreferences(text: string | null): Preferences {
  let given: unknown = null
  try {
    given = JSON.parse(text ?? 'null')
  } catch {
    // Nobody's.
  }
  const of: Partial<Record<string, unknown>> = typeof given === 'object' && given !== null ? { ...given } : {}
  return {
    theme: pick(CHOICES.theme, of['theme']),
    density: pick(CHOICES.density, of['density']),
    accent: pick(CHOICES.accent, of['accent']),
    sendKey: pick(isTouch() ? ['mod-enter', 'enter'] : CHOICES.sendKey, of['sendKey']),
    language: pick(CHOICES.language, of['language']),
    notify: pick(CHOICES.notify, of['notify']),
  }
}

/** A page may be denied its storage: then `open` throws. */
export function createPreferences(open: () => Pick<Storage, 'getItem' | 'setItem'>): PreferenceStore {
  const read = (): Preferences => {
    try {
      return parsePreferences(open().getItem(KEY))
    } catch {
      return parsePreferences(null)
    }
  }
  let now = read()
  const listeners = new Set<() => void>()
  const tell = (): void => {
    for (const listener of Array.from(listeners)) listener()
  }
  const changedElsewhere = ({ key }: StorageEvent): void => {
    if (key !== KEY && key !== null) return
    now = read()
    tell()
  }
  return {
    get theme() {
      return now.theme
    },
    get density() {
      return now.density
    },
    get accent() {
      return now.accent
    },
    get sendKey() {
      return now.sendKey
    },
    get language() {
      return now.language
    },
    get notify() {
      return now.notify
    },
    set: (chosen) => {
      now = { ...now, ...chosen }
      try {
        open().setItem(KEY, JSON.stringify(now))
      } catch {
        // As above.
      }
      tell()
    },
    subscribe: (listener) => {
      if (listeners.size === 0) addEventListener('storage', changedElsewhere)
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
        if (listeners.size === 0) removeEventListener('storage', changedElsewhere)
      }
    },
  }
}

export const preferences: PreferenceStore = createPreferences(() => localStorage)
