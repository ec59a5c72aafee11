// A thread that asks Redis for a PONG over and over, and writes down how long each was kept waiting, and how much of that Redis worked.
import { readFileSync } from 'node:fs'
import { setTimeout as rest } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { Redis } from 'ioredis'
import type { Ping } from './pings.ts'

const { url, pid, everyMs } = workerData as { url: string; pid: number; everyMs: number }
const redis = new Redis(url, { maxRetriesPerRequest: null, connectionName: 'pings' })
const pings: Ping[] = []
let isOver = false

/** Processor time that the thread of Redis that serves commands has used so far, in ms. */
const worked = (): number => Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6

const ask = async (): Promise<void> => {
  const [at, workedBefore, begun] = [Date.now(), worked(), performance.now()]
  await redis.ping()
  const ms = performance.now() - begun
  pings.push({ at, ms, heldMs: Math.min(ms, worked() - workedBefore) })
}

parentPort?.once('message', () => (isOver = true))
while (!isOver) {
  await ask()
  await rest(everyMs)
}
redis.disconnect()
parentPort?.postMessage(pings)
