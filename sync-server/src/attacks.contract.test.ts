import { attackSuite } from './attacks.suite.ts'

attackSuite(async () => 'sqlite::memory:')
