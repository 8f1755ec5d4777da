// The programs that some tests need beside npm's packages: found, or installed where that is possible, or asked for.
import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

const programs = {
  mariadb: { names: ['mariadbd', 'mysqld'], debian: 'mariadb-server' },
  redis: { names: ['redis-server'], debian: 'redis-server' },
  chromium: { names: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'], debian: 'chromium' },
}
const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin', '/usr/libexec', '/opt/homebrew/bin']

function isThere(name) {
  return programs[name].names.some((file) =>
    folders.some((folder) => {
      try {
        accessSync(join(folder, file), constants.X_OK)
        return true
      } catch {
        return false
      }
    }),
  )
}

/** Makes sure that these programs are there. @returns {string | null} what to do when one is not */
export function ensurePrograms(names) {
  const missing = names.filter((name) => !isThere(name))
  if (missing.length === 0) return null
  const packages = missing.map((name) => programs[name].debian).join(' ')
  const command = `apt-get update && apt-get install --yes --no-install-recommends ${packages}`
  if (process.getuid?.() === 0 && spawnSync('apt-get', ['--version']).status === 0) {
    console.log(`Installing ${packages}…`)
    const { status } = spawnSync('sh', ['-c', command], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    })
    if (status === 0 && missing.every(isThere)) return null
  }
  return `These tests need ${missing.join(' and ')}. On Debian: sudo sh -c '${command}'. Then run the same command again.`
}
