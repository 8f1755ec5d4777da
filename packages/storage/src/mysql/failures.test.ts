import { expect, test } from 'vitest'
import { StorageError } from '../types.ts'
import { mysqlFailure } from './failures.ts'

const error = (more: object) => Object.assign(new Error('From the database'), more)

test('a lost race may be tried again', () => {
  for (const errno of [1213, 1205, 1020]) expect(mysqlFailure(error({ errno }))).toBe('conflict')
})

test('a taken key is neither a race nor a broken database', () => {
  expect(mysqlFailure(error({ errno: 1062 }))).toBe('duplicate')
})

test('no answer, a full disk and a fail-over are no statement’s fault', () => {
  const lost = [
    { code: 'ECONNREFUSED' },
    { code: 'PROTOCOL_CONNECTION_LOST', fatal: true },
    { code: 'PROTOCOL_SEQUENCE_TIMEOUT' },
    { fatal: true },
    { errno: 1290 },
    { errno: 1021 },
    { errno: 1047 },
  ]
  for (const more of lost) expect(mysqlFailure(error(more))).toBe('unreachable')
  expect(mysqlFailure(new StorageError('database-unreachable', 'Closed'))).toBe('unreachable')
})

test('everything else will never work as it is', () => {
  for (const other of [error({ errno: 1406 }), error({ code: 'ER_BAD_NULL_ERROR', errno: 1048 }), new TypeError('A bug'), 'text', undefined])
    expect(mysqlFailure(other)).toBe('other')
})
