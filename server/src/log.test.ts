import { expect, test } from 'vitest'
import { createLogger } from './log.ts'

function logged(write: (logger: ReturnType<typeof createLogger>) => void): string {
  const lines: string[] = []
  write(createLogger((line) => lines.push(line)))
  return lines.join('')
}

test('never a token, a password or the text of a message', () => {
  const secrets = { password: 's3cret', accessToken: 's3cret', text: 's3cret', authorization: 's3cret', cookie: 's3cret' }
  const text = logged((logger) => logger.info({ ...secrets, request: secrets, a: { b: secrets } }, 'x'))
  expect(text).not.toContain('s3cret')
  expect(text).toContain('"password":"…"')
})

test('of an error only what it says itself: a driver hangs the statement with its values on it', () => {
  const error = Object.assign(new Error('Deadlock found', { cause: new Error('below') }), {
    code: 'ER_LOCK_DEADLOCK',
    sql: "INSERT … 's3cret'",
    parameters: ['s3cret'],
  })
  for (const key of ['err', 'error']) {
    const text = logged((logger) => logger.error({ [key]: error }, 'x'))
    expect(text).toContain('"message":"Deadlock found","code":"ER_LOCK_DEADLOCK"')
    expect(text).toContain('"message":"below"')
    expect(text).not.toContain('s3cret')
  }
  expect(logged((logger) => logger.error({ error: 's3cret' }, 'x'))).not.toContain('s3cret')
})

test('one JSON line with level and time', () => {
  const line: unknown = JSON.parse(logged((logger) => logger.warn({ chat: 'c' }, 'slow')))
  expect(line).toEqual({ level: 'warn', time: expect.stringMatching(/^\d{4}-.*Z$/) as string, chat: 'c', msg: 'slow' })
})
