import { expect, test } from 'vitest'
import { isCommonPassword } from './index.ts'

test.each(['password', 'Password1', '12345678', 'QWERTYUIOP', 'iloveyou', 'trustno1', '\uff50\uff41\uff53\uff53\uff57\uff4f\uff52\uff44'])(
  '%s is common',
  async (word) => {
    expect(await isCommonPassword(word)).toBe(true)
  },
)

test.each(['correct horse battery', 'ada-tries-skein', 'constructor', '__proto__', 'password but longer', ''])('“%s” is not', async (word) => {
  expect(await isCommonPassword(word)).toBe(false)
})
