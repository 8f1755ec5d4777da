// The project's own source files, parsed; what the layer check and the rules look at.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseAst } from 'vite'

export const root = fileURLToPath(new URL('..', import.meta.url))

/** The workspaces, with what the checks need of their package.json. */
export function readWorkspaces() {
  const { workspaces } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  return workspaces
    .flatMap((pattern) => globSync(`${pattern}/package.json`, { cwd: root }))
    .map((path) => ({ folder: path.slice(0, -'/package.json'.length), manifest: JSON.parse(readFileSync(join(root, path), 'utf8')) }))
}

/** What only tests and tools may import. */
export const readDevDependencies = () => Object.keys(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).devDependencies)

export function readSources() {
  const paths = globSync(
    ['{packages/*,api,sync-server,server,client,e2e,bench,torture,simulation,examples}/src/**/*.ts', 'client/*.ts', '*.ts', 'scripts/*.mjs'],
    {
      cwd: root,
    },
  )
  return paths.toSorted().map((path) => parseSource(path, readFileSync(join(root, path), 'utf8')))
}

/** @returns {{ path: string, text: string, ast: object, isTest: boolean }} */
export function parseSource(path, text) {
  // A `.suite.ts` or a folder `contract/` is what two tests share, the same promises run on two implementations; a `testing-….ts` is what tests use.
  const isTest =
    /\.(test|suite|setup)\.(ts|mjs)$|\/(contract|testing-[^/]*)(\/|\.ts$)/.test(path) || /^(packages\/testing|e2e|torture|simulation)\//.test(path)
  try {
    return { path, text, isTest, ast: parseAst(text, { lang: path.endsWith('.mjs') ? 'js' : 'ts' }) }
  } catch (error) {
    throw new Error(`${path} cannot be parsed: ${error.message}`, { cause: error })
  }
}

/** Every node of a tree, parents first. */
export function* nodesOf(node) {
  if (Array.isArray(node)) for (const item of node) yield* nodesOf(item)
  else if (node && typeof node === 'object') {
    if (typeof node.type === 'string') yield node
    for (const value of Object.values(node)) if (value && typeof value === 'object') yield* nodesOf(value)
  }
}

export const lineOf = (source, node) => source.text.slice(0, node.start).split('\n').length
