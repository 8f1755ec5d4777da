// A backup inside the database itself, so that a test can put yesterday back on both databases under a storage that is open.
import type { Lab } from './lab.ts'

/** Those that others refer to first. */
const tables = [
  'users',
  'sessions',
  'used_tokens',
  'chats',
  'chat_members',
  'epochs',
  'client_ids',
  'operations',
  'messages',
  'reactions',
  'updates',
  'snapshots',
  'commits',
  'deletions',
  'edits',
  'erasures',
  'sweeps',
  'erased_users',
]
let backups = 0

/** Resolves with what restores the database to how it is now. */
export async function backup(lab: Lab, url: string): Promise<() => Promise<void>> {
  const mark = `backup_${++backups}_`
  for (const table of tables) await lab.query(url, `create table ${mark}${table} as select * from ${table}`)
  return async () => {
    for (const table of tables.toReversed()) await lab.query(url, `delete from ${table}`)
    for (const table of tables) await lab.query(url, `insert into ${table} select * from ${mark}${table}`)
  }
}
