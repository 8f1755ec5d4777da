// Loaded into each server that is measured: on SIGUSR2 it collects garbage and prints how much memory is left in use.
const collect = (globalThis as { gc?: () => void }).gc

process.on('SIGUSR2', () => {
  setTimeout(() => {
    collect?.()
    collect?.()
    const { rss, heapUsed, external } = process.memoryUsage()
    process.stdout.write(`probe ${JSON.stringify({ rss, used: heapUsed + external })}\n`)
  }, 500)
})
