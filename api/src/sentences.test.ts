import { expect, test } from 'vitest'
import { z } from 'zod'
import { sentenceOf } from './sentences.ts'

const schema = z.strictObject({
  text: z.string().min(1).max(3),
  number: z.int().min(2).max(5),
  flag: z.boolean(),
  list: z.array(z.string()).min(1).max(2),
  kind: z.enum(['one', 'two']),
  only: z.literal('x'),
  id: z.string().regex(/^a$/),
  said: z.string('expects a chat id'),
})
const good = { text: 'a', number: 3, flag: true, list: ['a'], kind: 'one', only: 'x', id: 'a', said: 'a' }

test.each([
  [{ text: undefined }, 'text', 'is missing'],
  [{ text: 1 }, 'text', 'expects a text'],
  [{ text: '' }, 'text', 'expects at least 1 character'],
  [{ text: 'long' }, 'text', 'expects at most 3 characters'],
  [{ number: '3' }, 'number', 'expects a number'],
  [{ number: 2.5 }, 'number', 'expects a whole number'],
  [{ number: 1 }, 'number', 'expects at least 2'],
  [{ number: 6 }, 'number', 'expects at most 5'],
  [{ flag: 'yes' }, 'flag', 'expects true or false'],
  [{ list: {} }, 'list', 'expects a list'],
  [{ list: [] }, 'list', 'expects at least 1 entry'],
  [{ list: ['a', 'b', 'c'] }, 'list', 'expects at most 2 entries'],
  [{ list: [null] }, 'list.0', 'expects a text'],
  [{ kind: 'three' }, 'kind', 'expects one of one, two'],
  [{ kind: undefined }, 'kind', 'is missing'],
  [{ only: 'y' }, 'only', 'expects x'],
  [{ id: 'b' }, 'id', 'has not the form that it must have'],
  [{ said: 1 }, 'said', 'expects a chat id'],
  [{ more: 1 }, '', 'more: is not known here'],
] as const)('%j: %s %s', (change, field, sentence) => {
  const { error } = schema.safeParse({ ...good, ...change }, { error: sentenceOf })
  expect(error?.issues.map(({ path, message }) => [path.join('.'), message])).toEqual([[field, sentence]])
})

test('what is no object at all', () => {
  expect(schema.safeParse('text', { error: sentenceOf }).error?.issues[0]?.message).toBe('expects an object')
})
