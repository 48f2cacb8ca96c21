import type postgres from 'postgres'

/** Hears notifications on a connection of its own, which can be made anew. */
export interface Listener {
  listen(channel: string, heard: (payload: string) => void, onListening?: () => void): Promise<void>
  renew(): void
  end(): Promise<void>
}

/**
 * postgres.js listens on one more connection than it is given, and again after each loss that it notices. What it does
 * not notice (a half-open connection, a pooler that gives the session to somebody else) `renew` is for.
 */
export function createListener(open: () => postgres.Sql): Listener {
  const subscriptions: Parameters<Listener['listen']>[] = []
  let client = open()
  return {
    async listen(...subscription) {
      subscriptions.push(subscription)
      try {
        await client.listen(...subscription)
      } catch (error) {
        // Whoever asked will ask again.
        subscriptions.splice(subscriptions.indexOf(subscription), 1)
        throw error
      }
    },
    renew() {
      const old = client
      client = open()
      // A failure here is one that postgres.js tries again after.
      for (const subscription of subscriptions) void client.listen(...subscription).catch(() => {})
      void old.end({ timeout: 0 })
    },
    end: () => client.end({ timeout: 0 }),
  }
}
