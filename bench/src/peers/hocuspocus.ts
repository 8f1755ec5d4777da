// The peer: Hocuspocus as it comes, nothing checked. `database` in the arguments: with its database extension on SQLite, which stores a document two seconds after a change.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Database } from '@hocuspocus/extension-database'
import { Server } from '@hocuspocus/server'

function stored(): Database {
  const folder = mkdtempSync(join(tmpdir(), 'skein-bench-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  process.on('SIGTERM', () => process.exit(0))
  const database = new DatabaseSync(join(folder, 'documents.db'))
  database.exec('pragma journal_mode = wal; pragma synchronous = full; create table documents (name text primary key, bytes blob not null)')
  const read = database.prepare('select bytes from documents where name = ?')
  const write = database.prepare('insert into documents (name, bytes) values (?, ?) on conflict (name) do update set bytes = excluded.bytes')
  return new Database({
    fetch: ({ documentName }) => Promise.resolve((read.get(documentName)?.['bytes'] as Uint8Array | undefined) ?? null),
    store: ({ documentName, state }) => Promise.resolve(void write.run(documentName, state)),
  })
}

const extensions = process.env['BENCH_STORED'] ? [stored()] : []
const server = new Server({ port: 0, address: '127.0.0.1', quiet: true, stopOnSignals: false, extensions })
await server.listen()
process.stdout.write(`ready http://127.0.0.1:${server.address.port}\n`)
