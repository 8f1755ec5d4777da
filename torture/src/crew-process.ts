// A crew in a process of its own. It ends with its parent.
import { Crew, type Order, type Report } from './crew.ts'

const crew = new Crew(
  (report: Report) =>
    new Promise((resolve) => {
      // A parent that has died hears nothing any more; `disconnect` ends this process.
      process.send?.(report, undefined, undefined, () => resolve())
      if ('closed' in report) process.disconnect?.()
    }),
)
process.on('message', (order: Order) => crew.order(order))
process.on('disconnect', () => process.exit())
