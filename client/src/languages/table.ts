// One language's sentences: by the English ones, as they stand in the source, so that whoever translates reads what it is about.
import { generateMsgId } from '@lit/localize/internal/id-generation.js'
import type { TemplateMap } from '@lit/localize/internal/types.js'
import { LANGUAGES, type Language } from './known.ts'

/** Forms by the language's own plural categories; `#` is the number. */
export type PluralForms = Partial<Record<Intl.LDMLPluralRule, string>>
/** `{0}`, `{1}`: what is put in, in the order of the English sentence. One with a `#` is counted, and keyed by its plural. */
export type Sentences = Record<string, string | PluralForms>

/** What @lit/localize knows the plural form under. */
export const pluralId = (other: string, category: Intl.LDMLPluralRule): string => `${other}|${category}`

interface Marks {
  first: string
  before: string
  after: string
}
/**
 * An English name in the middle of an Arabic sentence keeps its own direction, and the sentence its order (isolates). And the sentence is known as
 * one from right to left though it begins with such a name: isolates do not count when a direction is guessed.
 */
const MARKED: Marks = { first: '\u200F', before: '\u2068', after: '\u2069' }
const UNMARKED: Marks = { first: '', before: '', after: '' }

const placeholder = /\{(\d+)\}/

function templateOf(sentence: string, { first, before, after }: Marks): TemplateMap[string] {
  const parts = sentence.split(placeholder)
  if (parts.length === 1) return sentence
  const texts = parts.filter((_, index) => index % 2 === 0)
  const strings = texts.map((text, index) => (index > 0 ? after : first) + text + (index < texts.length - 1 ? before : ''))
  return { strTag: true, strings: strings as unknown as TemplateStringsArray, values: parts.filter((_, index) => index % 2 === 1).map(Number) }
}

/** As @lit/localize wants them. */
export function templatesOf(language: Language, sentences: Sentences): TemplateMap {
  const marks = LANGUAGES[language].dir === 'rtl' ? MARKED : UNMARKED
  const { pluralCategories } = new Intl.PluralRules(language).resolvedOptions()
  const templates: TemplateMap = {}
  for (const [english, own] of Object.entries(sentences)) {
    if (english.includes('#'))
      for (const category of pluralCategories)
        templates[pluralId(english, category)] = typeof own === 'string' ? own : (own[category] ?? own.other ?? english)
    else if (typeof own === 'string') templates[idOf(english)] = templateOf(own, marks)
  }
  return templates
}

/** What `msg` makes of a sentence that has no id. */
function idOf(english: string): string {
  const strings = english.split(/\{\d+\}/)
  return generateMsgId(strings.length === 1 ? english : strings, false)
}
