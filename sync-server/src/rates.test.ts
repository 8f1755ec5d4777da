// How many operations pass, with a clock that the test turns.
import {
  MAX_FRAMES_BURST,
  MAX_FRAMES_PER_SECOND,
  MAX_OPERATIONS_BURST,
  MAX_OPERATIONS_BURST_PER_USER,
  MAX_OPERATIONS_PER_SECOND,
  MAX_OPERATIONS_PER_SECOND_PER_USER,
  MAX_OPERATIONS_PER_UPDATE,
  parseUserId,
} from '@skein/protocol'
import { expect, test } from 'vitest'
import { Bucket } from './bucket.ts'
import { Rates } from './rates.ts'

const [alice, bob] = [parseUserId('a'.repeat(26)), parseUserId('b'.repeat(26))]
const connection = () => ({ operations: new Bucket(MAX_OPERATIONS_BURST, MAX_OPERATIONS_PER_SECOND) })

test('LIM-1: a connection has its burst and its rate, a person theirs over all connections', () => {
  let now = 0
  const rates = new Rates(() => now)
  const [one, two, three] = [connection(), connection(), connection()]
  rates.spend(one, alice, MAX_OPERATIONS_BURST)
  expect(() => rates.spend(one, alice, 1)).toThrow('slow-down')
  rates.spend(two, alice, MAX_OPERATIONS_BURST_PER_USER - MAX_OPERATIONS_BURST)
  expect(() => rates.spend(three, alice, 1)).toThrow('slow-down')
  rates.spend(connection(), bob, MAX_OPERATIONS_BURST)
  now = 1_000
  rates.spend(one, alice, MAX_OPERATIONS_PER_SECOND)
  expect(() => rates.spend(one, alice, 1)).toThrow('slow-down')
  rates.spend(two, alice, MAX_OPERATIONS_PER_SECOND_PER_USER - MAX_OPERATIONS_PER_SECOND)
  expect(() => rates.spend(connection(), alice, 1)).toThrow('slow-down')
})

test('LIM-1: a whole update passes; a clock that was set back gives nothing away and takes nothing for ever', () => {
  let now = 1e12
  const rates = new Rates(() => now)
  const one = connection()
  rates.spend(one, alice, MAX_OPERATIONS_PER_UPDATE)
  rates.spend(one, alice, MAX_OPERATIONS_BURST - MAX_OPERATIONS_PER_UPDATE)
  now = 0
  expect(() => rates.spend(one, alice, 1)).toThrow('slow-down')
  now = 1_000
  rates.spend(one, alice, MAX_OPERATIONS_PER_SECOND)
})

test('LIM-2: what comes too fast is owed, and is due after as long as it takes', () => {
  const bucket = new Bucket(MAX_FRAMES_BURST, MAX_FRAMES_PER_SECOND)
  for (let n = 0; n < MAX_FRAMES_BURST; n++) expect(bucket.owe(0)).toBe(0)
  expect(bucket.owe(0)).toBe(Math.ceil(1_000 / MAX_FRAMES_PER_SECOND))
  for (let n = 1; n < MAX_FRAMES_PER_SECOND; n++) bucket.owe(0)
  expect(bucket.owe(1_000)).toBe(1)
  expect(bucket.isFull(2_000)).toBe(false)
  expect(bucket.isFull(5_000)).toBe(true)
})
