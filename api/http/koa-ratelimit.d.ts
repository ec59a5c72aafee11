// What is used of koa-ratelimit, which brings no types.
declare module 'koa-ratelimit' {
  import type { Context, Middleware } from 'koa'

  interface Options {
    driver: 'memory'
    /** Entries by `limit:<id>`; without one of its own each request would be the first. `reset` is in seconds. */
    db: Map<string, { reset: number; remaining: number }>
    /** ms. */
    duration: number
    max: number
    errorMessage: string
    disableHeader: boolean
    id(ctx: Context): string
    /** What it throws is what the request is answered. */
    onLimited(ctx: Context): void
  }
  export default function ratelimit(options: Options): Middleware
}
