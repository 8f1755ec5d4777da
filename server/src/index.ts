// The face of @skein/server: the server as main.ts starts it, for a test or a program that brings its own settings.
export { startServer, type RunningServer, type Surroundings } from './start.ts'
export { readSettings, type Settings } from './settings.ts'
export { StartError } from './start-error.ts'
