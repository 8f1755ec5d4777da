// Seeds of the simulation, in processes of their own: each takes the clock and the randomness of the whole process.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const main = fileURLToPath(new URL('./main.ts', import.meta.url))

function simulate(args: string[]): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text))
    child.on('close', (code) => resolve({ code, output }))
  })
}

// So many that every pair of states must have met.
test('promises 1 to 8 after each step, and liveness: seeds 1 to 300', async () => {
  const { code, output } = await simulate(['--seeds', '300'])
  expect(code, output.slice(-20_000)).toBe(0)
  expect(output.trim().split('\n').at(-1)).toMatch(/^300 seeds, 0 failed, 0 pairs of states never met, /)
})

test('the same seed is the same run, to the last byte', async () => {
  const digests = await Promise.all([simulate(['--seeds', '1', '--from', '7', '--digest']), simulate(['--seeds', '1', '--from', '7', '--digest'])])
  const [one, other] = digests.map(({ output }) => /^digest [0-9a-f]{16}$/m.exec(output)?.[0])
  expect(one).toBeDefined()
  expect(other).toBe(one)
})

test('a planted bug is found: a word that leaves the outbox when it is appended', async () => {
  const { code, output } = await simulate(['--planted', '9', '--one-by-one', '--until-failure', '--seeds', '20'])
  expect(code).toBe(1)
  expect(output).toContain('✗ promise 1')
})
