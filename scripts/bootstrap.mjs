// What every npm script runs first: installs the dependencies when the lock file is not what was installed last, and with `build` makes the client.
// Plain Node 20 without dependencies, since nothing is installed yet. Prints only when it has something to do.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const stamp = join(root, 'node_modules', '.skein-install')
const node24 = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
// The lock file names the binaries of the platform it was written on only, and npm fetches no other's then. Elsewhere it is left out; versions are exact.
const lockedPlatform = 'linux-x64-glibc'

function fail(message) {
  console.error(`\n${message}`)
  process.exit(1)
}

function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options })
  if (result.status === 0) return
  const why = result.error?.message ?? (result.signal ? `ended by ${result.signal}` : `exit code ${result.status}`)
  fail(`${command} ${args.join(' ')} failed (${why}). Mend that, then run the same command again.`)
}

// The npm and the Node that the person called, never those in node_modules: an install may replace that folder under itself.
const hostNode = process.env.npm_node_execpath ?? process.execPath
const npm = process.env.npm_execpath
const runNpm = (args) => (npm ? run(hostNode, [npm, ...args]) : run('npm', args))

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) fail(`Skein needs Node 20.19 or newer to install itself; this is ${process.version}.`)

const libc = process.platform !== 'linux' ? '' : process.report.getReport().header.glibcVersionRuntime ? '-glibc' : '-musl'
const platform = `${process.platform}-${process.arch}${libc}`
const wanted = `${createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .digest('hex')} ${platform}`
const installed = existsSync(stamp) && existsSync(node24) ? readFileSync(stamp, 'utf8') : ''

if (installed !== wanted) {
  console.log(installed ? 'Dependencies changed. Installing…' : 'Installing… (the first time about half a minute)')
  rmSync(stamp, { force: true })
  // Not `npm ci`: it refuses a lock file that lacks other platforms' packages. --no-save leaves the lock file as it is.
  const lock = platform === lockedPlatform ? [] : ['--no-package-lock']
  runNpm(['install', '--no-save', ...lock, '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'])
  // With npm's `ignore-scripts` the package `node` has not fetched its binary yet.
  if (!existsSync(node24)) run(hostNode, ['installArchSpecificPackage.js'], { cwd: join(root, 'node_modules', 'node') })
  const version = spawnSync(node24, ['--version'], { encoding: 'utf8' }).stdout?.trim() ?? 'none'
  if (!version.startsWith('v24.')) fail(`Skein runs on Node 24, and installing it as a package gave ${version || 'none'} on ${platform}.`)
  writeFileSync(stamp, wanted)
}

if (process.argv[2] === 'build') run(node24, [join(root, 'scripts', 'build-client.mjs')])
