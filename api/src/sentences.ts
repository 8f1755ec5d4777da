// What does not fit a description, in words for whoever sent it. A description's own words ('expects a chat id') come before these.
import { z } from 'zod'

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  null: 'null',
}
const MOST_VALUES = 20

const counted = (n: number | bigint, one: string, many: string): string => `${n} ${n === 1 ? one : many}`
function amount(origin: string, n: number | bigint): string {
  if (origin === 'string') return counted(n, 'character', 'characters')
  return origin === 'array' || origin === 'set' ? counted(n, 'entry', 'entries') : String(n)
}
function oneOf(values: readonly unknown[]): string {
  const [only] = values
  if (values.length === 1) return `expects ${String(only)}`
  return values.length > MOST_VALUES ? 'is none of the values that it may have' : `expects one of ${values.map(String).join(', ')}`
}

/** What stands behind a field's name: `title: expects a text`. */
export const sentenceOf: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'is missing' : `expects ${KINDS[issue.expected] ?? 'something else'}`
    case 'too_small':
      return `expects at least ${amount(issue.origin, issue.minimum)}`
    case 'too_big':
      return `expects at most ${amount(issue.origin, issue.maximum)}`
    case 'invalid_value':
      return issue.input === undefined ? 'is missing' : oneOf(issue.values)
    case 'unrecognized_keys':
      return `${issue.keys.join(', ')}: is not known here`
    default:
      return 'has not the form that it must have'
  }
}

/** For all of the process: there is one place where zod looks for words. */
export const speakPlainly = (): void => void z.config({ customError: sentenceOf })
