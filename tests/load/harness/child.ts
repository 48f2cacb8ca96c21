import { type ChildProcess, fork } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { z } from 'zod'
import { SUBJECT_CORE } from './machine.js'

export interface Child {
  pid: number
  /** One question at a time; rejects when the process ends before it has answered. */
  ask<T>(question: unknown, answer: z.ZodType<T>): Promise<T>
  /** Resolves when what it has written matches. */
  says(pattern: RegExp): Promise<void>
  stop(): Promise<void>
}

export interface ChildOptions {
  words?: string[]
  env?: Record<string, string>
  /** On the core of what is measured and nowhere else. */
  measured?: boolean
  /** Options of Node itself. */
  nodeOptions?: string[]
}

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1))

/** A Node process of its own, which ends with this one. */
export function startChild(program: URL, options: ChildOptions = {}): Child {
  const { words = [], env = {}, measured = false, nodeOptions = [] } = options
  const pin = measured
    ? { execPath: 'taskset', execArgv: ['--cpu-list', SUBJECT_CORE, process.execPath, ...nodeOptions] }
    : { execArgv: nodeOptions }
  const child = fork(fileURLToPath(program), words, {
    ...pin,
    env: { PATH: process.env['PATH'], NODE_ENV: 'production', ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  running.add(child)
  let written = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      written = (written + chunk.toString()).slice(-20_000)
    })
  }
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => {
      running.delete(child)
      resolve()
    })
  })
  const orEnd = <T>(wait: (settle: (value: T) => void) => () => void) =>
    new Promise<T>((resolve, reject) => {
      const forget = wait((value) => {
        forget()
        resolve(value)
      })
      void ended.then(() => {
        forget()
        reject(new Error(`${fileURLToPath(program)} ${words.join(' ')} ended:\n${written}`))
      })
    })
  return {
    pid: child.pid ?? 0,
    ask: async (question, answer) => {
      const said = await orEnd<unknown>((settle) => {
        child.once('message', settle)
        child.send(question as object)
        return () => child.off('message', settle)
      })
      return answer.parse(said)
    },
    says: (pattern) =>
      orEnd<void>((settle) => {
        const look = () => {
          if (pattern.test(written)) settle()
        }
        child.stdout?.on('data', look)
        child.stderr?.on('data', look)
        look()
        return () => {
          child.stdout?.off('data', look)
          child.stderr?.off('data', look)
        }
      }),
    stop: async () => {
      child.kill('SIGTERM')
      const impatient = setTimeout(() => child.kill('SIGKILL'), 3_000)
      await ended
      clearTimeout(impatient)
    },
  }
}

/** The child's side: answers each question that its parent asks, and ends with it. */
export function answerParent<Q>(question: z.ZodType<Q>, answer: (question: Q) => Promise<unknown>): void {
  process.on('message', (asked: unknown) => {
    answer(question.parse(asked)).then(
      (said) => process.send?.(said ?? null),
      (error: unknown) => {
        console.error(error)
        process.exit(1)
      },
    )
  })
  process.on('disconnect', () => process.exit())
}

const TICKS_A_SECOND = 100

/** CPU time of a process and all its threads so far, in ms, to the nearest 10. Linux. */
export function cpuMs(pid: number): number {
  // The name, in parentheses, may hold blanks: the fields are counted from behind it.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
  return ((Number(fields[11]) + Number(fields[12])) * 1_000) / TICKS_A_SECOND
}

/** The same of its main thread alone, to the nanosecond, as of when it last waited for something. Linux. */
export const mainThreadCpuMs = (pid: number): number =>
  Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6

/** Resident memory of a process, now and at most so far. Linux. */
export function memoryMb(pid: number): { now: number; most: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const mb = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1_024
  return { now: mb('VmRSS'), most: mb('VmHWM') }
}
