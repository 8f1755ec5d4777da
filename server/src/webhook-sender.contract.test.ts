import { describeWebhooks } from './webhook-sender.suite.ts'

describeWebhooks({ fresh: () => Promise.resolve('sqlite::memory:'), shared: false })
