// Promise 7 with real processes and a real backup: the database is replaced by an older one while the server is down, and one member's device brings everything back.
import { expect, test } from 'vitest'
import { healDemo } from './heal-demo.ts'

test.each([false, true])(
  'promise 7, D1: all that a restore lost returns from another member’s local rows; the server went on first: %s',
  async (goesOn) => {
    const result = await healDemo({ chats: 4, messages: 40, goesOn, say: () => {} })
    expect(result).toEqual({ stored: 83, lost: 43, returned: 43, undeleted: 0, told: 'healed 42 messages in 5 chats from 1 device' })
  },
)
