// Loaded before a server: its clock is CLOCK_DAYS ahead, and goes a minute on with each SIGUSR2, and it says so; see `SpawnedProcess.later`.
const now = Date.now
const aheadMs = Number(process.env['CLOCK_DAYS'] ?? 0) * 86_400_000
let minutes = 0
Date.now = () => now() + aheadMs + minutes * 60_000
process.on('SIGUSR2', () => {
  minutes++
  process.stdout.write(`clock turned by ${String(minutes)} min\n`)
})
