// A backup as operators make it: a copy of the SQLite database, or a dump of a MySQL or MariaDB one; and its way back.
import { execFileSync } from 'node:child_process'
import { rmSync, copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { World } from './world.ts'

/** Made while the server runs; what it returns replaces the database while the server is down. */
export function backUpFile({ databaseUrl, dataDir }: World): () => void {
  const copy = join(dataDir, 'backup')
  if (!databaseUrl) {
    const file = join(dataDir, 'skein.db')
    const database = new DatabaseSync(file)
    database.exec(`VACUUM INTO '${copy}'`)
    database.close()
    return () => {
      for (const end of ['', '-wal', '-shm']) rmSync(file + end, { force: true })
      copyFileSync(copy, file)
    }
  }
  const { hostname, port, username, pathname } = new URL(databaseUrl)
  const name = pathname.slice(1)
  const server = [`--host=${hostname}`, `--port=${port}`, `--user=${username}`, '--protocol=tcp']
  writeFileSync(copy, execFileSync('mariadb-dump', [...server, '--single-transaction', name], { maxBuffer: 1024 ** 3 }))
  return () => {
    execFileSync('mariadb', [...server, '--execute', `drop database \`${name}\`; create database \`${name}\` character set utf8mb4`])
    execFileSync('mariadb', [...server, name], { input: readFileSync(copy) })
  }
}
