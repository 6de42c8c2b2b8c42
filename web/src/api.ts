// What the service says (docs/openapi.json).

export type Language = 'en' | 'ru'
export type Text = Record<Language, string>

export interface Failure {
  code: string
  what: Text
  todo: Text
}

export interface Job {
  id: string
  study_id: string
  state: 'queued' | 'running' | 'done' | 'failed' | 'cancelled'
  stage: string | null
  percent: number
  cancel_requested: boolean
  failure: Failure | null
  started_at: string | null
  finished_at: string | null
}

export interface Result {
  number: number
  kind: 'ct' | 'xray' | 'other'
  study_uid: string
  series_uid: string
  study_date: string
  sex: string
  age: number | null
  trust: 'good' | 'usable' | 'unfit'
  verdict: 'normal' | 'pathology' | 'uncertain' | null
  probability: number | null
  finding: { id: string; name: Text; said: Text } | null
  seconds: number
  failure: Failure | null
  patient: string | null
}

export interface Study {
  id: string
  name: string
  bytes: number
  created_at: string
  job: Job
  results: Result[]
}

export interface Problem {
  title: string
  detail: string
  code: string
  status?: number
}

/** What went wrong, in the words of the service. */
export class ServiceError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.title)
  }
}

let language: Language = 'en'
export function speak(wanted: Language): void {
  language = wanted
}

/** The problem that an answer tells of. What lies between may answer without one. */
async function failureOf(answer: Response): Promise<ServiceError> {
  const said = await answer.json().catch(() => null)
  return new ServiceError(said ?? { title: `${answer.status} ${answer.statusText}`, detail: '', code: '' })
}

// What a session's changes carry, so that no other page can make them.
let csrfToken: string | null = null
export function setCsrfToken(token: string | null): void {
  csrfToken = token
}
const changing = (): Record<string, string> => (csrfToken ? { 'X-CSRF-Token': csrfToken } : {})

/** Called when the service wants a sign-in first: a session may end while the page is open. */
export let onSignInNeeded: () => void = () => {}
export function whenSignInNeeded(act: () => void): void {
  onSignInNeeded = act
}

/** Asks, with a JSON body when there is one. Throws ServiceError. */
export async function ask(method: string, path: string, body?: unknown): Promise<Response> {
  const headers: Record<string, string> = { 'Accept-Language': language, ...(method === 'GET' ? {} : changing()) }
  if (body !== undefined) headers['Content-Type'] = 'application/json'
  const answer = await fetch(path, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
  if (answer.ok) return answer
  const failure = await failureOf(answer)
  if (failure.problem.code === 'SIGN_IN_NEEDED') onSignInNeeded()
  throw failure
}

/** A file as it is. */
export async function fetchFile(url: string, signal: AbortSignal, headers: Record<string, string> = {}): Promise<Response> {
  const answer = await fetch(url, { signal, headers: { 'Accept-Language': language, ...headers } })
  if (!answer.ok) throw await failureOf(answer)
  return answer
}

/** Where the files of a result are. */
export function folderOf(id: string, number: number): string {
  return `/api/v1/studies/${encodeURIComponent(id)}/results/${number}`
}

/** A JSON file of a result; null where it is not there. */
export async function fetchJson<T>(url: string, signal: AbortSignal): Promise<T | null> {
  const answer = await fetch(url, { signal, headers: { 'Accept-Language': language } })
  if (answer.status === 404) return null
  if (!answer.ok) throw await failureOf(answer)
  return answer.json()
}

export async function studies(query: Record<string, string>): Promise<{ studies: Study[]; total: number }> {
  const words = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== ''))
  return (await ask('GET', `/api/v1/studies?${words}`)).json()
}

export async function study(id: string): Promise<Study> {
  return (await ask('GET', `/api/v1/studies/${id}`)).json()
}

export async function change(job: string, what: 'cancel' | 'retry'): Promise<void> {
  await ask('POST', `/api/v1/jobs/${job}/${what}`)
}

export async function remove(id: string): Promise<void> {
  await ask('DELETE', `/api/v1/studies/${id}`)
}

/** crypto.randomUUID() is for secure addresses alone; a department may have another one. */
function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** Sends one study; `progressed` hears the share of it that has been sent. */
export function upload(file: File, progressed: (share: number) => void): Promise<Study> {
  return sendFile(`/api/v1/studies?name=${encodeURIComponent(file.name)}`, file, progressed)
}

/** Sends one file as the body of a POST. */
export function sendFile<T>(url: string, file: File, progressed: (share: number) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    // fetch cannot say how much of a body it has sent.
    const request = new XMLHttpRequest()
    request.open('POST', url)
    request.setRequestHeader('Accept-Language', language)
    request.setRequestHeader('Content-Type', 'application/octet-stream')
    request.setRequestHeader('Idempotency-Key', newKey())
    for (const [name, value] of Object.entries(changing())) request.setRequestHeader(name, value)
    request.upload.onprogress = (event) => progressed(event.loaded / Math.max(1, event.total))
    request.onerror = () => reject(new Error('connection'))
    request.onload = () => {
      const answer = new Response(request.status === 204 ? null : request.responseText, { status: request.status, statusText: request.statusText })
      if (answer.ok) answer.json().then(resolve, reject)
      else void failureOf(answer).then(reject)
    }
    request.send(file)
  })
}
