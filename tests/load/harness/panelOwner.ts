import type { NodeProcess } from './rollcall.js'

export interface PanelOwner {
  email: string
  password: string
}

/** What `startNode` is given to have the owner. */
export const ownerEnv = ({ email, password }: PanelOwner): Record<string, string> => ({
  ROLLCALL_OWNER_EMAIL: email,
  ROLLCALL_OWNER_PASSWORD: password,
})

/** @returns the cookies of the owner's new session, as a browser sends them */
export async function signInOwner(node: NodeProcess, owner: PanelOwner): Promise<string> {
  const answer = await fetch(`${node.url}/sign-in`, {
    method: 'POST',
    redirect: 'manual',
    headers: { Origin: node.url, 'Content-Type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ ...owner }),
  })
  const cookies = answer.headers.getSetCookie().map((one) => one.split(';')[0])
  if (answer.status !== 303) throw new Error(`the owner could not sign in: ${answer.status}`)
  return cookies.join('; ')
}
