import { unluckySuite } from './unlucky.suite.ts'

unluckySuite(async () => 'sqlite::memory:')
