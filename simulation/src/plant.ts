// Plants each bug of the list in a process of its own and runs seeds until one finds it. A bug that no seed finds within the bound is a failure of the simulation.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { plants } from './plants.ts'

const AT_ONCE = 2
const print = (text: string): void => void process.stdout.write(`${text}\n`)

interface Caught {
  seed: string
  why: string
}

/** Bugs that can no longer be planted, since the text that they change does not stand in its file once. */
export function plantsThatAreGone(): string[] {
  const textOf = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')
  return plants.flatMap(({ name, patches }) =>
    patches
      .filter(({ file, find }) => textOf(file).split(find).length !== 2)
      .map(({ file, find }) => `${name}: ${file} does not hold this text once: ${find}`),
  )
}

/** @returns the exit code: 0 when every bug was found. */
export async function plantAll(main: string, seeds: number): Promise<number> {
  const gone = plantsThatAreGone()
  for (const one of gone) print(`✗ ${one}`)
  if (gone.length > 0) return 1
  const left = plants.map((plant, index) => ({ plant, index }))
  let missed = 0
  async function work(): Promise<void> {
    for (let next = left.shift(); next; next = left.shift()) {
      const { plant, index } = next
      const caught = await run(main, index, seeds)
      if (caught) print(`✓ ${plant.name}\n    caught by seed ${caught.seed}: ${caught.why}`)
      else {
        missed++
        print(`✗ ${plant.name}\n    not caught by ${seeds} seeds`)
      }
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  print(`${plants.length} bugs planted, ${plants.length - missed} caught, ${missed} not caught`)
  return missed > 0 ? 1 : 0
}

function run(main: string, planted: number, seeds: number): Promise<Caught | null> {
  return new Promise((resolve, reject) => {
    const args = [main, '--planted', String(planted), '--one-by-one', '--until-failure', '--seeds', String(seeds)]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text))
    child.on('close', (code) => {
      const seed = /^seed (\d+):$/m.exec(output)?.[1]
      if (code === 0) resolve(null)
      else if (seed) resolve({ seed, why: /^✗ (.*)$/m.exec(output)?.[1]?.slice(0, 160) ?? '' })
      else reject(new Error(`The planted bug ${planted} could not be run:\n${output.slice(-2_000)}`))
    })
  })
}
