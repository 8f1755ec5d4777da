import { describeOpenId } from './openid.suite.ts'

describeOpenId({ fresh: () => Promise.resolve({}), shared: false })
