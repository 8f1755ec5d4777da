// A person at a terminal, by the keys they press and what they see.
import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { StartError } from './start-error.ts'
import { createTerminal, type Terminal } from './terminal.ts'

function seat(isTTY: boolean): { terminal: Terminal; type: (keys: string) => void; seen: () => string; asked: (question: string) => Promise<void> } {
  const input = Object.assign(new PassThrough(), { isTTY })
  const output = new PassThrough()
  let seen = ''
  let wake = (): void => {}
  output.on('data', (data: Buffer) => {
    seen += String(data)
    wake()
  })
  return {
    terminal: createTerminal(input, output),
    type: (keys) => void input.write(keys),
    seen: () => seen,
    async asked(question) {
      while (!seen.includes(question)) await new Promise<void>((resolve) => (wake = resolve))
    },
  }
}

test('a password is asked for twice, and nobody sees it', async () => {
  const { terminal, type, seen, asked } = seat(true)
  const password = terminal.newPassword()
  await asked('Password: ')
  type('s3cret wörd\r')
  await asked('The same again: ')
  type('s3cret wörx\u007fd\r')
  expect(await password).toBe('s3cret wörd')
  expect(seen()).toBe('Password: \nThe same again: \n')
})

test('what is typed ahead is not lost', async () => {
  const { terminal, type } = seat(true)
  const password = terminal.newPassword()
  type('both at once\rboth at once\r')
  expect(await password).toBe('both at once')
})

test('two passwords that differ are none', async () => {
  const { terminal, type, asked } = seat(true)
  const password = terminal.newPassword()
  await asked('Password: ')
  type('one of them\r')
  await asked('again')
  type('another one\r')
  await expect(password).rejects.toBeInstanceOf(StartError)
})

test.each([
  ['Ctrl-C', '\u0003'],
  ['Ctrl-D', '\u0004'],
])('%s ends the question', async (_, key) => {
  const { terminal, type, asked } = seat(true)
  const password = terminal.newPassword()
  await asked('Password: ')
  type(key)
  await expect(password).rejects.toThrow('Nothing was changed.')
})

test('a question shows what is typed', async () => {
  const { terminal, type, seen, asked } = seat(true)
  const answer = terminal.ask('Sure? ')
  await asked('Sure? ')
  type('yes\r')
  expect(await answer).toBe('yes')
  expect(seen()).toContain('yes')
})

test('from a script it is the first line, and nothing is asked', async () => {
  const { terminal, type, seen } = seat(false)
  const password = terminal.newPassword()
  type('from a file\r\nand more\n')
  expect(await password).toBe('from a file')
  expect(seen()).toBe('')
})
