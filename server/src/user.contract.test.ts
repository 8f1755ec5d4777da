import { describeUserCommand } from './user.suite.ts'

describeUserCommand({ fresh: () => Promise.resolve({}), shared: false })
