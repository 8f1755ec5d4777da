import { describeDeveloper } from './developer.suite.ts'

describeDeveloper(() => Promise.resolve({}))
