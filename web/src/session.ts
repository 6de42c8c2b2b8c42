// Who looks at the page, and what that one may do.
import { ask, setCsrfToken } from './api'

export type Right = 'read' | 'upload' | 'remove' | 'names' | 'admin'

export interface Me {
  signed_in: boolean
  sign_in_needed: boolean
  user: string | null
  role: 'viewer' | 'operator' | 'admin' | null
  rights: Right[]
  csrf_token: string | null
}

let me: Me | null = null

function become(one: Me): Me {
  me = one
  setCsrfToken(one.csrf_token)
  return one
}

export async function whoAmI(): Promise<Me> {
  return become(await (await ask('GET', '/api/v1/me')).json())
}

export async function signIn(user: string, password: string): Promise<Me> {
  return become(await (await ask('POST', '/api/v1/session', { user, password })).json())
}

/** The sessions that the old password opened end; this page gets a new one. */
export async function changePassword(password: string, next: string): Promise<Me> {
  return become(await (await ask('POST', '/api/v1/me/password', { password, new_password: next })).json())
}

export async function signOut(): Promise<void> {
  await ask('DELETE', '/api/v1/session')
}

/** As whose work the service keeps what this one does. */
export function account(): string {
  return me?.user ?? ''
}

export function may(right: Right): boolean {
  return me?.rights.includes(right) ?? false
}
