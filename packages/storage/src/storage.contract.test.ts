// The contract on SQLite: files in a temporary folder.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { contract } from './contract/contract.ts'

const folder = mkdtempSync(join(tmpdir(), 'skein-sqlite-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let databases = 0

contract({ engine: 'sqlite', newDatabase: () => Promise.resolve(`sqlite:${join(folder, `${++databases}.db`)}`) })
