// The language of everything on the page: chosen here, loaded when it is not English, and known to all elements by @lit/localize.
import { configureLocalization, msg } from '@lit/localize'
import type { TemplateMap } from '@lit/localize/internal/types.js'
import { chooseLanguage, knownLanguage, LANGUAGES, localeOf, type Language } from './known.ts'
import { pluralId, templatesOf, type Sentences } from './table.ts'

const loaders: Record<Exclude<Language, 'en'>, () => Promise<{ sentences: Sentences }>> = {
  hu: () => import('./hu.ts'),
  ar: () => import('./ar.ts'),
}

const loaded = new Map<string, TemplateMap>()
const { getLocale, setLocale } = configureLocalization({
  sourceLocale: 'en',
  targetLocales: Object.keys(loaders),
  loadLocale: async (language) => ({ templates: loaded.get(language) ?? {} }),
})

const browserLanguages = (): readonly string[] => globalThis.navigator?.languages ?? []

/** The one that is shown. */
export const language = (): Language => knownLanguage(getLocale()) ?? 'en'
export const direction = (): 'ltr' | 'rtl' => LANGUAGES[language()].dir
export const locale = (): string => localeOf(language(), browserLanguages())

let given = false
/** The page around the chat has said which: then it is no choice of the person's. */
export const isLanguageGiven = (): boolean => given

let wanted: Language = 'en'
let settled = false
/** Nothing is shown in English before the first language is there, or could not be had. */
export const isLanguageSettled = (): boolean => settled

/**
 * Shows everything in the page's language, where there is such; else in the person's, else in one of the browser's. Elements render anew by
 * themselves. Where it cannot be loaded, what was shown before stays.
 */
export async function speak(ofPage: string, ofPerson: string): Promise<void> {
  given = knownLanguage(ofPage) !== undefined
  const chosen = chooseLanguage([ofPage, ofPerson, ...browserLanguages()])
  wanted = chosen
  try {
    if (chosen !== 'en' && !loaded.has(chosen)) loaded.set(chosen, templatesOf(chosen, (await loaders[chosen]()).sentences))
    // Somebody may have chosen again meanwhile.
    if (wanted === chosen) await setLocale(chosen)
  } catch {
    // No network, and never opened in it before.
  }
  settled = true
}

/** What is made anew for each language, and kept while it stays. */
export function perLocale<T>(make: (locale: string) => T): () => T {
  let kept: { locale: string; made: T } | undefined
  return () => {
    const now = locale()
    if (kept?.locale !== now) kept = { locale: now, made: make(now) }
    return kept.made
  }
}

const rules = perLocale((tag) => new Intl.PluralRules(tag))
const numbers = perLocale((tag) => new Intl.NumberFormat(tag))
const lists = { and: perLocale((tag) => new Intl.ListFormat(tag)), plain: perLocale((tag) => new Intl.ListFormat(tag, { type: 'unit' })) }

export const numberText = (value: number): string => numbers().format(value)
/** Ann, Ben and Cem; `plain`: Ann, Ben, Cem */
export const listText = (parts: readonly string[], kind: keyof typeof lists = 'and'): string => lists[kind]().format(parts.map(isolated))
/** Each name in its own direction. */
const isolated = (part: string): string => (direction() === 'rtl' ? `\u2068${part}\u2069` : part)

/** A counted sentence: `#` is the number, the forms are English, and another language has as many as it needs. */
export function plural(count: number, one: string, other: string): string {
  const category = rules().select(count)
  return msg(category === 'one' ? one : other, { id: pluralId(other, category) }).replace('#', numberText(count))
}
