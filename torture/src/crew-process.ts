// A crew in a process of its own. It ends with its parent.
import { Crew, type Order, type Report } from './crew.ts'

const crew = new Crew((report: Report) => {
  process.send?.(report)
  if ('closed' in report) process.disconnect?.()
})
process.on('message', (order: Order) => crew.order(order))
process.on('disconnect', () => process.exit())
