// Which languages there are, and which of them somebody reads. Each is named as its own readers call it.
export const LANGUAGES = {
  en: { name: 'English', dir: 'ltr' },
  hu: { name: 'Magyar', dir: 'ltr' },
  ar: { name: 'العربية', dir: 'rtl' },
} as const

export type Language = keyof typeof LANGUAGES

/** `hu-HU` is Hungarian; undefined: a language that there is not. */
export function knownLanguage(tag: string): Language | undefined {
  const [primary = ''] = tag.toLowerCase().split('-')
  return (Object.keys(LANGUAGES) as Language[]).find((language) => language === primary)
}

/** The first of what is wanted that there is, most wanted first; else English. */
export const chooseLanguage = (wanted: readonly string[]): Language => wanted.map(knownLanguage).find((language) => language !== undefined) ?? 'en'

/** What dates and numbers are formatted by: the person's own kind of the language, where their browser names one. */
export const localeOf = (language: Language, wanted: readonly string[]): string =>
  wanted.find((tag) => knownLanguage(tag) === language) ?? (language === 'en' ? 'en-GB' : language)
