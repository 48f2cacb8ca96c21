import { execFileSync } from 'node:child_process'
import { availableParallelism, cpus, totalmem } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'

export interface Machine {
  cpu: string
  cores: number
  memoryGb: number
  node: string
  /** Kernel and architecture. */
  system: string
  /** RFC 3339, when the numbers were taken. */
  at: string
  /** Percent of all cores that others used in the second before: anything but nearly nothing makes the numbers doubtful. */
  busyBefore: number
}

/** Call it before anything is started. */
export async function describeMachine(): Promise<Machine> {
  const before = ticks()
  await pause(1_000)
  const after = ticks()
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.versions.node,
    system: execFileSync('uname', ['-srm'], { encoding: 'utf8' }).trim(),
    at: new Date().toISOString(),
    busyBefore: Math.round((100 * (after.busy - before.busy)) / (after.all - before.all)),
  }
}

function ticks(): { busy: number; all: number } {
  const times = cpus().map((cpu) => cpu.times)
  const all = times.reduce((sum, { user, nice, sys, idle, irq }) => sum + user + nice + sys + idle + irq, 0)
  return { busy: all - times.reduce((sum, { idle }) => sum + idle, 0), all }
}

/** The core of what is measured. */
export const SUBJECT_CORE = '0'

/**
 * Keeps this process, and all that it starts from now on, off the core of what is measured: load, PostgreSQL, Redis.
 *
 * @throws Error, in words, where that can't be done
 */
export function leaveSubjectCore(): void {
  const cores = availableParallelism()
  if (cores < 2) throw new Error('The benchmarks need two cores: one for what is measured, one for what measures it.')
  try {
    execFileSync('taskset', ['--all-tasks', '--cpu-list', '--pid', `1-${cores - 1}`, String(process.pid)])
  } catch (error) {
    throw new Error('The benchmarks need Linux with taskset (package util-linux).', { cause: error })
  }
}

/** Gives the core of what is measured to a process's main thread; its other threads stay where they are. */
export function pinMainThread(pid: number): void {
  execFileSync('taskset', ['--cpu-list', '--pid', SUBJECT_CORE, String(pid)])
}
