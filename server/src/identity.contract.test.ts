import { describeIdentity } from './identity.suite.ts'

describeIdentity({ fresh: () => Promise.resolve({}), shared: false })
