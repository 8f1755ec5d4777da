// Loaded before a server: its clock goes a minute on with each SIGUSR2, and it says so; see `SpawnedProcess.later`.
const now = Date.now
let minutes = 0
Date.now = () => now() + minutes * 60_000
process.on('SIGUSR2', () => {
  minutes++
  process.stdout.write(`clock turned by ${String(minutes)} min\n`)
})
