// Which lines of the sync server and the engine the processes of a simulation ran, as V8 counted them: Node strips types without moving anything, so that lines stay where they are.
import { CoverageReport } from 'monocart-coverage-reports'
import { readdirSync, readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { fileURLToPath } from 'node:url'

/** Product code that is measured, and what of it cannot run here. */
const FOLDERS = ['sync-server/src', 'packages/engine/src']
const LEFT_OUT: { [folder: string]: string } = {
  'packages/engine/src/node/': 'what an engine in Node finds there; a simulated device is a browser',
}
const root = new URL('../../', import.meta.url)
const isProduct = (file: string): boolean =>
  file.endsWith('.ts') && !/(?:^|\.)(?:test|suite|contract|mysql|browser|simulation)\.ts$/.test(file) && !/testing/.test(file)
const isLeftOut = (file: string): boolean => Object.keys(LEFT_OUT).some((folder) => file.startsWith(folder))
const sourceOf = (file: string): string => stripTypeScriptTypes(readFileSync(new URL(file, root), 'utf8'))
/** Lines of a file that nobody loaded; of one that is all types there are none. */
const codeLines = (file: string): number =>
  sourceOf(file)
    .split('\n')
    .filter((line) => /[^\s]/.test(line) && !/^\s*(?:\/\/|\/?\*)/.test(line)).length

export interface FolderCoverage {
  folder: string
  covered: number
  total: number
  /** Of each file that is not whole: its lines that never ran. */
  missed: { file: string; share: number; lines: string }[]
}

const fileOf = (url: string): string =>
  FOLDERS.map((folder) => url.split(`/${folder}/`)[1] && `${folder}/${url.split(`/${folder}/`)[1]}`).find(Boolean) ?? ''

/** `10-12, 20` */
function spans(lines: readonly number[]): string {
  const found: [number, number][] = []
  for (const line of lines) {
    const last = found.at(-1)
    if (last && last[1] === line - 1) last[1] = line
    else found.push([line, line])
  }
  return found.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(', ')
}

/** `directory`: where the processes wrote what NODE_V8_COVERAGE asked them for. */
export async function readCoverage(directory: string): Promise<FolderCoverage[]> {
  const report = new CoverageReport({
    logging: 'error',
    reports: [['none']],
    outputDir: directory,
    clean: false,
    entryFilter: ({ url }) => fileOf(url) !== '' && !isLeftOut(fileOf(url)),
    onEntry: async (entry) => {
      entry.source = sourceOf(fileOf(entry.url))
    },
  })
  await report.addFromDir(directory)
  const { files } = (await report.generate()) ?? { files: [] }
  return FOLDERS.map((folder) => {
    const own = files.filter((file) => fileOf(file.url ?? '').startsWith(folder))
    const sum = (name: 'covered' | 'total'): number => own.reduce((total, { summary }) => total + summary.lines[name], 0)
    const missed = own.flatMap(({ url, data, summary }) => {
      const lines = Object.entries((data as { lines?: { [line: string]: number | string } }).lines ?? {})
      const never = lines.flatMap(([line, count]) => (Number(count) === 0 ? [Number(line)] : []))
      return never.length > 0 ? [{ file: fileOf(url ?? ''), share: Number(summary.lines.pct), lines: spans(never) }] : []
    })
    const loaded = new Set(own.map(({ url }) => fileOf(url ?? '')))
    const all = readdirSync(fileURLToPath(new URL(`${folder}/`, root)), { recursive: true }).map((file) => `${folder}/${String(file)}`)
    const never = all.filter((file) => isProduct(file) && !isLeftOut(file) && !loaded.has(file)).map((file) => ({ file, count: codeLines(file) }))
    for (const { file, count } of never) if (count > 0) missed.push({ file, share: 0, lines: 'never loaded' })
    return { folder, covered: sum('covered'), total: sum('total') + never.reduce((total, { count }) => total + count, 0), missed }
  })
}

export function tellCoverage(folders: readonly FolderCoverage[]): string {
  const lines = folders.flatMap(({ folder, covered, total, missed }) => [
    ...missed.map(({ file, share, lines: never }) => `  ${share.toFixed(1).padStart(5)} %  ${file}: ${never}`),
    `${folder}: ${((100 * covered) / total).toFixed(1)} % of ${total} lines`,
  ])
  return [...lines, ...Object.entries(LEFT_OUT).map(([file, why]) => `left out: ${file} (${why})`)].join('\n')
}
