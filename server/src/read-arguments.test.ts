import { expect, test } from 'vitest'
import { readArguments } from './read-arguments.ts'
import { StartError } from './start-error.ts'

const options = { all: { type: 'boolean' }, expires: { type: 'string' }, 'expires-soon-enough': { type: 'boolean' } } as const

test.each(['-KOk1Q3pTzXcVbNm', '--k1Q3pTzXcVbNmA', '-KOk1Q3pTzXcVbNmKOk1Qw'])('an id may begin with a dash: %s', (id) => {
  expect(readArguments(['close', id, '--all'], options)).toEqual({ values: { all: true }, positionals: ['close', id] })
})

test('what is no id is an option, of those that there are', () => {
  const { values, positionals } = readArguments(['key', 'Shop', '--expires', '7d', '--expires-soon-enough'], options)
  expect({ values, positionals }).toEqual({ values: { expires: '7d', 'expires-soon-enough': true }, positionals: ['key', 'Shop'] })
  for (const args of [['--no'], ['-x'], ['--expires'], ['--all=-KOk1Q3pTzXcVbNm'], ['--expires', '-KOk1Q3pTzXcVbNm'], ['key', '--expires-tomorrow']])
    expect(() => readArguments(args, options)).toThrow(StartError)
})
