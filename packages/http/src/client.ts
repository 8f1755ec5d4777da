// The typed client: `createClient(server).api.chats[':id'].messages.$get(…)`, by Hono's `hc`. What comes back is not checked here.
import type { OpenAPIHono, RouteConfig } from '@hono/zod-openapi'
import type { Hono } from 'hono'
import { hc, type ClientRequestOptions } from 'hono/client'
import type { BlankEnv, ExtractSchema } from 'hono/types'
import type { Routes } from './index.ts'

type Described<R extends RouteConfig> = ReturnType<typeof described<R>>
declare const described: OpenAPIHono['openapi']
type AllRoutes = { [K in keyof Routes]: Described<Routes[K]> }[keyof Routes]

export type Client = ReturnType<typeof createClient>

/** `server`: its address without a path; empty for the page's own. */
export const createClient = (server: string, options: ClientRequestOptions) => hc<Hono<BlankEnv, ExtractSchema<AllRoutes>>>(server, options)
