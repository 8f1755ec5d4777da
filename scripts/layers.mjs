// The layer check: resolves every import and names the two files where DESIGN.md's "Who may depend on whom" is broken, where somebody reaches
// past a package's face, imports what its package.json does not declare, or where files import each other in a circle.
import { builtinModules } from 'node:module'
import { posix } from 'node:path'
import { lineOf, nodesOf } from './sources.mjs'

const lit = ['lit', '@lit', '@lit-labs']
const sql = ['kysely', 'mysql2', 'node:sqlite']
const http = ['hono', '@hono']
const hocuspocus = ['@hocuspocus']

/** For each folder: the folders it may import, and the libraries that it must not know. */
export const layers = {
  'packages/protocol': { may: [], never: ['node:', ...lit, ...sql, ...http, ...hocuspocus] },
  'packages/http': { may: ['packages/protocol'], never: ['node:', ...lit, ...sql, ...hocuspocus, 'yjs', 'lib0'] },
  'packages/engine': { may: ['packages/protocol', 'packages/http'], never: [...lit, 'kysely', 'mysql2', ...http, '@hocuspocus/server'] },
  'packages/storage': { may: ['packages/protocol'], never: [...lit, ...http, ...hocuspocus, 'ws', 'node:http'] },
  'packages/auth': { may: ['packages/protocol'], never: [...lit, ...sql, ...http, ...hocuspocus, 'node:http'] },
  'packages/testing': {
    may: ['packages/protocol', 'packages/engine', 'packages/storage', 'packages/auth', 'api', 'sync-server', 'server'],
    never: [],
  },
  'sync-server': { may: ['packages/protocol', 'packages/storage', 'packages/auth'], never: [...lit, ...http, ...sql] },
  api: {
    may: ['packages/protocol', 'packages/http', 'packages/storage', 'packages/auth'],
    never: ['yjs', 'y-protocols', 'lib0', ...hocuspocus, ...lit, ...sql],
  },
  server: { may: ['packages/protocol', 'packages/http', 'packages/storage', 'packages/auth', 'api', 'sync-server'], never: lit },
  client: { may: ['packages/protocol', 'packages/engine'], never: ['node:', ...sql, ...http, '@hocuspocus/server'] },
  e2e: { may: ['packages/protocol', 'packages/engine', 'packages/storage', 'packages/testing'], never: [] },
  simulation: { may: ['packages/protocol', 'packages/engine', 'packages/storage', 'packages/auth', 'api', 'sync-server'], never: [] },
  torture: { may: ['packages/protocol', 'packages/engine', 'packages/testing'], never: [] },
  bench: { may: ['packages/protocol', 'packages/engine', 'packages/storage', 'packages/auth', 'packages/testing'], never: [] },
}

/** Where node: may be imported although its folder's code also runs in a browser. */
const nodeOnly = /^packages\/engine\/src\/node\/|\/vite\.config\.ts$/

const packageOf = (specifier) =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
const isBuiltin = (specifier) => specifier.startsWith('node:') || builtinModules.includes(specifier)

/** Every module a file names: imports, re-exports, dynamic imports, types, and files loaded by URL. */
export function importsOf(source) {
  const found = []
  for (const node of nodesOf(source.ast)) {
    if (['ImportDeclaration', 'ExportNamedDeclaration', 'ExportAllDeclaration'].includes(node.type) && node.source) {
      const typeOnly = node.importKind === 'type' || node.exportKind === 'type'
      found.push({ specifier: node.source.value, typeOnly, node })
    } else if (node.type === 'ImportExpression' && node.source.type === 'Literal') {
      found.push({ specifier: node.source.value, typeOnly: true, node })
    } else if (node.type === 'TSImportType') {
      found.push({ specifier: node.source.value, typeOnly: true, node })
    } else if (
      node.type === 'NewExpression' &&
      node.callee.name === 'URL' &&
      node.arguments[0]?.type === 'Literal' &&
      source.text.slice(node.start, node.end).includes('import.meta.url')
    ) {
      const { value } = node.arguments[0]
      if (typeof value === 'string' && value.endsWith('.ts')) found.push({ specifier: value, typeOnly: true, node })
    }
  }
  return found
}

/** @returns {string[]} one sentence for each violation */
export function checkLayers(sources, workspaces, devDependencies) {
  const problems = []
  const folderOf = (path) => workspaces.find(({ folder }) => path.startsWith(`${folder}/`))?.folder ?? null
  const byName = new Map(workspaces.map((workspace) => [workspace.manifest.name, workspace]))
  const manifests = new Map(workspaces.map(({ folder, manifest }) => [folder, manifest]))
  const edges = new Map()

  for (const source of sources) {
    const folder = folderOf(source.path)
    const forTools = source.isTest || folder === null || !source.path.startsWith(`${folder}/src/`)
    const targets = []
    edges.set(source.path, targets)
    for (const { specifier, typeOnly, node } of importsOf(source)) {
      const say = (text) => problems.push(`${source.path}:${lineOf(source, node)} imports ${text}`)
      let target = null
      let targetFolder = null
      if (specifier.startsWith('.')) {
        target = posix.join(posix.dirname(source.path), specifier.replace(/\?.*$/, ''))
        targetFolder = folderOf(target)
        if (targetFolder !== folder) say(`${target}, past the face of ${targetFolder ?? 'the root'}: import the package by its name`)
      } else if (byName.has(packageOf(specifier))) {
        const { folder: found, manifest } = byName.get(packageOf(specifier))
        const subpath = `.${specifier.slice(packageOf(specifier).length)}`
        const file = manifest.exports?.[subpath]
        targetFolder = found
        if (typeof file !== 'string') say(`${found}/${subpath.slice(2)}, past the face of ${found}: its package.json exports no "${subpath}"`)
        else target = posix.join(found, file)
      }
      if (target && !typeOnly) targets.push(target)

      const layer = layers[folder]
      if (targetFolder) {
        if (layer && targetFolder !== folder && !layer.may.includes(targetFolder) && !(source.isTest && targetFolder === 'packages/testing')) {
          say(`${target ?? specifier}, and ${folder} may depend on ${layer.may.join(', ') || 'nothing'} only`)
        }
        continue
      }
      if (!layer || specifier.startsWith('.') || specifier.startsWith('virtual:')) continue
      const forbidden = layer.never.find((name) => (name === 'node:' ? isBuiltin(specifier) : specifier === name || specifier.startsWith(`${name}/`)))
      if (forbidden && !source.isTest && !nodeOnly.test(source.path)) say(`${specifier}, and ${folder} must not know it`)
      if (isBuiltin(specifier)) {
        if (folder === 'packages/engine' && !source.isTest && !nodeOnly.test(source.path)) say(`${specifier}, outside src/node`)
      } else if (!manifests.get(folder)?.dependencies?.[packageOf(specifier)] && !(forTools && devDependencies.includes(packageOf(specifier)))) {
        say(`${packageOf(specifier)}, and ${folder}/package.json does not declare it`)
      }
    }
  }
  return [...problems, ...findCycles(edges)]
}

/** One sentence for each circle of imports, each circle once. */
function findCycles(edges) {
  const problems = []
  const done = new Set()
  const visit = (path, trail) => {
    const start = trail.indexOf(path)
    if (start >= 0) problems.push(`${[...trail.slice(start), path].join(' imports ')}: a circle`)
    if (start >= 0 || done.has(path)) return
    for (const target of edges.get(path) ?? []) visit(target, [...trail, path])
    done.add(path)
  }
  for (const path of edges.keys()) visit(path, [])
  return problems
}
