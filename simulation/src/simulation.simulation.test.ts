// 300 seeds of the simulation, in processes of its own: each takes the clock and the randomness of the whole process.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const main = fileURLToPath(new URL('main.ts', import.meta.url))

function simulate(args: string[]): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text))
    child.on('close', (code) => resolve({ code, output }))
  })
}

test('promises 1 to 5 and 8 after each step, and liveness: 300 seeds, every pair of states met, each 50th the same twice', async () => {
  const { code, output } = await simulate(['--seeds', '300'])
  const last = output.trim().split('\n').at(-1) ?? ''
  expect(code, output.slice(-20_000)).toBe(0)
  expect(last).toMatch(/^300 seeds, 0 failed, 0 pairs of states never met, /)
})

test('a planted bug is found: a word that leaves the outbox when it is appended', async () => {
  const { code, output } = await simulate(['--planted', '9', '--one-by-one', '--until-failure', '--seeds', '20'])
  expect(code).toBe(1)
  expect(output).toContain('✗ promise 1')
})
