import { describeServerProcess } from './process.suite.ts'

describeServerProcess({ fresh: () => Promise.resolve({}), shared: false })
